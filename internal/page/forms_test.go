package page

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// guarded are rules of a site whose /contact and /comments/… ask for a proof, with
// what is asked about.
func guarded(asked *[]string) *Rules {
	return &Rules{Address: &home, Forms: &Forms{
		Protects: func(u *weburl.URL) bool {
			if asked != nil {
				*asked = append(*asked, u.String())
			}
			return u.Host == home.Host && (u.Path == "/contact" || strings.HasPrefix(u.Path, "/comments/"))
		},
		Fields: []byte("[F]"), Mount: []byte("[M]"),
	}}
}

func TestProtectedFormsGetTheirFieldsFirstAndAMountBeforeTheirButton(t *testing.T) {
	for page, want := range map[string]string{
		`<form method=post action=/contact><p><input name=a><button>Go</button></form>`: `<form method=post action=/contact>[F]<p><input name=a>[M]<button>Go</button></form>`,
		`<FORM METHOD=POST ACTION="/CONTACT/../contact"><INPUT TYPE=SUBMIT></FORM>`:     `<FORM METHOD=POST ACTION="/CONTACT/../contact">[F][M]<INPUT TYPE=SUBMIT></FORM>`,
		`<form method=post action=/contact></form>`:                                     `<form method=post action=/contact>[F]</form>`,
		`<form method=post action=/contact><button>a</button><button>b</button></form>`: `<form method=post action=/contact>[F][M]<button>a</button><button>b</button></form>`,
		// which buttons send
		`<form method=post action=/contact><button type=button>a</button><button type=reset>b</button><button type=x>c</button></form>`: `<form method=post action=/contact>[F]<button type=button>a</button><button type=reset>b</button>[M]<button type=x>c</button></form>`,
		`<form method=post action=/contact><input type=button><input type=text><input type=image></form>`:                               `<form method=post action=/contact>[F]<input type=button><input type=text>[M]<input type=image></form>`,
		`<form method=post action=/contact><button form=other>a</button><button>b</button></form>`:                                      `<form method=post action=/contact>[F]<button form=other>a</button>[M]<button>b</button></form>`,
		`<button>a</button><form method=post action=/contact></form><button>b</button>`:                                                 `<button>a</button><form method=post action=/contact>[F]</form><button>b</button>`,
		// where forms lead
		`<form method=post></form>`:                                            `<form method=post></form>`,
		`<form method=post action="/x"></form>`:                                `<form method=post action="/x"></form>`,
		`<form method=post action="../contact"></form>`:                        `<form method=post action="../contact">[F]</form>`,
		`<form method=post action=" /con&#116;act?a=1#b "></form>`:             `<form method=post action=" /con&#116;act?a=1#b ">[F]</form>`,
		`<form method=post action="https://www.example.fr/contact"></form>`:    `<form method=post action="https://www.example.fr/contact">[F]</form>`,
		`<form method=post action="\contact"></form>`:                          `<form method=post action="\contact">[F]</form>`,
		`<form method=post action="//other.example/contact"></form>`:           `<form method=post action="//other.example/contact"></form>`,
		`<form method=post action="mailto:contact"></form>`:                    `<form method=post action="mailto:contact"></form>`,
		`<form method=post action="javascript:/contact"></form>`:               `<form method=post action="javascript:/contact"></form>`,
		`<form method=post action="https://["></form>`:                         `<form method=post action="https://["></form>`,
		`<form method=post action=/contact action=/x></form>`:                  `<form method=post action=/contact action=/x>[F]</form>`,
		`<base href=/comments/><form method=post action=1></form>`:             `<base href=/comments/><form method=post action=1>[F]</form>`,
		`<base href=/comments/><form method=post action=""></form>`:            `<base href=/comments/><form method=post action=""></form>`,
		`<base href=/comments/><form method=post action=" "></form>`:           `<base href=/comments/><form method=post action=" ">[F]</form>`,
		`<base href=/x/><base href=/comments/><form method=post action=1>`:     `<base href=/x/><base href=/comments/><form method=post action=1>`,
		`<base href=//other.example/><form method=post action=contact></form>`: `<base href=//other.example/><form method=post action=contact></form>`,
		// how they send
		`<form action=/contact><button>a</button></form>`:                `<form action=/contact><button>a</button></form>`,
		`<form method=get action=/contact></form>`:                       `<form method=get action=/contact></form>`,
		`<form method=dialog action=/contact></form>`:                    `<form method=dialog action=/contact></form>`,
		`<form method=" post" action=/contact></form>`:                   `<form method=" post" action=/contact></form>`,
		`<form method="p&#111;st" action=/contact></form>`:               `<form method="p&#111;st" action=/contact>[F]</form>`,
		`<form method=post action=/contact enctype=text/plain></form>`:   `<form method=post action=/contact enctype=text/plain>[F]</form>`,
		`<form method=post action=/contact method=get></form>`:           `<form method=post action=/contact method=get>[F]</form>`,
		`<form method=get method=post action=/contact></form>`:           `<form method=get method=post action=/contact></form>`,
		`<form method=post action=/contact class="a<form>b">text</form>`: `<form method=post action=/contact class="a<form>b">[F]text</form>`,
		// where buttons lead
		`<form action=/x><button>a</button><button formmethod=post formaction=/contact>b</button></form>`: `<form action=/x><button>a</button>[F][M]<button formmethod=post formaction=/contact>b</button></form>`,
		`<form method=post action=/x><input type=submit formaction=/contact></form>`:                      `<form method=post action=/x>[F][M]<input type=submit formaction=/contact></form>`,
		`<form action=/contact><button formmethod=POST>a</button></form>`:                                 `<form action=/contact>[F][M]<button formmethod=POST>a</button></form>`,
		`<form action=/x><button formaction=/contact>a</button></form>`:                                   `<form action=/x><button formaction=/contact>a</button></form>`,
		`<form method=post action=/x><button formmethod=get formaction=/contact>a</button></form>`:        `<form method=post action=/x><button formmethod=get formaction=/contact>a</button></form>`,
		`<form method=post action=/contact><button formaction=/x>a</button></form>`:                       `<form method=post action=/contact>[F][M]<button formaction=/x>a</button></form>`,
		`<form method=post action=/x><a formaction=/contact>a</a></form>`:                                 `<form method=post action=/x><a formaction=/contact>a</a></form>`,
		// what is no form
		`<svg><form method=post action=/contact></form></svg>`:                                                                    `<svg><form method=post action=/contact></form></svg>`,
		`<!-- <form method=post action=/contact> -->`:                                                                             `<!-- <form method=post action=/contact> -->`,
		`<script>'<form method=post action=/contact>'</script>`:                                                                   `<script>'<form method=post action=/contact>'</script>`,
		`<textarea><form method=post action=/contact></textarea>`:                                                                 `<textarea><form method=post action=/contact></textarea>`,
		`<formx method=post action=/contact><for method=post action=/contact>`:                                                    `<formx method=post action=/contact><for method=post action=/contact>`,
		`<p title="<form method=post action=/contact>">`:                                                                          `<p title="<form method=post action=/contact>">`,
		`<buttons><button-x><form-x method=post action=/contact>`:                                                                 `<buttons><button-x><form-x method=post action=/contact>`,
		`<form method=post action=/contact `:                                                                                      `<form method=post action=/contact `,
		`<form method=post action=/contact ` + strings.Repeat("a ", maxTag) + `></form><form method=post action=/contact></form>`: `<form method=post action=/contact ` + strings.Repeat("a ", maxTag) + `></form><form method=post action=/contact>[F]</form>`,
		// which form a button belongs to
		`<form action=/x><form method=post action=/contact><button>a</button></form><button>b</button>`:                                                  `<form action=/x><form method=post action=/contact><button>a</button></form><button>b</button>`,
		`<form method=post action=/contact><form action=/x><button>a</button></form>`:                                                                    `<form method=post action=/contact>[F]<form action=/x>[M]<button>a</button></form>`,
		`<form method=post action=/contact><template><form method=post action=/comments/1><button>a</button></form></template><button>b</button></form>`: `<form method=post action=/contact>[F]<template><form method=post action=/comments/1>[F][M]<button>a</button></form></template>[M]<button>b</button></form>`,
		`<template><form method=post action=/contact></template><form method=post action=/contact></form><template><form action=/x><button></template>`:  `<template><form method=post action=/contact>[F]</template><form method=post action=/contact>[F]</form><template><form action=/x><button></template>`,
		`<table><form method=post action=/contact><tr><td><button>a</button></table>`:                                                                    `<table><form method=post action=/contact>[F]<tr><td>[M]<button>a</button></table>`,
	} {
		for _, rules := range []*Rules{guarded(nil), {Address: &home, Forms: guarded(nil).Forms, Ask: refuseOthers.Ask, Fill: true}} {
			for _, size := range []int{1 << 20, 1, 7} {
				if len(page) > maxTag && size < 1<<20 {
					continue
				}
				if got, _ := hold(t, rules, page, size); got != want {
					t.Errorf("in pieces of %d, %.300s\n got %.300s\nwant %.300s", size, page, got, want)
				}
				document := "<!doctype html><body>"
				if got := inserted(t, rules, document+page, size); got != document+want {
					t.Errorf("a document, in pieces of %d, %.300s\n got %.300s\nwant %.300s", size, page, got, want)
				}
			}
		}
	}
}

