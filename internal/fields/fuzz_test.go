package fields

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// absolute finds an address on another host.
var absolute = regexp.MustCompile(`(?i)^\s*(https?:|//)`)

// fuzz tries two lines of a field with a judge that allows everything, which
// must leave every byte, and with one that refuses everything, after which
// left must find no address.
func fuzz(f *testing.F, field string, seeds []string, left func(lines []string) string) {
	for _, seed := range seeds {
		f.Add(seed, "")
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		lines := []string{first}
		if second != "" {
			lines = append(lines, second)
		}
		h := http.Header{field: slices.Clone(lines)}
		if removed := Govern(h, everything); removed != 0 || !slices.Equal(h[field], lines) {
			t.Fatalf("allowed: %d removed, %q became %q", removed, lines, h[field])
		}
		Govern(h, before)
		h = http.Header{field: slices.Clone(lines)}
		Govern(h, nothing)
		if address := left(h[field]); address != "" {
			t.Fatalf("%q may still be contacted: %q became %q", address, lines, h[field])
		}
		governed := slices.Clone(h[field])
		if removed := Govern(h, nothing); removed != 0 || !slices.Equal(h[field], governed) {
			t.Fatalf("not settled: %d removed, %q became %q", removed, governed, h[field])
		}
	})
}

func FuzzLink(f *testing.F) {
	fuzz(f, "Link", []string{
		"<https://third.example/a>; rel=preload, </b>; rel=next",
		`<https://third.example/a,b>; title="a, b"; rel="dns-prefetch preconnect"`,
		`</a>; rel=preload; as=image; imagesrcset="/a 1x, //third.example/b 2x"`,
		`<https://third.example>; title='a, <b>; rel=next; x='; rel=preload`,
		`<https://third.example>; title="a\"; rel=preload; x="`, ",, ;", "<", `<a>; rel="`,
	}, func(lines []string) string {
		joined := strings.Join(lines, ", ")
		for _, quotes := range []string{`"`, `"'`} {
			for _, escapes := range []bool{false, true} {
				if address := loadedLink(joined, quotes, escapes); address != "" {
					return address
				}
			}
		}
		return ""
	})
}

// loadedLink reads a Link field as one browser or another does, given what it
// takes for quotes and whether it knows backslashes, and returns an absolute
// address that it would load.
func loadedLink(field, quotes string, escapes bool) string {
	for _, link := range splitOutside(field, ',', quotes, escapes) {
		parts := splitOutside(link, ';', quotes, escapes)
		address, ok := strings.CutPrefix(strings.Trim(parts[0], space), "<")
		address, closed := strings.CutSuffix(address, ">")
		if !ok || !closed || !absolute.MatchString(address) {
			continue
		}
		for _, parameter := range parts[1:] {
			name, value, _ := strings.Cut(parameter, "=")
			if !strings.EqualFold(strings.Trim(name, space), "rel") {
				continue
			}
			for word := range strings.FieldsSeq(strings.Trim(strings.Trim(value, space), quotes)) {
				if _, loads := relations[strings.ToLower(word)]; loads {
					return address
				}
			}
		}
	}
	return ""
}

