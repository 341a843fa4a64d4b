package page

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// foreignPages mark with n=… each start tag that could be one.
var foreignPages = []string{
	"<svg><style><img n=1></style><title><script n=2></script></title></svg><style><img n=3></style>",
	"<svg><style><a n=1></style></svg><style><a n=2></style>",
	"<svg/><style><a n=1></style>",
	"<svg><style/><a n=1></a></svg><title><a n=2></title>",
	"<svg><script><a n=1></a></script></svg>",
	"<svg><foreignObject><style><a n=1></style></foreignObject><style><a n=2></style></svg>",
	"<svg><foreignObject><div><style><a n=1></style></div></foreignObject><style><a n=2></style></svg>",
	"<svg><foreignObject/><style><a n=1></style></svg>",
	"<svg><desc><style><a n=1></style></desc><style><a n=2></style></svg>",
	"<svg><title><style><a n=1></style></title><style><a n=2></style></svg><style><a n=3></style>",
	"<svg><foreignObject><svg><style><a n=1></style></svg><style><a n=2></style></foreignObject><style><a n=3></style></svg>",
	"<svg><foreignObject><p>one<p>two</p></foreignObject></svg><style><a n=1></style>",
	"<svg><g><style><a n=1></style></svg><style><a n=2></style>",
	"<svg></g><style><a n=1></style></svg>",
	"<svg><p><style><a n=1></style>", "<svg></p><style><a n=1></style>", "<svg></br><style><a n=1></style>",
	"<svg><font><style><a n=1></style>", "<svg><font color=x><style><a n=1></style>", "<svg><FONT SIZE><style><a n=1></style>",
	"<svg><div><style><a n=1></style>", "<svg><g><span><title><a n=1></title>",
	"<div><svg></div><style><a n=1></style>", "<section><svg><g></section><title><a n=1></title>",
	"<a><svg><a><style><b2 n=1></b2></style></a><style><b2 n=2></b2></style></svg></a><style><b2 n=3></style>",
	"<math><style><a n=1></style></math>", "<math><mi><style><a n=1></style></mi><style><a n=2></style></math>",
	"<math><mtext><mglyph><style><a n=1></style></mglyph></mtext></math>", "<math><mo><malignmark/><style><a n=1></style></mo></math>",
	"<math><annotation-xml><style><a n=1></style></annotation-xml></math>",
	"<math><annotation-xml encoding=TEXT/html><style><a n=1></style></annotation-xml><style><a n=2></style></math>",
	"<math><annotation-xml encoding='application/xhtml+xml'><style><a n=1></style></annotation-xml></math>",
	"<math><annotation-xml><svg><foreignObject><style><a n=1></style></foreignObject></svg><style><a n=2></style></annotation-xml></math>",
	"<svg><![CDATA[ > <a n=1> ]]><a n=2></svg><![CDATA[ > <a n=3> ]]>", "<svg><![cdata[ > <a n=1> ]]><a n=2></svg>",
	"<svg><title><![CDATA[ > <a n=1> ]]></title></svg>", "<svg><desc><b><![CDATA[ > <a n=1> ]]></b></desc></svg>",
	"<math><mi><![CDATA[ > <a n=1>]]></mi></math>", "<svg><foreignObject><br><![CDATA[ > <a n=1>]]></foreignObject></svg>",
	"<svg><foreignObject><svg><b><style><a n=1></style>", "<math><mi><math><b><style><a n=1></style>",
	"<svg><annotation-xml><svg><style><a n=1></style>",
	"<svg><![CDATA[<a n=1>]] ]>]]><a n=2></svg><![CDATA[<a n=3>]]>", "<svg><![CDATA[]]]><a n=1>]]]]><a n=2></svg>",
	"<svg><foreignObject><div><![CDATA[<a n=1>]]><a n=2></div></foreignObject></svg>",
	"<svg><title><![CDATA[<a n=1>]]><a n=2></title></svg>", "<svg><![cdata[<a n=1>]]></svg>",
	"<svg><math><mi><style><a n=1></style></mi></math></svg>", "<svg><SVG><title><a n=1></a></title></SVG><style><a n=2></style></svg>",
	"<svg><textarea><a n=1></textarea><xmp><a n=2></xmp><iframe><a n=3></iframe><noscript><a n=4></noscript></svg>",
	"<svg><template><a n=1></template></svg><template><style><a n=2></style><a n=3></template>",
	"<svg><path d=x><circle/><title>t</title><path n=1></svg><script><a n=2></script>",
}

// parsed is the set of marked elements x/net's parser finds.
func parsed(t testing.TB, page string) map[string]bool {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	markers := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "n" {
				markers[a.Val] = true
			}
		}
	}
	return markers
}

func checkMarkers(t *testing.T, page string) {
	t.Helper()
	got, want := scan(page).markers, parsed(t, page)
	if !maps.Equal(got, want) {
		t.Errorf("%s\n got %v\nwant %v", page, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

func TestForeignContentIsReadAsTheParserReadsIt(t *testing.T) {
	for _, page := range foreignPages {
		checkMarkers(t, page)
	}
}

// tree writes random elements, properly nested except that some svg and math
// elements are left open.
type tree struct {
	*rand.Rand
	strings.Builder
	n int
}

func (r *tree) element(depth int, names ...string) {
	name := names[r.IntN(len(names))]
	r.n++
	fmt.Fprintf(r, "<%s n=%d>", name, r.n)
	switch name {
	case "svg", "g", "lineargradient", "a2":
		r.children(depth, "g", "a2", "style", "title", "desc", "foreignObject", "script", "svg", "lineargradient", "textarea")
	case "math", "mrow", "annotation-xml":
		r.children(depth, "mrow", "mi", "mtext", "style", "title", "annotation-xml")
	case "foreignObject", "desc", "mi", "mtext", "div", "section", "i2":
		r.children(depth, "div", "section", "style", "svg", "math", "script", "noscript", "i2")
	case "title", "style", "script", "textarea", "noscript":
		r.children(0, "x1", "x2")
	}
	if (name == "g" || name == "mrow") && r.IntN(4) == 0 {
		return // left open
	}
	fmt.Fprintf(r, "</%s>", name)
}

func (r *tree) children(depth int, names ...string) {
	if depth == 0 {
		names = []string{"x1", "x2"}
	}
	for range r.IntN(4) {
		r.element(max(depth-1, 0), names...)
	}
}

func TestGeneratedForeignContentIsReadAsTheParserReadsIt(t *testing.T) {
	for seed := range uint64(2000) {
		r := &tree{Rand: rand.New(rand.NewPCG(seed, 7))}
		r.WriteString("<!doctype html><body>")
		r.element(6, "div", "svg", "math")
		r.element(6, "div", "svg", "math")
		checkMarkers(t, r.String())
		if t.Failed() {
			return
		}
	}
}

func TestForeignNestingIsBounded(t *testing.T) {
	var s scanner
	page := []byte("<svg>" + strings.Repeat("<g><foreignObject><b>", 100000))
	for len(page) > 0 {
		n, _ := s.next(page)
		page = page[n:]
	}
	if len(s.open) > maxOpen {
		t.Errorf("%d open elements remembered", len(s.open))
	}
}