// inserted passes a document that also gets something at its end, so that plain tags
// in body are passed over.
func inserted(t *testing.T, rules *Rules, page string, size int) string {
	t.Helper()
	var b bytes.Buffer
	var w Writer
	w.Reset(&b, Insertion{End: []byte("\x01E"), CharsetDeclared: true}, rules)
	writeAll(t, &w, page, size)
	return strings.Replace(b.String(), "\x01E", "", 1)
}

func TestFormsThatSendToThePageItselfAreKnown(t *testing.T) {
	contact := weburl.URL{Scheme: "https", Host: home.Host, Path: "/contact", Query: "a=1"}
	for _, action := range []string{"", " action", ` action=""`, " action=?", " action=#x", " action=contact"} {
		rules := guarded(nil)
		rules.Address = &contact
		page := "<form method=post" + action + "></form>"
		if got, _ := hold(t, rules, page, 9); got != strings.Replace(page, ">", ">[F]", 1) {
			t.Errorf("%s became %s", page, got)
		}
	}
}

// TestWhereFormsSendIsAskedOfAllThatSend so that an owner learns of those that are
// not protected, and of those of other sites.
func TestWhereFormsSendIsAskedOfAllThatSend(t *testing.T) {
	var asked []string
	hold(t, guarded(&asked), `<form action=/search><button></form><form method=post action=//letters.example/in><button></form>`+
		`<form method=post action=/login><button formaction=/login/2></button><button formmethod=get></button></form>`+
		`<form method=post action=mailto:a@example.fr></form>`, 1<<20)
	if want := []string{"https://letters.example/in", "https://www.example.fr/login", "https://www.example.fr/login/2"}; !slices.Equal(asked, want) {
		t.Errorf("asked about %q, want %q", asked, want)
	}
}

