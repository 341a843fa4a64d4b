package page

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// scanned is what a scanner found in a page.
type scanned struct {
	tags        []string // as describe writes them
	markers     map[string]bool
	kinds       string // one letter a run
	out         string // all pieces joined
	uninspected int
}

// scan feeds page to a scanner in pieces that end at cuts.
func scan(page string, cuts ...int) scanned {
	var s scanner
	found := scanned{markers: map[string]bool{}}
	var out strings.Builder
	from := 0
	for _, to := range append(cuts, len(page)) {
		for p := []byte(page[from:to]); len(p) > 0; {
			n, k := s.next(p)
			p = p[n:]
			if k == held {
				continue
			}
			out.Write(s.piece)
			letter := "trcd<>.."[k : k+1]
			if !strings.HasSuffix(found.kinds, letter) || k == startTag || k == endTag {
				found.kinds += letter
			}
			if k == startTag || k == endTag {
				found.add(&s.tag)
			}
		}
		from = to
	}
	if !s.passed {
		out.Write(s.kept)
	}
	found.out, found.uninspected = out.String(), s.uninspected
	return found
}

func (f *scanned) add(t *tag) {
	if t.raw == nil {
		f.tags = append(f.tags, "long "+t.name)
		return
	}
	name := asciiLower(t.raw[1:t.nameEnd])
	var attrs []string
	seen := map[string]bool{}
	for _, a := range t.attrs {
		key := asciiLower(t.raw[a.start:a.nameEnd])
		if seen[key] {
			continue
		}
		seen[key] = true
		value := string(t.raw[a.value:a.valEnd])
		attrs = append(attrs, key+"="+value)
		if key == "n" && !t.end {
			f.markers[value] = true
		}
	}
	if t.end { // x/net does not tell the attributes of end tags
		f.tags = append(f.tags, describe(name, false, nil))
		return
	}
	f.tags = append(f.tags, describe(name, t.selfClosing, attrs))
}

func describe(name string, selfClosing bool, attrs []string) string {
	slices.Sort(attrs)
	return fmt.Sprintf("%s %v %q", name, selfClosing, attrs)
}

func asciiLower(b []byte) string {
	lower := slices.Clone(b)
	for i, c := range lower {
		lower[i] = toLower(c)
	}
	return string(lower)
}

// tokenized is what x/net finds: the same tags, described alike.
func tokenized(page string) (tags []string) {
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tags
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			name := t.Data
			if t.Type == html.EndTagToken {
				name = "/" + name
			}
			var attrs []string
			seen := map[string]bool{}
			for _, a := range t.Attr {
				if !seen[a.Key] {
					attrs = append(attrs, a.Key+"="+a.Val)
				}
				seen[a.Key] = true
			}
			tags = append(tags, describe(name, t.Type == html.SelfClosingTagToken, attrs))
		}
	}
}

var nasties = []string{
	"", "<", "</", "<a", "a<b", "a < b <3 <", "<>", "</>", "</ x>y", "<?php <b> ?>", "<!>", "<!-", "<!->x", "<!d>x", "<!doctyp>x",
	"<!-->x", "<!--->x", "<!---->x", "<!--!>x-->y", "<!---!>x-->y", "<!----!>x", "<!-- --!>x", "<!-- --!->x-->y", "<!-- -- > --->x", "<!-- <!-- -->x",
	"<!-- <b> -- <i> ->", "<!doctype html><p>", `<!DOCTYPE html PUBLIC "a>b">x`,
	"<a b=c d='e>f' g=\"h>i\" j>", "<a b='c\"d' e=\"f'g\">", "<a/b/c=d/>", "<br/>", "<br / >", "<a b=c/>", "<a b=/>", "<a =b>", "<a b==c>", "<a b= >x",
	"<a b = 'c' d>", "<a 'b'=c>", "<a \"b>c\">", "<a b='c'd='e'>", "<a b=c b=d B=e>", "<A HREF=X>", "<a\nb\t=\fc\n>", "<a b='", "<a b=\">", "<a b=c\"d'e>",
	"<img/src=x>", "<div\f>", "<x-y z>", "<a<b>", "<h1><H2>", "<a//b>", "<a / b=c / d>", "<a/=b>", "<a b/=c>",
	"<script>a<b</script>", "<script>'</scrip</script >x", "<script>\"<!--\"</script><b>", "<script><!--<script></script><b></script><i>",
	"<script><!--<script>--></script><i>", "<script><!--<script></script>--></script><i>", "<script><!-- <scriptx> </script><i>",
	"<script><!--><script></script><i>", "<script><!---><script></script><i>", "<script><!-x</script><i>", "<script><!--</script><i>",
	"<script><!--<script </script/></script><i>", "<script><!--<sCRIPt/</ScRiPt\n--></script><i>", "<script></script foo='>'>x", "<script/>a<b></script>",
	"<script>--></script><i>", "<script><!--a-<b>--<script>-<</script>-></script>--></script><i>",
	"<style><a></style x><a>", "<title><b></titl></title><b>", "<textarea><b></textarea/><b>", "<xmp><b></xmp><b>", "<iframe><b></iframe><b>",
	"<noembed><b></noembed><b>", "<noframes><b></noframes><b>", "<noscript><img></noscript><b>", "<plaintext><b></plaintext><i>",
	"<STYLE></sTyLe></style><b>", "<title></title", "<title></title/", "<", "<a", "<a b", "</a b", "<script></script", "<style></style><", "<style><</style>", "<style></</style>",
	"<title><!-- </title> --><b>", "<![CDATA[<a>]]><b>", "<![cdata[ > ]]>", "<p>&lt;b&gt;<b>",
}

