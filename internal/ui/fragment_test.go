package ui

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file in testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; look at it, then run with -update:\n%s", file, got)
	}
}

func TestBannerGolden(t *testing.T) {
	panel := Banner("en", samplePurposes()).Append(nil, "/news?page=2&sort=new", false)
	golden(t, "panel.html", bytes.TrimSuffix(panel, []byte(panelScript)))
}

// elements returns the start tags of a piece of HTML that have the given name.
func elements(t *testing.T, text []byte, name string) []html.Token {
	t.Helper()
	var found []html.Token
	tokens := html.NewTokenizer(bytes.NewReader(text))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return found
		}
		if token := tokens.Token(); kind == html.StartTagToken && (name == "" || token.Data == name) {
			found = append(found, token)
		}
	}
}

func attribute(token html.Token, name string) string {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestRefuseWeighsAsMuchAsAccept: one class, the same attributes but for the answer itself, Refuse
// first, and no style that tells them apart.
func TestRefuseWeighsAsMuchAsAccept(t *testing.T) {
	var page bytes.Buffer
	if err := WritePage(&page, "en", PageData{Purposes: samplePurposes()}); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string][]byte{
		"panel": Banner("en", samplePurposes()).Append(nil, "/", false),
		"page":  page.Bytes(),
	} {
		buttons := slices.DeleteFunc(elements(t, text, "button"), func(b html.Token) bool {
			return attribute(b, "name") != "choice" // leads to the privacy page
		})
		if len(buttons) < 2 || attribute(buttons[0], "value") != "refuse" || attribute(buttons[1], "value") != "accept" {
			t.Fatalf("%s: the buttons are %v", where, buttons)
		}
		for i := range buttons {
			for j, a := range buttons[i].Attr {
				if a.Key == "value" {
					buttons[i].Attr[j].Val = ""
				}
			}
			if buttons[i].String() != buttons[0].String() {
				t.Errorf("%s: %v is not like %v", where, buttons[i], buttons[0])
			}
		}
	}
	style, _ := Style(true)
	for _, unequal := range []string{"nth-", "first-", "last-", "[value", "refuse", "accept"} {
		if strings.Contains(style, unequal) {
			t.Errorf("the style could tell the buttons apart by %q", unequal)
		}
	}
}

func TestNoPageRuleOutweighsTheStyle(t *testing.T) {
	style, _ := Style(true)
	for line := range strings.Lines(style) {
		line = strings.TrimSpace(line)
		if strings.HasSuffix(line, ";") != strings.HasSuffix(line, "!important;") {
			t.Errorf("not important: %s", line)
		}
		if strings.HasSuffix(line, "{") && !strings.HasPrefix(line, "@") && !strings.Contains(line, "#say-") {
			t.Errorf("reaches beyond our own elements: %s", line)
		}
	}
}

// forbidden are words by which filter lists find what they hide. Visible text may contain them.
var forbidden = regexp.MustCompile(`(?i)cookie|consent|banner|gdpr|cmp|track|analytics|pixel|beacon`)

func TestFilterListsFindNothingToHide(t *testing.T) {
	purposes := []Purpose{{ID: "necessary", Required: true}, {ID: "functional"}, {ID: "statistics"}, {ID: "marketing"}}
	text := Banner("en", purposes).Append(nil, "/", false)
	text = append(text, Link("en", false)...)
	text = AppendGuard(text, NewRules("", "", "", nil, nil), "", 0)
	var page bytes.Buffer
	if err := WritePage(&page, "en", PageData{Purposes: purposes}); err != nil {
		t.Fatal(err)
	}
	for _, element := range elements(t, append(text, page.Bytes()...), "") {
		for _, a := range element.Attr {
			if forbidden.MatchString(a.Val) && a.Key != "aria-label" && element.Data != "script" {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
		}
	}
	if style, _ := Style(true); forbidden.MatchString(style) {
		t.Error("the style contains a forbidden word")
	}
}

// TestInsertedTextReadsTheSameInAnyEncoding: pages are not always UTF-8.
func TestInsertedTextReadsTheSameInAnyEncoding(t *testing.T) {
	for _, lang := range Languages() {
		text := append(Banner(lang, samplePurposes()).Append(nil, "/", false), Link(lang, true)...)
		text = AppendGuard(text, NewRules("", "", "", nil, nil), "", 0)
		if i := bytes.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
			t.Errorf("%s: not ASCII: %s", lang, text[i:min(i+20, len(text))])
		}
		if !strings.Contains(words(string(text)), messages[lang]["banner.refusing"]) {
			t.Errorf("%s: does not read as written", lang)
		}
	}
}

