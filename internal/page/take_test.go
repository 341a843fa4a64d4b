package page

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// ledger is a site that writes down what pages take from it.
type ledger []string

func (l *ledger) Take(instead string) { *l = append(*l, instead) }

func (l *ledger) Policy(content string) string {
	return strings.ReplaceAll(content, "//cdn.example", `//cdn.example "&" https://home.example/copies/`)
}

// strict are rules of a site that has copies of everything at cdn.example, and a
// policy of its own.
func strict(taken *ledger, policies ...string) *Rules {
	return &Rules{Address: &home, Site: taken, Policies: csp.Read(policies, "https"), Ask: func(u *weburl.URL) Answer {
		if u.Host != "cdn.example" {
			return Answer{OK: u.Host == home.Host}
		}
		return Answer{Instead: "/copies" + u.Path}
	}}
}

func TestNothingIsTakenThatTheSitesPolicyForbids(t *testing.T) {
	const (
		script  = `<script src="https://cdn.example/a.js"></script>`
		copied  = `<script src="/copies/a.js"></script>`
		refused = `<script type="text/plain" data-held-src="https://cdn.example/a.js"></script>`
	)
	for _, test := range []struct{ policy, page, want string }{
		{"img-src 'none'", script, copied},
		{"script-src https://cdn.example", script, copied},
		{"script-src https://cdn.example/b/", script, refused},
		{"script-src 'self'", script, refused},
		{"default-src 'self'", script, refused},
		{"script-src 'nonce-x'", `<script nonce=x src="https://cdn.example/a.js"></script>`, `<script nonce=x src="/copies/a.js"></script>`},
		{"script-src 'nonce-x'", `<script nonce=x src="https://cdn.example/a.js" <script></script>`, `<script type="text/plain" nonce=x data-held-src="https://cdn.example/a.js" <script></script>`},
		{"script-src 'sha384-x'", `<script integrity=sha384-x src="https://cdn.example/a.js"></script>`, `<script integrity=sha384-x src="/copies/a.js"></script>`},
		{"script-src cdn.example 'strict-dynamic'", script, refused},
		{"style-src cdn.example", `<link rel=stylesheet href="//cdn.example/a.css">`, `<link rel=stylesheet href="/copies/a.css">`},
		{"style-src 'self'", `<link rel=stylesheet href="//cdn.example/a.css">`, `<link rel=stylesheet data-held-href="//cdn.example/a.css">`},
		{"font-src cdn.example; default-src 'self'", `<link rel=preload as=font href="//cdn.example/a.woff2">`, `<link rel=preload as=font href="/copies/a.woff2">`},
		{"font-src cdn.example; default-src 'self'", `<link rel=preload as=track href="//cdn.example/a.vtt">`, `<link rel=preload as=track data-held-href="//cdn.example/a.vtt">`},
		{"font-src cdn.example; default-src 'self'", `<link rel="icon preload" as=font href="//cdn.example/a">`, `<link rel="icon preload" as=font data-held-href="//cdn.example/a">`},
		{"script-src cdn.example", `<link rel=modulepreload href="//cdn.example/a.js">`, `<link rel=modulepreload href="/copies/a.js">`},
		{"img-src cdn.example", `<img src="//cdn.example/a" srcset="//cdn.example/b 2x">`, `<img src="/copies/a" srcset="/copies/b 2x">`},
		{"img-src 'self'", `<img src="//cdn.example/a" srcset="//cdn.example/b 2x">`, `<img data-held-src="//cdn.example/a" data-held-srcset="//cdn.example/b 2x">`},
		{"font-src cdn.example; img-src 'self'", `<style>a{b:url(//cdn.example/a.woff2);c:url(//cdn.example/a.png)}</style>`, `<style>a{b:url(/copies/a.woff2);c:url(about:invalid)}</style>`},
		{"style-src cdn.example", `<style>@import "//cdn.example/css2?family=A";</style>`, `<style>@import "/copies/css2";</style>`},
		{"frame-src cdn.example", `<iframe src="//cdn.example/a"></iframe>`, `<iframe data-held-src="//cdn.example/a"></iframe>`},
		{"script-src 'self'", `<iframe srcdoc="<script src=//cdn.example/a.js></script>"></iframe>`, `<iframe srcdoc="&lt;script type=&#34;text/plain&#34; data-held-src=//cdn.example/a.js&gt;&lt;/script&gt;"></iframe>`},
		{"script-src 'self'", `<noscript>` + script + `</noscript>`, `<noscript>` + refused + `</noscript>`},
	} {
		var taken ledger
		got, _ := hold(t, strict(&taken, test.policy), test.page, 9)
		if got != test.want {
			t.Errorf("under %s\n got %s\nwant %s", test.policy, got, test.want)
		}
		if noted := len(taken) > 0; noted != strings.Contains(test.want, "/copies/") {
			t.Errorf("under %s, %s: noted %q", test.policy, test.page, taken)
		}
	}
}

func TestPoliciesInThePageBindWhatFollowsThem(t *testing.T) {
	const script = `<script src="https://cdn.example/a.js"></script>`
	const page = script + `<meta http-equiv=Content-Security-Policy content="script-src https://cdn.example">` + script +
		`<iframe srcdoc='<meta http-equiv="content-security-policy" content="script-src &apos;self&apos;"><script src=//cdn.example/b.js></script>'></iframe>` + script +
		`<META content="script-src 'self'" HTTP-EQUIV=CONTENT-SECURITY-POLICY>` + script
	var taken ledger
	got, _ := hold(t, strict(&taken), page, 9)
	if !slices.Equal(taken, []string{"/copies/a.js", "/copies/a.js", "/copies/a.js"}) {
		t.Errorf("taken were %q", taken)
	}
	for _, want := range []string{
		`content="script-src https://cdn.example &#34;&amp;&#34; https://home.example/copies/">`, `data-held-src=//cdn.example/b.js`,
		`<META content="script-src 'self'" HTTP-EQUIV=CONTENT-SECURITY-POLICY><script type="text/plain" data-held-src`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

// TestOnlyWhatCanBeWrittenIsTaken: where the copy's address cannot take the place
// of the original's, the original is refused.
func TestOnlyWhatCanBeWrittenIsTaken(t *testing.T) {
	for page, want := range map[string]string{
		`<meta http-equiv=refresh content="0;url=//cdn.example/a.js">`:                                    `data-held-content=`,
		`<a ping=//cdn.example/a.js href=/>x</a>`:                                                         `data-held-ping=`,
		`<script type=speculationrules>{"prefetch":[{"urls":["https://cdn.example/a.js"]}]}</script>`:     `type="text/plain"`,
		`<svg><image><animate attributeName=href values="a.svg;https://cdn.example/a.svg"></image></svg>`: `data-held-values=`,
	} {
		var taken ledger
		if got, _ := hold(t, strict(&taken), page, 9); !strings.Contains(got, want) || len(taken) > 0 {
			t.Errorf("%s became %s, taken %q", page, got, taken)
		}
	}
}
