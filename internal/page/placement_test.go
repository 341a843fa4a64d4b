package page

import (
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// ours is an insertion that can be found again in a parsed document.
var ours = Insertion{
	Head:     []byte("<script data-our=h>1</script>"),
	Body:     []byte("<div data-our=b></div>"),
	Document: true, CharsetDeclared: true,
}

// render parses page, takes our nodes out and writes what is left.
func render(t *testing.T, page string) (rest string, head, body *html.Node) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			switch {
			case a.Key == "data-our" && a.Val == "h":
				head = n
			case a.Key == "data-our" && a.Val == "b":
				body = n
			}
		}
	}
	checkPlaces(t, page, doc, head, body)
	for _, n := range []*html.Node{head, body} {
		if n != nil {
			n.Parent.RemoveChild(n)
		}
	}
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.String(), head, body
}

// checkPlaces holds that our script is the first of all and in head, and that
// our element is the first in body.
func checkPlaces(t *testing.T, page string, doc, head, body *html.Node) {
	t.Helper()
	if head != nil {
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "script" {
				if n != head || n.Parent.Data != "head" {
					t.Errorf("%q: our script is not the first in head", page)
				}
				break
			}
		}
	}
	if body != nil && (body.Parent.Data != "body" || body.PrevSibling != nil) {
		t.Errorf("%q: our element is not the first in body", page)
	}
}

func checkDocument(t *testing.T, page string) {
	t.Helper()
	changed := rewrite(t, ours, page)
	want, _, _ := render(t, page)
	got, head, body := render(t, changed)
	if got != want {
		t.Errorf("%q became %q\n got %s\nwant %s", page, changed, got, want)
	}
	if strings.Count(changed, string(ours.Head)) == 1 && head == nil || strings.Count(changed, string(ours.Body)) == 1 && body == nil {
		t.Errorf("%q became %q: an insertion is not an element", page, changed)
	}
}

func TestDocumentIsTheSameButForTheInsertion(t *testing.T) {
	heads := []string{"", "<head id=h>\n", "<!-- c -->\n<head>"}
	metas := []string{"", "<meta charset=utf-8>\n", "<title>a<b></title>", "<base href=/><script>'<body>'</script>\n", "<template><p>x</p></template> ", "<noscript><img></noscript>", "</head>\n", "</p>"}
	bodies := []string{"", "<body>", "<body class=x>\n", "</head><body>", "  <!-- c --> text", "<div>x</div>", "<img>", "</body>", "</br>", "<frameset><frame></frameset>", "<svg><title>x</title></svg>", "&nbsp;x"}
	tails := []string{"", "<p>x</p>\n</body>\n</html>\n", "<table><tr><td>x</table>", "<body id=y><head><title>"}
	for _, start := range []string{"", "\n<!doctype html>\n<html lang=fr>\n", "<!-- c --><!doctype html>"} {
		for _, head := range heads {
			for _, meta := range metas {
				for _, body := range bodies {
					for _, tail := range tails {
						checkDocument(t, start+head+meta+body+tail)
					}
				}
			}
		}
	}
}

func TestGeneratedDocumentIsTheSameButForTheInsertion(t *testing.T) {
	words := []string{
		"<!doctype html>", "<html>", "<head>", "</head>", "<body>", "</body>", "</html>", " ", "\n", "x", "<!-- x -->", "<p>", "</p>", "<br>", "</br>",
		"<title>t</title>", "<meta charset=utf-8>", "<meta http-equiv=x>", "<link>", "<style>p</style>", "<script>'<body>'</script>", "</title>",
		"<template>", "</template>", "<noscript><p></noscript>", "<base>", "<div>", "</div>", "<noframes><p></noframes>", "<textarea><b></textarea>", "<?x>", "</ x>",
	}
	r := rand.New(rand.NewPCG(8, 9))
	for range 5000 {
		var page strings.Builder
		for range 1 + r.IntN(9) {
			page.WriteString(words[r.IntN(len(words))])
		}
		checkDocument(t, page.String())
		if t.Failed() {
			return
		}
	}
}

func TestWordsAreInTheLanguageOfThePage(t *testing.T) {
	tests := map[string]string{
		`<!doctype html><html lang="fr-BE"><head><body>x`: `<!doctype html><html lang="fr-BE"><head><body>[fr-BE]x{fr-BE}`,
		`<html LANG=mt><p>x`:                              `<html LANG=mt>[mt]<p>x{mt}`,
		`<!doctype html><html><body>x`:                    `<!doctype html><html><body>[]x{}`,
		`<!doctype html><p>x`:                             `<!doctype html>[]<p>x{}`,
	}
	for in, want := range tests {
		var out strings.Builder
		w := NewWriter(&out, Insertion{
			Body: []byte("[]"), End: []byte("{}"), CharsetDeclared: true,
			Translate: func(lang string) (body, end []byte) {
				return []byte("[" + lang + "]"), []byte("{" + lang + "}")
			},
		})
		if _, err := w.Write([]byte(in)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%s became %s, want %s", in, out.String(), want)
		}
	}
}
