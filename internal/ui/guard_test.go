package ui

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestGuardHoldsScriptsToTheDecisions runs the guard as browsers get it; the cases are in the script.
func TestGuardHoldsScriptsToTheDecisions(t *testing.T) {
	script, _ := Guard()
	node := exec.Command("node", "testdata/guard.js")
	node.Stdin = strings.NewReader(script)
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("node (needed for this test): %v\n%s", err, out)
	}
}

func TestGuardStaysUnder2048BytesCompressed(t *testing.T) {
	script, _ := Guard()
	if n := gzipped(t, []byte(script)); n > 2048 {
		t.Errorf("the guard takes %d bytes compressed, 2048 at most", n)
	}
}

func TestGuardIsTheSameForEverybody(t *testing.T) {
	script, hash := Guard()
	one := string(AppendGuard(nil, NewRules("_ga", "", "session", nil), "example.fr", 1, false))
	other := string(AppendGuard(nil, NewRules("", "_ga", "keep", []string{"marketing"}), "*", 33955200, true))
	for _, element := range []string{one, other} {
		if !strings.Contains(element, ">"+script+"</script>") {
			t.Error("the element does not contain the guard as hashed")
		}
	}
	if hash != sourceHash(script) || strings.Contains(script, "</") {
		t.Error("the hash is not that of the script, or the script would end early")
	}
}

func TestGuardDataCannotBreakOut(t *testing.T) {
	hostile := `"><script>alert('&')</script>` + "\x00"
	element := AppendGuard(nil, NewRules(hostile, "a "+hostile, hostile, []string{hostile}), hostile, -5, false)
	tokens := html.NewTokenizer(bytes.NewReader(element))
	tokens.Next()
	got := map[string]string{}
	for _, attribute := range tokens.Token().Attr {
		got[attribute.Key] = attribute.Val
	}
	shown := strings.ReplaceAll(hostile, "\x00", "\uFFFD")
	want := map[string]string{
		"data-drop": shown, "data-keep": "a " + shown, "data-other": shown, "data-hosts": shown, "data-left": "-5",
		"data-signals": string(appendSignals(nil, []string{hostile})),
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

func TestGuardDataSpeaksTheSameInJSON(t *testing.T) {
	rules := NewRules("_ga _ga_*", "", "session", []string{"necessary"})
	text, err := json.Marshal(GuardAnswer{rules, "example.fr", 7})
	signals, _ := json.Marshal(rules.Signals)
	want := `{"drop":"_ga _ga_*","keep":"","other":"session","signals":` + string(signals) + `,"hosts":"example.fr","left":7}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
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
		if err := json.Unmarshal(appendSignals(nil, strings.Fields(granted)), &got); err != nil {
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
		if !maps.Equal(got.Google, google) || !maps.Equal(got.WP, wp) || got.UET["ad_storage"] != google["ad_storage"] ||
			got.Set["ads_data_redaction"] == want.marketing || strings.Join(got.Categories, " ") != granted {
			t.Errorf("granted %q: the tags are told %+v", granted, got)
		}
	}
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
	rules := NewRules("_ga _ga_* _fbp", "lang", "session", []string{"necessary"})
	buf := make([]byte, 0, 16<<10)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendGuard(buf[:0], rules, "example.fr", 33955200, false)
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