func TestScannerFindsTheTagsOfTheTokenizer(t *testing.T) {
	for _, page := range nasties {
		if got, want := scan(page).tags, tokenized(page); !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", page, got, want)
		}
	}
}

// differs recognises what x/net reads otherwise than the standard says: a '<'
// before neither letter nor slash in an escaped script ends its escape there
// (HTML 13.2.5.23), and a tag whose last attribute, a repeated one, has an
// unquoted value that ends in a slash is self-closing there (13.2.5.38).
var differs = regexp.MustCompile(`(?is)<script.*<!--.*<[^a-z/]|=[^>]*/>`)

func TestEscapedScriptHidesItsEndTag(t *testing.T) {
	for page, want := range map[string]int{
		"<script><!--<script></script></script><i>":             3,
		"<script><!--<<script></script></script><i>":            3,
		"<script><!-- a < b <script></script> --></script><i>":  3,
		"<script><!-- a <- <script></script> --> </script><i>":  3,
		"<script><!-- a <--> <script></script><i></script>":     4,
		"<script><!-- <script> <script> </script></script><i>":  3,
		"<script><!-- <script> </script> <script> </script><i>": 1,
		"<script><!--<script>--><script></script><i>":           3,
	} {
		if got := scan(page).tags; len(got) != want {
			t.Errorf("%q: got %q, want %d tags", page, got, want)
		}
	}
}

func TestScannerReturnsEveryByte(t *testing.T) {
	for _, page := range nasties {
		if got := scan(page).out; got != page {
			t.Errorf("%q came out as %q", page, got)
		}
	}
}

func TestScannerFindsTheSameWhereverThePageIsCut(t *testing.T) {
	for _, page := range append(nasties, foreignPages...) {
		want := scan(page)
		for i := range page {
			compare(t, page, want, scan(page, i))
			compare(t, page, want, scan(page, i, min(i+1, len(page))))
			compare(t, page, want, scan(page, i, min(i+5, len(page))))
		}
		every := make([]int, len(page))
		for i := range every {
			every[i] = i
		}
		compare(t, page, want, scan(page, every...))
	}
}

func compare(t *testing.T, page string, want, got scanned) {
	t.Helper()
	if got.out != page {
		t.Fatalf("%q came out as %q", page, got.out)
	}
	if got.kinds != want.kinds || !slices.Equal(got.tags, want.tags) || got.uninspected != want.uninspected {
		t.Fatalf("%q read as %s %q, cut up as %s %q", page, want.kinds, want.tags, got.kinds, got.tags)
	}
}