func TestBannerStaysUnder5KilobytesCompressed(t *testing.T) {
	style, _ := Style(true)
	for _, lang := range Languages() {
		text := append(Banner(lang, samplePurposes()).Append(nil, "/", false), Link(lang, false)...)
		if n := gzipped(t, append(text, style...)); n > 5000 {
			t.Errorf("%s: %d bytes compressed with the style, 5000 at most", lang, n)
		}
	}
}

func TestBackCannotBreakOut(t *testing.T) {
	banner := Banner("en", samplePurposes())
	for back, want := range map[string]string{
		`/a?b=1&c="2"`:                       `/a?b=1&c="2"`,
		`/"><script>alert('1')</script>`:     `/"><script>alert('1')</script>`,
		"/\x00":                              "/\uFFFD",
		"/" + strings.Repeat("a", maxBack):   "/",
		"/" + strings.Repeat("a", maxBack-1): "/" + strings.Repeat("a", maxBack-1),
	} {
		fields := elements(t, banner.Append(nil, back, true), "input")
		last := fields[len(fields)-1]
		if len(fields) != 3 || attribute(last, "name") != "back" || attribute(last, "value") != want {
			t.Errorf("back %.40q became %.200v", back, fields)
		}
	}
}

func TestHostileNamesStayText(t *testing.T) {
	hostile := `</p><script>x()</script>" onload="x() value="back"`
	purposes := []Purpose{{ID: hostile, Name: hostile, Description: hostile, Services: []Service{{
		Name: hostile, Entity: hostile, Country: hostile, Hosts: []string{hostile}, Cookies: []Cookie{{Name: hostile}},
	}}}}
	var page bytes.Buffer
	choice := Choice{State: hostile, Given: day0, Until: day0, ID: hostile}
	if err := WritePage(&page, hostile, PageData{Purposes: purposes, Choice: choice, Back: "javascript:x()"}); err != nil {
		t.Fatal(err)
	}
	panel := Banner(hostile, purposes).Append(nil, "/here", false)
	own := map[string]int{"panel": 1, "link": 1}
	for where, text := range map[string][]byte{"page": page.Bytes(), "panel": panel, "link": Link(hostile, false)} {
		if len(elements(t, text, "script")) != own[where] {
			t.Errorf("%s: a script got in", where)
		}
		for _, element := range elements(t, text, "") {
			if attribute(element, "onload") != "" || strings.HasPrefix(attribute(element, "href"), "javascript:") {
				t.Errorf("%s: %v", where, element)
			}
		}
	}
	if fields := elements(t, panel, "input"); len(fields) != 3 || attribute(fields[2], "value") != "/here" {
		t.Errorf("the address went elsewhere: %v", fields)
	}
}

// TestPanelSaysWhatMustBeSaidFirst: purposes by name, number of recipients and the link to them, what
// refusing and accepting mean.
func TestPanelSaysWhatMustBeSaidFirst(t *testing.T) {
	text := words(string(Banner("en", samplePurposes()).Append(nil, "/", false)))
	texts := messages["en"]
	for _, want := range []string{
		"We use cookies", texts["purpose.statistics.name"], texts["purpose.marketing.name"], "Readers' letters",
		"Who receives data (2 – Ireland, New Zealand)", texts["banner.refusing"], texts["banner.accepting"], "Reject all", "Accept all", "Customise",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the panel does not say %q", want)
		}
	}
}

func BenchmarkBanner(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Banner("fr", samplePurposes())
	}
}

func BenchmarkBannerAppend(b *testing.B) {
	banner := Banner("fr", samplePurposes())
	buf := make([]byte, 0, 16<<10)
	b.ReportAllocs()
	for b.Loop() {
		buf = banner.Append(buf[:0], "/news/2026/11/23/budget?page=2&sort=new", true)
	}
}
