package fields

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// before is a judge before consent: third parties and everybody are refused,
// the library host is mirrored, the site itself is left alone.
func before(address string, use Use) (string, bool) {
	if mirrored, ok := strings.CutPrefix(address, "https://cdn.example/"); ok {
		return "/.privacy/mirror/cdn.example/" + mirrored, true
	}
	return address, address != Anybody && !strings.Contains(address, "third")
}

func everything(address string, _ Use) (string, bool) { return address, true }

func nothing(string, Use) (string, bool) { return "", false }

// row is what becomes of the lines of one field.
type row struct {
	name string
	in   []string
	want []string
}

func line(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// check governs one field by the judge before consent, and by one that allows
// everything, which must leave it as it is.
func check(t *testing.T, field string, rows []row) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h := http.Header{field: slices.Clone(row.in)}
			removed := Govern(h, before)
			if !slices.Equal(h[field], row.want) {
				t.Errorf("%s: %q\n got %q\nwant %q", field, row.in, h[field], row.want)
			}
			if _, there := h[field]; there && len(row.want) == 0 {
				t.Errorf("%s is still there without a value", field)
			}
			if removed > 0 && slices.Equal(row.in, row.want) {
				t.Errorf("%s: %d removed from what did not change", field, removed)
			}
			h = http.Header{field: slices.Clone(row.in)}
			if removed := Govern(h, everything); removed != 0 || !slices.Equal(h[field], row.in) {
				t.Errorf("%s allowed: %d removed, got %q", field, removed, h[field])
			}
		})
	}
}

func TestSourceMapIsNotLoadedFromThirdParties(t *testing.T) {
	for _, field := range []string{"Sourcemap", "X-Sourcemap"} {
		check(t, field, []row{
			{"own", line("/app.js.map"), line("/app.js.map")},
			{"third party", line(" https://third.example/app.js.map"), nil},
			{"mirrored", line("https://cdn.example/a.map"), line("/.privacy/mirror/cdn.example/a.map")},
			{"one of two", []string{"//third.example/a", "/b"}, line("/b")},
			{"empty", []string{""}, []string{""}},
		})
	}
}

func TestAdvertisersNoteNothingWithoutConsent(t *testing.T) {
	for _, field := range []string{
		"Attribution-Reporting-Register-Source", "Attribution-Reporting-Register-Trigger",
		"Attribution-Reporting-Register-Os-Source", "Attribution-Reporting-Register-Os-Trigger",
		"Observe-Browsing-Topics",
	} {
		check(t, field, []row{{"dropped", line(`{"destination":"https://shop.example"}`), nil}})
	}
}

func TestAdvertisingIsItsOwnUse(t *testing.T) {
	h := http.Header{"Observe-Browsing-Topics": {"?1"}}
	removed := Govern(h, func(address string, use Use) (string, bool) { return address, use != Advertise })
	if removed != 1 || len(h) != 0 {
		t.Errorf("%d removed, %v left", removed, h)
	}
}

// TestJudgeHearsWhatFor pins the use that each field stands for.
func TestJudgeHearsWhatFor(t *testing.T) {
	const a = "https://third.example/x"
	for _, c := range []struct {
		field, value string
		want         Use
	}{
		{"Link", "<" + a + ">; rel=preload", Load},
		{"Link", "<" + a + ">; rel=preconnect", Hint},
		{"Link", "<" + a + `>; rel="dns-prefetch stylesheet"`, Load},
		{"Refresh", "0; url=" + a, Navigate},
		{"Content-Security-Policy", "report-uri " + a, Report},
		{"Reporting-Endpoints", `x="` + a + `"`, Report},
		{"Report-To", `{"max_age":1,"endpoints":[{"url":"` + a + `"}]}`, Report},
		{"Speculation-Rules", `"` + a + `"`, Load},
		{"Sourcemap", a, Load},
		{"Permissions-Policy", `ch-dpr=("` + a + `")`, Delegate},
		{"Expect-Ct", `max-age=1, report-uri="` + a + `"`, Report},
	} {
		var asked []Use
		Govern(http.Header{c.field: {c.value}}, func(address string, use Use) (string, bool) {
			if address != a {
				t.Errorf("%s: asked about %q", c.field, address)
			}
			asked = append(asked, use)
			return address, true
		})
		if !slices.Equal(asked, []Use{c.want}) {
			t.Errorf("%s: asked for %v, want %v", c.field, asked, c.want)
		}
	}
}

func TestFieldsThatNameNobodyStay(t *testing.T) {
	h := http.Header{
		"Accept-Ch":                              {"Sec-CH-UA-Model, DPR"},
		"Critical-Ch":                            {"Sec-CH-UA-Model"},
		"Cross-Origin-Opener-Policy-Report-Only": {`same-origin; report-to="default"`},
		"Cross-Origin-Embedder-Policy":           {`require-corp; report-to="default"`},
		"Integrity-Policy":                       {"blocked-destinations=(script), endpoints=(default)"},
		"Location":                               {"https://third.example/"},
		"Content-Type":                           {"text/html"},
	}
	want := h.Clone()
	if removed := Govern(h, nothing); removed != 0 || !maps.EqualFunc(h, want, slices.Equal) {
		t.Errorf("%d removed: %v", removed, h)
	}
}

