package fields

import "testing"

func TestReportingEndpointsKeepNoRefusedAddress(t *testing.T) {
	check(t, "Reporting-Endpoints", []row{
		{"own", line(`default="/r",  other="https://www.example.fr/r";x=1`), line(`default="/r",  other="https://www.example.fr/r";x=1`)},
		{"only", line(`default="https://third.example/r"`), nil},
		{"first", line(`a="https://third.example/r;x,y", b="/r"`), line(`b="/r"`)},
		{"last", line(`b="/r" , a="https://third.example/r";p="q, r"`), line(`b="/r"`)},
		{"escaped", line(`a="https://th\ird.example", b="/\"third\\"`), nil},
		{"token", line(`a=https://third.example/r, b="/r"`), line(`b="/r"`)},
		{"inner list", line(`a=("/r" "https://third.example/r"), b="/r"`), line(`b="/r"`)},
		{"display string", line(`a=%"https://third.example/r", b="/r"`), line(`b="/r"`)},
		{"no address", line(`a, b=?1, c=1.5, d=:aGk=:`), line(`a, b=?1, c=1.5, d=:aGk=:`)},
		{"mirrored", line(`a="https://cdn.example/r";x, b="/r"`), line(`a="/.privacy/mirror/cdn.example/r";x, b="/r"`)},
		{"no closing quote", []string{`b="/r"`, `a="/r`}, nil},
		{"text after a quote", line(`a="/r"x`), nil},
		{"no name", line(`="/r"`), nil},
		{"list not closed", line(`a=("/r"`), nil},
	})
}

func TestSpeculationRulesAreNotLoadedFromThirdParties(t *testing.T) {
	check(t, "Speculation-Rules", []row{
		{"own", line(`"/rules.json", "/more.json"`), line(`"/rules.json", "/more.json"`)},
		{"third party", line(`"/rules.json", "https://third.example/rules.json"`), line(`"/rules.json"`)},
		{"only", line(`"https://third.example/rules.json"`), nil},
		{"no quotes", line(`https://third.example/rules.json`), nil},
		{"unreadable", line(`"/rules.json`), nil},
	})
}

func TestClientHintsArePassedOnOnlyToThoseAllowed(t *testing.T) {
	check(t, "Permissions-Policy", []row{
		{"refused", line(`ch-ua-model=(self "https://third.example")`), line(`ch-ua-model=(self)`)},
		{"first", line(`ch-dpr=("https://third.example" self)`), line(`ch-dpr=( self)`)},
		{"all", line(`ch-dpr=("https://third.example" "https://b.third.example");x=1, camera=()`), line(`ch-dpr=();x=1, camera=()`)},
		{"one of two", line(`ch-dpr=("https://third.example" "https://images.example")`), line(`ch-dpr=( "https://images.example")`)},
		{"everybody", line(`ch-dpr=*, ch-width=(*)`), line(`ch-dpr=self, ch-width=(self)`)},
		{"without a list", line(`ch-dpr="https://third.example"`), line(`ch-dpr=()`)},
		{"wildcard", line(`ch-dpr=(self "https://*.third.example")`), line(`ch-dpr=(self)`)},
		{"other features", line(`camera=("https://third.example"), fullscreen=*`), line(`camera=("https://third.example"), fullscreen=*`)},
		{"old syntax without hints", line(`camera 'self' https://third.example`), line(`camera 'self' https://third.example`)},
		{"unreadable", line(`ch-dpr 'self' https://third.example`), nil},
		{"own", line(`ch-dpr=(self "https://img.example.fr")`), line(`ch-dpr=(self "https://img.example.fr")`)},
	})
}