// generated writes a page of random markup without character references, which
// the scanner leaves alone, and without svg or math, which x/net's tokenizer
// does not know.
func generated(r *rand.Rand, pieces int) string {
	words := []string{
		"<", ">", "/", "</", "<!--", "-->", "--!>", "<!", "<?", "=", "'", "\"", " ", "\n", "\t", "-", "!", "]]>", "<![CDATA[", "text", "é",
		"<a ", "<div>", "</div>", "<p class=x>", "<img src='a>b'/>", "<br/>", "href=", "a", "B", "x-y", "<h1 id=\"q\">", "</h1>",
		"<script>", "</script>", "<script", "</script ", "<!--<script>", "<style>", "</style>", "<title>", "</title>", "<textarea>", "</textarea",
		"<noscript>", "</noscript>", "<iframe>", "</iframe>", "<xmp>", "</xmp>", "<!doctype html>", "<html>", "<head>", "<body>", "</body>",
	}
	var b strings.Builder
	for range pieces {
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

func TestScannerFindsTheTagsOfGeneratedPages(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		page := generated(r, 2+r.IntN(30))
		want := scan(page)
		if tags := tokenized(page); !slices.Equal(want.tags, tags) && !differs.MatchString(page) {
			t.Fatalf("%q\n got %q\nwant %q", page, want.tags, tags)
		}
		a, b := r.IntN(len(page)+1), r.IntN(len(page)+1)
		compare(t, page, want, scan(page, min(a, b), max(a, b)))
	}
}

func FuzzScanner(f *testing.F) {
	for _, page := range append(nasties, foreignPages...) {
		f.Add(page, uint16(3), uint16(5))
	}
	f.Fuzz(func(t *testing.T, page string, a, b uint16) {
		want := scan(page)
		if want.out != page {
			t.Fatalf("%q came out as %q", page, want.out)
		}
		i, j := int(a)%(len(page)+1), int(b)%(len(page)+1)
		compare(t, page, want, scan(page, min(i, j), max(i, j)))
		lower := strings.ToLower(page)
		if strings.ContainsAny(page, "&\r\x00") || strings.Contains(lower, "<svg") || strings.Contains(lower, "<math") || differs.MatchString(page) {
			return
		}
		if tags := tokenized(page); !slices.Equal(want.tags, tags) {
			t.Fatalf("%q\n got %q\nwant %q", page, want.tags, tags)
		}
	})
}

func TestOverlongTagPassesUninspected(t *testing.T) {
	long := strings.Repeat("a=b ", maxTag/4)
	page := "<p><div " + long + "><script " + long + ">'<b>'</script><svg " + long + "/><title><b></title>" +
		"<svg><g " + long + "><style><i></style></svg></p " + long + ">x"
	want := []string{
		"p false []", "long div", "long script", "/script false []", "long svg", "title false []", "/title false []",
		"svg false []", "long ", "style false []", "i false []", "/style false []", "/svg false []", "long p",
	}
	whole := scan(page)
	if !slices.Equal(whole.tags, want) || whole.out != page || whole.uninspected != 5 {
		t.Errorf("found %q, %d uninspected, all bytes: %v", whole.tags, whole.uninspected, whole.out == page)
	}
	for _, size := range []int{1000, 4096, maxTag - 1, maxTag, maxTag + 1, maxTag + 9} {
		var cuts []int
		for i := size; i < len(page); i += size {
			cuts = append(cuts, i)
		}
		got := scan(page, cuts...)
		if !slices.Equal(got.tags, want) || got.out != page || got.uninspected != 5 {
			t.Errorf("in pieces of %d: %q, %d uninspected, all bytes: %v", size, got.tags, got.uninspected, got.out == page)
		}
	}
}

func TestTagOfExactlyTheBoundIsInspected(t *testing.T) {
	page := "<a b='" + strings.Repeat("x", maxTag-8) + "'>"
	for cut := range 3 {
		if got := scan(page, len(page)-cut); got.uninspected != 0 || strings.HasPrefix(got.tags[0], "long") {
			t.Errorf("%d bytes, cut %d before the end: not inspected", len(page), cut)
		}
		if got := scan(page[:5]+"x"+page[5:], len(page)-cut); got.uninspected != 1 {
			t.Errorf("%d bytes, cut %d before the end: inspected", len(page)+1, cut)
		}
	}
}

func TestLongInlineScriptIsNotHeld(t *testing.T) {
	var s scanner
	feed := func(p []byte) {
		for len(p) > 0 {
			n, _ := s.next(p)
			p = p[n:]
		}
	}
	feed([]byte("<script>"))
	for range 4 << 20 / 4096 {
		feed([]byte(strings.Repeat("if (a </b) '<!--';\n", 4096/19)))
	}
	if cap(s.kept) > 64 {
		t.Errorf("%d bytes held", cap(s.kept))
	}
}

func TestAttributeSpansCoverTheSource(t *testing.T) {
	var s scanner
	page := []byte(`<a one two=2 three = "3" four='4'/five>`)
	s.next(page)
	want := []string{`one||`, `two=2|2|`, `three = "3"|3|"`, `four='4'|4|'`, `five||`}
	var got []string
	for _, a := range s.tag.attrs {
		quote := strings.TrimRight(string(rune(a.quote)), "\x00")
		got = append(got, fmt.Sprintf("%s|%s|%s", s.tag.raw[a.start:a.end], s.tag.raw[a.value:a.valEnd], quote))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
