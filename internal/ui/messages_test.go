package ui

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryLanguageSaysEverything(t *testing.T) {
	want := messages[fallback]
	for _, lang := range Languages() {
		for key, english := range want {
			text := messages[lang][key]
			if strings.TrimSpace(text) == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s.json: %s is missing, or begins or ends with a space", lang, key)
			}
			if !slices.Equal(placeholder.FindAllString(text, -1), placeholder.FindAllString(english, -1)) {
				t.Errorf("%s.json: %s has other placeholders than en.json", lang, key)
			}
			if strings.ContainsAny(text, "<>!") {
				t.Errorf("%s.json: %s has markup or an exclamation mark", lang, key)
			}
		}
		for key := range messages[lang] {
			if _, ok := want[key]; !ok {
				t.Errorf("%s.json: %s is not a key of en.json", lang, key)
			}
		}
	}
}

// TestAllLanguagesOfTheUnionAreSpoken: the 24 official ones (Council Regulation No 1 of 1958).
func TestAllLanguagesOfTheUnionAreSpoken(t *testing.T) {
	union := "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
	if got := strings.Join(Languages(), " "); got != union {
		t.Errorf("spoken are %s, want %s", got, union)
	}
}

// TestKeysStandInTheOrderOfEnglish lets two files be read side by side. Reading tokens also finds a
// key given twice, which decoding into a map would hide.
func TestKeysStandInTheOrderOfEnglish(t *testing.T) {
	want := keysOf(t, fallback)
	for _, lang := range Languages() {
		if got := keysOf(t, lang); !slices.Equal(got, want) {
			t.Errorf("%s.json: keys are not those of en.json in the same order", lang)
		}
	}
}

func keysOf(t *testing.T, lang string) []string {
	t.Helper()
	text, err := messageFiles.ReadFile("messages/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	tokens := json.NewDecoder(bytes.NewReader(text))
	var keys []string
	for i := 0; ; i++ {
		token, err := tokens.Token()
		if err != nil || token == json.Delim('}') {
			return keys
		}
		if i%2 == 1 {
			keys = append(keys, token.(string))
		}
	}
}

func TestTranslatorsAreToldWhatEveryKeyMeans(t *testing.T) {
	guide, err := os.ReadFile("messages/GUIDE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keysOf(t, fallback) {
		named := key
		switch {
		case strings.HasPrefix(key, "purpose."):
			named = "purpose.*" + key[strings.LastIndex(key, "."):]
		case strings.HasPrefix(key, "number."):
			named = "number.*"
		}
		within := strings.HasPrefix(key, "choice.") // a range there: choice.none … choice.accepted
		if !within && !bytes.Contains(guide, []byte("`"+named+"`")) {
			t.Errorf("GUIDE.md does not mention %s", named)
		}
	}
}

func TestEveryMessageIsShownSomewhere(t *testing.T) {
	var sources strings.Builder
	for _, name := range []string{"panel.html", "page.html", "page.go", "fragment.go", "messages.go", "held.go", "held.html", "step.go", "step.html"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(text)
	}
	for key := range messages[fallback] {
		computed := regexp.MustCompile(`^(purpose|choice|error|stop|number|step\.(wrong|early)$)`).MatchString(key)
		shown := strings.Contains(sources.String(), `"`+key+`"`)
		if !computed && !shown {
			t.Errorf("not shown anywhere: %s", key)
		}
	}
}

// TestRefusersRecogniseTheWords holds the wording that programs which refuse for the visitor look for.
func TestRefusersRecogniseTheWords(t *testing.T) {
	words := map[string]string{
		"de": "Alle ablehnen", "en": "Reject all", "es": "Rechazar todo", "fr": "Tout refuser", "it": "Rifiuta tutto",
		"nl": "Alles weigeren", "pl": "Odrzuć wszystkie", "pt": "Rejeitar tudo",
	}
	for lang, word := range words {
		if texts, ok := messages[lang]; ok && texts["button.reject"] != word {
			t.Errorf("%s.json: button.reject is %q, want %q", lang, texts["button.reject"], word)
		}
	}
}

func TestNegotiate(t *testing.T) {
	for _, c := range []struct{ choice, header, site, want string }{
		{"", "", "", "en"},
		{"fr", "en", "en", "fr"},
		{"fr-BE", "en", "en", "fr"},
		{"tlh", "fr", "en", "fr"},
		{"", "fr-CH, fr;q=0.9, en;q=0.8", "en", "fr"},
		{"", "zh, fr;q=0.5", "en", "fr"},
		{"", "en;q=0.1, fr;q=0.9", "", "fr"},
		{"", "zh", "fr", "fr"},
		{"", "zh", "tlh", "en"},
		{"", "*", "fr", "fr"},
		{"", ";;;=,q", "fr", "fr"},
		{"", strings.Repeat("en,", 100) + "en", "fr", "fr"},
		{"../../en", "", "fr", "fr"},
	} {
		for range 2 { // the second time from memory
			if got := Negotiate(c.choice, c.header, c.site); got != c.want {
				t.Errorf("Negotiate(%q, %q, %q) = %q, want %q", c.choice, c.header, c.site, got, c.want)
			}
		}
	}
}

func TestInventedHeadersDoNotFillMemory(t *testing.T) {
	m := newMatcher([]string{"en", "fr"})
	for i := range 3 * maxRemembered {
		m.match(strings.Repeat("fr,", i%80) + "en;q=0." + strings.Repeat("1", i/80+1))
	}
	if len(m.seen) > maxRemembered {
		t.Errorf("%d headers remembered, %d at most", len(m.seen), maxRemembered)
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, header := range []string{"fr", "en-GB;q=0.8, *;q=0.1", "x-y-z,,;q=", "fr\x00", "zh-Hant-TW"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, choice := range []string{"", header} {
			if lang := Negotiate(choice, header, header); messages[lang] == nil {
				t.Errorf("%q is not spoken", lang)
			}
		}
	})
}

func BenchmarkNegotiate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Negotiate("", "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en")
	}
}