// splitOutside splits s where sep is neither quoted nor in angle brackets.
func splitOutside(s string, sep byte, quotes string, escapes bool) []string {
	var parts []string
	var until byte
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case until != 0:
			if escapes && c == '\\' && until != '>' {
				i++
			} else if c == until {
				until = 0
			}
		case c == '<':
			until = '>'
		case strings.IndexByte(quotes, c) >= 0:
			until = c
		case c == sep:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func FuzzReportTo(f *testing.F) {
	fuzz(f, "Report-To", []string{
		farGroup, ownGroup + "," + farGroup, `{"endpoints":[{"url":"//x"}],"endpoints":[]}`,
		`[{"url":"https://third.example"}]`, `{"url":{"url":"https:\/\/x"}}`, `5, null, "https://x"`, `{`, `]`,
	}, func(lines []string) string {
		var tree any
		if json.Unmarshal([]byte(asList(lines)), &tree) != nil {
			return strings.Join(lines, ", ")
		}
		return urlIn(tree)
	})
}

// urlIn returns an absolute address under a key "url" anywhere in JSON.
func urlIn(tree any) string {
	found := ""
	switch node := tree.(type) {
	case []any:
		for _, child := range node {
			found += urlIn(child)
		}
	case map[string]any:
		for key, child := range node {
			if text, ok := child.(string); ok && key == "url" && absolute.MatchString(text) {
				found += text
			}
			found += urlIn(child)
		}
	}
	return found
}

func FuzzReportingEndpoints(f *testing.F) {
	fuzz(f, "Reporting-Endpoints", []string{
		`default="https://third.example/r"`, `a="/r", b="https://th\ird.example";x="y, z"`, `a=("/r" "//x");y, b, c=:aGk=:`,
		`a=%"https://x"`, `a="`, `a=(`, `a=https://x`, ",",
	}, firstAddress)
}

func FuzzSpeculationRules(f *testing.F) {
	fuzz(f, "Speculation-Rules", []string{`"/r", "https://third.example/r";x=1`, `("https://x")`, `https://x`, `"`}, firstAddress)
}

// quotedAddress finds an absolute address in quotes, or as a value.
var quotedAddress = regexp.MustCompile(`(?i)["=]\s*(https?:|//)`)

func firstAddress(lines []string) string {
	// A parameter is no endpoint, whatever it says, nor is what a name says.
	joined := regexp.MustCompile(`;\s*[^=;,"()\s]+=("(\\.|[^"\\])*"|[^;,()"\s]*)`).ReplaceAllString(strings.Join(lines, ", "), "")
	return quotedAddress.FindString(joined)
}

func FuzzPermissionsPolicy(f *testing.F) {
	fuzz(f, "Permissions-Policy", []string{
		`ch-dpr=(self "https://third.example");x="y", camera=*`, `ch-dpr=*`, `ch-dpr="https://x"`, `CH-DPR=(*)`, `ch-dpr 'self'`, `ch-a=(`,
	}, func(lines []string) string {
		return regexp.MustCompile(`(?i)(^|[,\s])ch-[a-z]+=\(?(self )?("https?:|\*)`).FindString(strings.Join(lines, ", "))
	})
}

func FuzzPolicy(f *testing.F) {
	fuzz(f, "Content-Security-Policy", []string{
		"default-src 'self'; report-uri https://third.example/r /r; report-to x", "report-uri a,report-uri b", "\treport-uri\fa", ";,;",
	}, func(lines []string) string {
		for _, directive := range strings.FieldsFunc(strings.Join(lines, ","), func(c rune) bool { return c == ';' || c == ',' }) {
			words := strings.FieldsFunc(directive, func(c rune) bool { return strings.ContainsRune(space, c) })
			if len(words) > 1 && strings.EqualFold(words[0], "report-uri") {
				return words[1]
			}
		}
		return ""
	})
}

func FuzzFeaturePolicy(f *testing.F) {
	fuzz(f, "Feature-Policy", []string{"ch-dpr 'self' https://third.example; camera *", "ch-a *,ch-b x y"}, func(lines []string) string {
		return regexp.MustCompile(`(?i)(^|[;,\s])ch-[a-z]+ (\*|https?:)`).FindString(strings.Join(lines, ", "))
	})
}

// refreshing reads Refresh the way browsers do where they agree.
var refreshing = regexp.MustCompile(`(?i)^\s*[0-9][0-9.]*\s*[;,]\s*(url\s*=\s*)?['"]?\s*((https?:|//)[^'"\s]*)`)

func FuzzRefresh(f *testing.F) {
	fuzz(f, "Refresh", []string{"5; url=https://third.example/", "5,url = 'https://x'", "5 //x", ".5;u", "5;url", `5; url="`, "x"}, func(lines []string) string {
		return refreshing.FindString(strings.Join(lines, ", "))
	})
}

func FuzzPins(f *testing.F) {
	fuzz(f, "Expect-Ct", []string{`max-age=5, report-uri="https://third.example"`, "REPORT-URI = x", "report-uri", "report-uri="}, func(lines []string) string {
		return regexp.MustCompile(`(?i)report-uri="?https?:`).FindString(strings.Join(lines, ", "))
	})
}

func FuzzNetworkErrors(f *testing.F) {
	for _, seed := range []string{`{"report_to":"own","max_age":5}`, `{"max_age":0}`, "{", "5", `{"report_to":5}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		h := http.Header{"Nel": {value}}
		if removed := Govern(h, everything); removed != 0 || h["Nel"][0] != value {
			t.Fatalf("allowed: %q became %q", value, h["Nel"])
		}
		Govern(h, nothing)
		var left []struct {
			MaxAge float64 `json:"max_age"`
		}
		if err := json.Unmarshal([]byte(asList(h["Nel"])), &left); err != nil {
			t.Fatalf("%q became %q: %v", value, h["Nel"], err)
		}
		for _, p := range left {
			if p.MaxAge != 0 {
				t.Fatalf("%q became %q, which still reports", value, h["Nel"])
			}
		}
	})
}
