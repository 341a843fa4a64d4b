package ui

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestGuardHoldsScriptsToTheDecisions runs the guard as browsers get it; the cases are in the script.
func TestGuardHoldsScriptsToTheDecisions(t *testing.T) {
	runs(t, guardText, "testdata/guard.js")
}

func TestGuardStaysUnder2048BytesCompressed(t *testing.T) {
	if n := gzipped(t, []byte(guardText)); n > 2048 {
		t.Errorf("the guard takes %d bytes compressed, 2048 at most", n)
	}
}

func TestGuardIsTheSameForEverybody(t *testing.T) {
	one := string(AppendGuard(nil, NewRules("_ga", "", "session", nil, nil), "example.fr", 1))
	other := string(AppendGuard(nil, NewRules("", "_ga", "keep", []string{"marketing"}, nil), "*", 33955200))
	for _, element := range []string{one, other} {
		if !strings.Contains(element, ">"+guardText+"</script>") {
			t.Error("the element does not contain the guard as hashed")
		}
	}
}

func TestGuardDataCannotBreakOut(t *testing.T) {
	hostile := `"><script>alert('&')</script>` + "\x00"
	element := AppendGuard(nil, NewRules(hostile, "a "+hostile, hostile, []string{hostile}, nil), hostile, -5)
	tokens := html.NewTokenizer(bytes.NewReader(element))
	tokens.Next()
	got := map[string]string{}
	for _, attribute := range tokens.Token().Attr {
		got[attribute.Key] = attribute.Val
	}
	shown := strings.ReplaceAll(hostile, "\x00", "\uFFFD")
	want := map[string]string{
		"data-drop": shown, "data-keep": "a " + shown, "data-other": shown, "data-hosts": shown, "data-left": "-5",
		"data-signals": string(appendSignals(nil, []string{hostile}, nil)),
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s reads %q, want %q", name, got[name], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("attributes %v", got)
	}
}

func TestSignalsSayWhatWasGrantedAndNothingMore(t *testing.T) {
	tests := map[string]struct{ functional, statistics, marketing bool }{
		"":                                {},
		"necessary":                       {},
		"necessary own":                   {},
		"necessary statistics":            {statistics: true},
		"necessary functional":            {functional: true},
		"necessary functional marketing":  {functional: true, marketing: true},
		"necessary statistics marketings": {statistics: true},
	}
	for granted, want := range tests {
		var got signals
		if err := json.Unmarshal(appendSignals(nil, strings.Fields(granted), nil), &got); err != nil {
			t.Fatal(err)
		}
		word := map[bool]string{true: "granted", false: "denied"}
		google := map[string]string{
			"ad_storage": word[want.marketing], "ad_user_data": word[want.marketing], "ad_personalization": word[want.marketing],
			"analytics_storage":     word[want.statistics],
			"functionality_storage": word[want.functional], "personalization_storage": word[want.functional],
			"security_storage": "granted",
		}
		word = map[bool]string{true: "allow", false: "deny"}
		wp := map[string]string{
			"functional": "allow", "preferences": word[want.functional], "statistics": word[want.statistics],
			"statistics-anonymous": word[want.statistics], "marketing": word[want.marketing],
		}
		clarity := map[string]string{"ad_Storage": google["ad_storage"], "analytics_Storage": google["analytics_storage"]}
		if !maps.Equal(got.Google, google) || !maps.Equal(got.Clarity, clarity) || !maps.Equal(got.WP, wp) || got.UET["ad_storage"] != google["ad_storage"] ||
			got.Set["ads_data_redaction"] == want.marketing || strings.Join(got.Categories, " ") != granted {
			t.Errorf("granted %q: the tags are told %+v", granted, got)
		}
		if matomo, piano := measures(t, &got); matomo != want.statistics || piano != want.statistics {
			t.Errorf("granted %q: Matomo is told %v, Piano %v", granted, matomo, piano)
		}
	}
}

func TestServicesGrantedOneByOneAreToldSo(t *testing.T) {
	for service, want := range map[string]struct{ matomo, piano bool }{
		"matomo":          {matomo: true},
		"matomo-cloud":    {matomo: true},
		"matomo-choice":   {},
		"piano-analytics": {piano: true},
		"piano-composer":  {},
	} {
		var got signals
		if err := json.Unmarshal(appendSignals(nil, []string{"necessary"}, []string{"youtube", service}), &got); err != nil {
			t.Fatal(err)
		}
		if matomo, piano := measures(t, &got); matomo != want.matomo || piano != want.piano {
			t.Errorf("%s: Matomo is told %v, Piano %v", service, matomo, piano)
		}
		if got.Google["analytics_storage"] != "denied" || got.WP["statistics"] != "deny" {
			t.Errorf("%s: all who measure are told %+v", service, got)
		}
	}
}

// measures tells what Matomo and Piano Analytics are told.
func measures(t *testing.T, s *signals) (matomo, piano bool) {
	t.Helper()
	matomo, piano = s.Matomo == "setConsentGiven", s.Piano == "opt-in"
	if !matomo && s.Matomo != "forgetCookieConsentGiven" {
		t.Errorf("Matomo has no method %q", s.Matomo)
	}
	if !piano && s.Piano != "opt-out" {
		t.Errorf("Piano has no mode %q", s.Piano)
	}
	want := map[string]any{
		"requireConsent": "v2",
		"consent":        map[string]any{"products": []any{"PA"}, "defaultPreset": map[string]any{"PA": s.Piano}},
	}
	if !reflect.DeepEqual(s.PDL, want) {
		t.Errorf("Piano finds %v, want %v", s.PDL, want)
	}
	return matomo, piano
}

func TestHashIsTheOneBrowsersCompute(t *testing.T) {
	// The example of CSP Level 3, section 2.3.1.
	if got := sourceHash("alert('Hello, world.');"); got != "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='" {
		t.Errorf("got %s", got)
	}
}

func TestStripKeepsCodeAndLosesComments(t *testing.T) {
	const source = "/* one\n   two */\na {\n\n\t// three\n\tb: c; // four\n}\n/* five */\nd\n"
	const want = "a {\nb: c; // four\n}\nd"
	if got := strip(source); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkAppendGuard(b *testing.B) {
	rules := NewRules("_ga _ga_* _fbp", "lang", "session", []string{"necessary"}, nil)
	buf := make([]byte, 0, 16<<10)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendGuard(buf[:0], rules, "example.fr", 33955200)
	}
}

// gzipped returns the size of text compressed as a server would at its best.
func gzipped(t *testing.T, text []byte) int {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}