// TestSharedSlicesAreNeverWritten holds what handlers rely on that hand the
// same slices to every answer.
func TestSharedSlicesAreNeverWritten(t *testing.T) {
	shared := everyField()
	for name, lines := range shared {
		shared[name] = append(slices.Clone(lines), "spare")[:len(lines)]
	}
	want := shared.Clone()
	h := maps.Clone(shared)
	if Govern(h, before) == 0 {
		t.Fatal("nothing was edited")
	}
	for name, lines := range shared {
		if !slices.Equal(lines, want[name]) {
			t.Errorf("%s was written to: %q", name, lines)
		}
		if spare := lines[:len(lines)+1]; spare[len(lines)] != "spare" {
			t.Errorf("%s was appended to in place: %q", name, spare)
		}
	}
}

func TestEarlyHintsAreGovernedToo(t *testing.T) {
	h := http.Header{
		"Link":                    {"<https://third.example>; rel=preconnect, </a.css>; rel=preload; as=style"},
		"Content-Security-Policy": {"default-src 'self'; report-uri https://third.example/r"},
		"Refresh":                 {"0; url=https://third.example/"},
	}
	if removed := GovernHints(h, before); removed != 2 {
		t.Errorf("%d removed, want 2", removed)
	}
	if got, want := h.Get("Link"), "</a.css>; rel=preload; as=style"; got != want {
		t.Errorf("Link: %q, want %q", got, want)
	}
	if got, want := h.Get("Content-Security-Policy"), "default-src 'self'"; got != want {
		t.Errorf("Content-Security-Policy: %q, want %q", got, want)
	}
	if got, want := h.Get("Refresh"), "0; url=https://third.example/"; got != want {
		t.Errorf("Refresh, which a 103 cannot have: %q, want %q", got, want)
	}
}

// TestSubstituteCannotBreakOut: a substitute that would change the meaning of
// the field is as good as a refusal.
func TestSubstituteCannotBreakOut(t *testing.T) {
	for _, substitute := range []string{"", "/a b", "/a\"", "/a>", "/a\r\nSet-Cookie: x", "/é", "/a,", `/a\`} {
		h := http.Header{"Link": {"</x>; rel=preload"}, "Reporting-Endpoints": {`a="/x"`}}
		removed := Govern(h, func(string, Use) (string, bool) { return substitute, true })
		if removed != 2 || len(h) != 0 {
			t.Errorf("%q: %d removed, %v left", substitute, removed, h)
		}
	}
	h := http.Header{"Content-Security-Policy": {"img-src *; report-uri /x"}, "Refresh": {"0;url='/x'"}}
	Govern(h, func(string, Use) (string, bool) { return "/a;';b", true })
	if got := h.Get("Content-Security-Policy"); got != "img-src *" || len(h) != 1 {
		t.Errorf("left %v", h)
	}
}

// TestUnreadableFieldCountsOnce: what was found before the field proved
// unreadable is not counted beside the field itself.
func TestUnreadableFieldCountsOnce(t *testing.T) {
	h := http.Header{"Link": {"<https://third.example>; rel=preload", "<https://third.example; rel=preload"}}
	if removed := Govern(h, before); removed != 1 || len(h) != 0 {
		t.Errorf("%d removed, %v left", removed, h)
	}
}

func TestOrdinaryAnswerCostsNoAllocation(t *testing.T) {
	h := ordinary()
	if n := testing.AllocsPerRun(100, func() { Govern(h, before) }); n != 0 {
		t.Errorf("%v allocations for an answer without any of the fields", n)
	}
}

func ordinary() http.Header {
	return http.Header{
		"Content-Type": {"text/html; charset=utf-8"}, "Content-Length": {"5120"}, "Date": {"Mon, 01 Jun 2026 10:00:00 GMT"},
		"Cache-Control": {"no-cache"}, "Etag": {`"a1"`}, "Vary": {"Cookie"}, "Server": {"Caddy"},
		"X-Content-Type-Options": {"nosniff"}, "Strict-Transport-Security": {"max-age=31536000"}, "Set-Cookie": {"a=b"},
	}
}

// everyField has something to refuse in each field.
func everyField() http.Header {
	h := http.Header{
		"Link":                                {"</a>; rel=next", "<https://third.example/a.js>; rel=preload; as=script"},
		"Refresh":                             {"5; url=https://third.example/"},
		"Content-Security-Policy":             {"default-src 'self'; report-uri /r https://third.example/r"},
		"Content-Security-Policy-Report-Only": {"default-src 'self'; report-uri https://third.example/r"},
		"Reporting-Endpoints":                 {`default="/r", far="https://third.example/r"`},
		"Report-To":                           {`{"group":"nel","max_age":9,"endpoints":[{"url":"https://third.example/r"}]}`},
		"Nel":                                 {`{"report_to":"nel","max_age":9}`},
		"Speculation-Rules":                   {`"/r.json", "https://third.example/r.json"`},
		"Sourcemap":                           {"https://third.example/a.map"},
		"X-Sourcemap":                         {"/a", "https://third.example/a.map"},
		"Permissions-Policy":                  {`ch-dpr=(self "https://third.example")`},
		"Feature-Policy":                      {`ch-dpr 'self' https://third.example`},
		"Expect-Ct":                           {`report-uri="https://third.example/r"`},
		"Public-Key-Pins":                     {`report-uri="https://third.example/r"`},
		"Public-Key-Pins-Report-Only":         {`report-uri="https://third.example/r"`},
	}
	for _, f := range final {
		if h[f.name] == nil {
			h[f.name] = []string{"?1"}
		}
	}
	return h
}