func TestFormsWithinNoscriptAreReadAndThoseOfOtherDocumentsAreNot(t *testing.T) {
	rules := &Rules{Address: &home, Forms: guarded(nil).Forms, Ask: allowAll.Ask}
	for page, want := range map[string]string{
		`<body><noscript><form method=post action=/contact><button></form></noscript>`:        `<body><noscript><form method=post action=/contact>[F][M]<button></form></noscript>`,
		`<body><iframe srcdoc="<form method=post action=/contact></form>"></iframe>`:          `<body><iframe srcdoc="<form method=post action=/contact></form>"></iframe>`,
		`<base href=/x/><body><noscript><form method=post action=""></form></noscript>`:       `<base href=/x/><body><noscript><form method=post action=""></form></noscript>`,
		`<base href=/comments/><body><noscript><form method=post action=1></form></noscript>`: `<base href=/comments/><body><noscript><form method=post action=1>[F]</form></noscript>`,
	} {
		if got, _ := hold(t, rules, page, 9); got != want {
			t.Errorf("%s\n got %s\nwant %s", page, got, want)
		}
	}
}

func TestMountIsInTheLanguageOfThePage(t *testing.T) {
	rules := guarded(nil)
	rules.Forms.Translate = func(lang string) []byte { return []byte("[" + lang + "]") }
	for page, want := range map[string]string{
		`<html lang="fr-BE"><body><form method=post action=/contact><button></form>`: `<html lang="fr-BE"><body><form method=post action=/contact>[F][fr-BE]<button></form>`,
		`<html><body><form method=post action=/contact><button></form>`:              `<html><body><form method=post action=/contact>[F][M]<button></form>`,
	} {
		if got := inserted(t, rules, page, 9); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestResetForgetsTheFormsBefore(t *testing.T) {
	var b bytes.Buffer
	var w Writer
	for range 2 {
		b.Reset()
		w.Reset(&b, Insertion{}, guarded(nil))
		_, _ = w.Write([]byte(`<form method=post action=/contact><button>a<template><form>`))
		if err := w.Close(); err != nil || b.String() != `<form method=post action=/contact>[F][M]<button>a<template><form>` {
			t.Errorf("%s, %v", b.String(), err)
		}
	}
}

// formWords are what generated pages with forms are made of.
var formWords = []string{
	"<form method=post action=/contact>", "<form method=post action=/x>", "<form>", "</form>", "<button>", "</button>", "<button type=button>", "<input type=submit>",
	"<input>", "<button formmethod=post formaction=/contact>", "<template>", "</template>", "<div>", "</div>", "<p>", "</p>", "<table>", "</table>", "<tr>", "<td>",
	"<svg>", "</svg>", "<title>", "</title>", "<textarea>", "</textarea>", "<!--", "-->", "<script>", "</script>", "text", "<noscript>", "</noscript>", "<a href='<form>'>",
	"<fieldset>", "<font>", "<b>", "</b>", "<!doctype html>", "<body>", "<base href=/comments/>", "<form method=post action=1>", "<foreignObject>",
}

func checkForms(t *testing.T, page string, a, b int) {
	t.Helper()
	rules := guarded(nil)
	rules.Forms.Fields, rules.Forms.Mount = []byte("\x01F"), []byte("\x01M")
	whole := inserted(t, rules, page, 1<<20)
	if strings.NewReplacer("\x01F", "", "\x01M", "").Replace(whole) != page {
		t.Fatalf("%q came out as %q", page, whole)
	}
	if cut := inserted(t, rules, page, 1+a%9); cut != whole {
		t.Fatalf("%q\n whole %q\nin pieces of %d %q", page, whole, 1+a%9, cut)
	}
	if cut := inserted(t, rules, page, 1+b%(len(page)+1)); cut != whole {
		t.Fatalf("%q\n whole %q\nin pieces of %d %q", page, whole, 1+b%(len(page)+1), cut)
	}
}

// TestFormsAreFoundInPiecesOfAnySizeAndNothingElseChanges takes the insertions out
// again.
func TestFormsAreFoundInPiecesOfAnySizeAndNothingElseChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 5000 {
		checkForms(t, words(r), r.Int(), r.Int())
	}
}

func words(r *rand.Rand) string {
	var page strings.Builder
	for range 1 + r.IntN(20) {
		page.WriteString(formWords[r.IntN(len(formWords))])
	}
	return page.String()
}

// TestBrowsersFindTheFieldsInTheirForm: parsed, each form that sends to a protected
// address by itself sends the fields before all others.
func TestBrowsersFindTheFieldsInTheirForm(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	rules := guarded(nil)
	rules.Forms.Fields, rules.Forms.Mount = []byte(`<input type=hidden name=our>`), []byte(`<span class=our></span>`)
	flat := slices.DeleteFunc(slices.Clone(formWords), func(word string) bool { // where parsers of today agree
		return strings.Contains(word, "template") || strings.Contains(word, "t") && strings.HasPrefix(strings.TrimPrefix(word, "</"), "<t") ||
			strings.Contains(word, "svg") || strings.Contains(word, "foreign") || strings.Contains(word, "noscript") || strings.HasPrefix(word, "<base")
	})
	for range 5000 {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			b.WriteString(flat[r.IntN(len(flat))])
		}
		page := "<!doctype html><body>" + b.String()
		doc, err := html.Parse(strings.NewReader(inserted(t, rules, page, 1<<20)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode || n.Data != "form" || value(n, "method") != "post" || value(n, "action") != "/contact" {
				continue
			}
			if first := firstField(n); first == nil || value(first, "name") != "our" {
				t.Fatalf("%q became %q", page, inserted(t, rules, page, 1<<20))
			}
		}
	}
}

// firstField is the field whose value comes first in what a form sends.
func firstField(form *html.Node) *html.Node {
	for n := range form.Descendants() {
		if n.Data == "input" || n.Data == "button" || n.Data == "textarea" {
			return n
		}
	}
	return nil
}

func value(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func FuzzForms(f *testing.F) {
	f.Add(`<form method=post action=/contact><p><button formaction=/x>a</form>`, uint16(3), uint16(9))
	f.Add(`<template><form method=post action="?"></template><form><input type=submit formmethod=post>`, uint16(1), uint16(2))
	f.Fuzz(func(t *testing.T, page string, a, b uint16) {
		if !strings.Contains(page, "\x01") {
			checkForms(t, page, int(a), int(b))
		}
	})
}
