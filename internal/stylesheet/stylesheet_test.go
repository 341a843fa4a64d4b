package stylesheet

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// refuse lets nothing load, allow everything.
func refuse(string) (string, bool) { return "", false }

func allow(address string) (string, bool) { return address, true }

// found returns the addresses in a sheet, in their order.
func found(sheet string) (addresses []string) {
	Append(nil, []byte(sheet), func(address string) (string, bool) {
		addresses = append(addresses, address)
		return address, true
	})
	return addresses
}

// inPieces rewrites a sheet that comes in pieces of n bytes.
func inPieces(sheet string, n int, edit Edit) string {
	var r Rewriter
	r.Reset(edit)
	var out []byte
	for piece := range slices.Chunk([]byte(sheet), n) {
		out = r.Append(out, piece)
	}
	return string(r.Close(out))
}

// finds are sheets and the addresses in them.
var finds = []struct {
	sheet string
	want  []string
}{
	{`a{background:url(x.png)}`, []string{"x.png"}},
	{`a{background:url( "x.png" )}`, []string{"x.png"}},
	{`a{background:url('x.png')}`, []string{"x.png"}},
	{"a{background:url(\n x.png\f )}", []string{"x.png"}},
	{`a{background:URL(x.png)}`, []string{"x.png"}},
	{`a{background:\75rl(x.png)}`, []string{"x.png"}},
	{`a{background:\000075 rl(x.png)}`, []string{"x.png"}},
	{"a{background:\\75\r\nrl(x.png)}", []string{"x.png"}},
	{`a{background:ur\l(x.png)}`, []string{"x.png"}},
	{`a{background:u\72\6c (x.png)}`, []string{"x.png"}},
	{`a{background:url(\2f\2f t.example/x\.png)}`, []string{"//t.example/x.png"}},
	{`a{background:url("\2f/t.example\000041 x")}`, []string{"//t.exampleAx"}},
	{"a{background:url(\"//t.exa\\\nmple\\\r\n/x\")}", []string{"//t.example/x"}},
	{"a{background:url(\"a\\41\nb\")}", []string{"aAb"}},
	{"a{background:url(a\x00b\\0 c\\110000 )}", []string{"a\ufffdb\ufffdc\ufffd"}},
	{`a{background:url(\29 x)}`, []string{")x"}},
	{`a{background:/*url(a)*/url(b)/*url(c)*/}`, []string{"b"}},
	{`a{content:"url(a)";background:url(b)}`, []string{"b"}},
	{`a{content:"\"";background:url(b)}`, []string{"b"}},
	{"a{content:\"\n;background:url(b)}", []string{"b"}},
	{"a{content:'a\\\r\nb';background:url(b)}", []string{"b"}},
	{"a{content:\"a\\41\n\";background:url(b)}", []string{"b"}},
	{`a{background:url (x)}`, nil},
	{`a{background:myurl(x)}`, nil},
	{`a{background:1url(x)}`, nil},
	{`a{background:1.url(x)}`, []string{"x"}},
	{`a{background:-url(x)}`, nil},
	{`#url(x){}`, nil},
	{`#\75rl(x){}`, nil},
	{`@url(x){}`, nil},
	{`#/**/url(x)`, []string{"x"}},
	{`<!--url(x)`, []string{"x"}},
	{`<!--\75rl(x)`, []string{"x"}},
	{`\<!--url(x)`, nil},
	{`--url(x)`, nil},
	{`-->url(x)`, []string{"x"}},
	{"\x00url(x)", nil},
	{"\u00e9url(x)", nil},
	{"a{background:\\\nurl(x)}", []string{"x"}},
	{"a{background:url(x y) url(z)}", []string{"z"}},
	{"a{background:url(x\"y) url(z)}", []string{"z"}},
	{"a{background:url(x(y) url(z)}", []string{"z"}},
	{"a{background:url(x\\\ny) url(z)}", []string{"z"}},
	{"a{background:url(x(\\)url(a)) url(z)}", []string{"z"}},
	{"a{background:url(x\x01) url(z)}", []string{"z"}},
	{"a{background:url('x\n) url(z)}", []string{"z"}},
	{`a{background:url(x`, []string{"x"}},
	{`a{background:url(x `, []string{"x"}},
	{`a{background:url("x`, []string{"x"}},
	{`a{background:url("x\`, []string{"x"}},
	{`a{background:url(x\`, []string{"x\ufffd"}},
	{`a{background:url(`, nil},
	{`a{background:url()url("")url(#a)url("#b")url(about:invalid)}`, nil},
	{`a{background:url( #a)url(" #b")}`, []string{" #b"}},
	{`@import "a.css";`, []string{"a.css"}},
	{`@import'a.css'`, []string{"a.css"}},
	{`@IMPORT/**/url(a.css) screen;`, []string{"a.css"}},
	{`@\69mport "a.css"`, []string{"a.css"}},
	{`<!--@import "a.css"`, []string{"a.css"}},
	{`@import "a.css" layer(x) supports(font: "y");b{content:"z"}`, []string{"a.css"}},
	{`@import "a.css"{content:"z"}`, []string{"a.css"}},
	{`@import`, nil},
	{`@imports "a.css"`, nil},
	{`@charset "utf-8";`, nil},
	{`@namespace url(http://www.w3.org/2000/svg);a{b:url(x)}`, []string{"x"}},
	{`@namespace svg "http://www.w3.org/2000/svg";@import "x"`, []string{"x"}},
	{`@namespace{a:url(x)}`, []string{"x"}},
	{`a{background:image-set("a" 1x, url(b) 2x, 'c' type("image/png"))}`, []string{"a", "b", "c"}},
	{`a{background:-webkit-image-set("a" 1x)}`, []string{"a"}},
	{`a{background:-webkit-cross-fade(url(a), image("b"), 50%)}`, []string{"a", "b"}},
	{`a{background:image-set(var(--x, "a") 1x);content:"b"}`, []string{"a"}},
	{`a{background:image-set([{("a")}]);content:"b"}`, []string{"a"}},
	{`a{background:image-set("a" ] } ; "b");content:"c"}`, []string{"a", "b"}},
	{`@font-face{src:src("a") format("woff2"),url(b)format('woff')}`, []string{"a", "b"}},
	{`a{--x:"a";content:"b"}`, []string{"a"}},
	{`a{ /**/ \2d-x : {"a";"b"} "c" ; content:"d"}`, []string{"a", "b", "c"}},
	{`--x:"a";content:"b"`, []string{"a"}},
	{`a{--x:"a"}b{content:"b"}`, []string{"a"}},
	{`a{content:"b";/**/--x:{@namespace y;"a"}}`, []string{"a"}},
	{`@property --x{syntax:"*";initial-value:"a"}`, []string{"a"}},
	{`@function --f(){result:"a";}`, []string{"a"}},
	{`a{color:red;resulting:"a"}`, nil},
	{`filter:url(a)`, []string{"a"}},
}

func TestEveryAddressIsFound(t *testing.T) {
	for _, test := range finds {
		if got := found(test.sheet); !slices.Equal(got, test.want) {
			t.Errorf("%q: found %q, want %q", test.sheet, got, test.want)
		}
	}
}

func TestRefusedAddressBecomesNothing(t *testing.T) {
	for sheet, want := range map[string]string{
		`a{background:url( x.png )}`:           `a{background:url( about:invalid )}`,
		`a{background:\75rl('x')}`:             `a{background:\75rl('about:invalid')}`,
		`@import "x" screen;`:                  `@import "about:invalid" screen;`,
		`a{background:image-set("x" 1x)}`:      `a{background:image-set("about:invalid" 1x)}`,
		`a{background:url("x`:                  `a{background:url("about:invalid"`,
		`a{background:url(x`:                   `a{background:url(about:invalid`,
		`@namespace "x";a{content:"y"/*"z"*/}`: `@namespace "x";a{content:"y"/*"z"*/}`,
		"a{background:url('x\n)}":              "a{background:url('x\n)}",
	} {
		if got := string(Append(nil, []byte(sheet), refuse)); got != want {
			t.Errorf("%q becomes %q, want %q", sheet, got, want)
		}
	}
}

func TestWhatIsWrittenStaysInItsPlace(t *testing.T) {
	evil := "a\"'()\\ \n</style>&quot;\u00e9\x00);b{c:url(d)}"
	edit := func(address string) (string, bool) { return evil, true }
	for _, sheet := range []string{`a{b:url(x)}`, `a{b:url("x")}`, `@import 'x';`} {
		got := string(Append(nil, []byte(sheet), edit))
		if addresses := found(got); len(addresses) != 1 || addresses[0] != strings.ReplaceAll(evil, "\x00", "\ufffd") {
			t.Errorf("%q becomes %q, where %q is found", sheet, got, addresses)
		}
		if strings.ContainsAny(got, "<>&\n") {
			t.Errorf("%q becomes %q", sheet, got)
		}
	}
	if got := string(Append(nil, []byte("url(x)"), func(string) (string, bool) { return "/a?b=c;d,e", true })); got != "url(/a?b=c;d,e)" {
		t.Errorf("an ordinary address is written as %q", got)
	}
}

// endless is longer than what is held back.
var endless = strings.Repeat("0123456789abcde ", maxAddress/16+10)

func TestLongAddresses(t *testing.T) {
	packed := strings.ReplaceAll(endless, " ", "-")
	for sheet, want := range map[string]string{
		"a{b:url(data:" + packed + ");c:d}":                    "",
		"a{b:url(\"DATA:" + endless + "\");c:url(d)}":          "a{b:url(\"DATA:" + endless + "\");c:url(about:invalid)}",
		"a{b:url(//t.example/" + packed + ");c:d}":             "a{b:url(about:invalid);c:d}",
		"a{b:url('//t.example/" + endless + "');c:d}":          "a{b:url('about:invalid');c:d}",
		"a{b:url('//t.example/" + endless + "\n;c:d}":          "a{b:url('about:invalid'\n;c:d}",
		"a{b:url(//t.example/" + packed + "\";c)}":             "a{b:url(about:invalid)}",
		"a{b:url(//t.example/" + packed:                        "a{b:url(about:invalid",
		"a{b:url(x" + strings.Repeat(" ", maxAddress+1) + "y)": "a{b:url(about:invalid)",
		"@namespace url(//t.example/" + packed + ");":          "",
		"a{b:" + packed + "url(x)}":                            "",
		"a{b:\\75" + packed + "(x)}":                           "",
		"a{content:'" + endless + "'}/*" + endless + "*/":      "",
		strings.Repeat("(", maxFrames+1) + `"x`:                strings.Repeat("(", maxFrames+1) + `"about:invalid"`,
	} {
		if want == "" {
			want = sheet
		}
		if got := string(Append(nil, []byte(sheet), refuse)); got != want {
			t.Errorf("%.60q: got %.80q … %.20q", sheet, got, got[max(0, len(got)-20):])
		}
		for _, n := range []int{997, 4096, maxAddress + 1} {
			if got := inPieces(sheet, n, refuse); got != want {
				t.Errorf("%.60q in pieces of %d: got %.80q", sheet, n, got)
			}
		}
	}
}

func TestRewriterHoldsOneAddressAtMost(t *testing.T) {
	var r Rewriter
	r.Reset(refuse)
	for _, sheet := range []string{"a{b:url(//", "a{b:url('", "/*", "\\", "'"} {
		r.Reset(refuse)
		var out []byte
		for range 100 {
			out = r.Append(out[:0], []byte(sheet))
			sheet = strings.Repeat("a", 16<<10)
		}
		if len(r.held) > maxAddress || cap(r.held) > 4*maxAddress {
			t.Errorf("%d bytes held of %d", len(r.held), cap(r.held))
		}
	}
}

func TestEveryCutGivesTheSame(t *testing.T) {
	for _, test := range finds {
		want := string(Append(nil, []byte(test.sheet), refuse))
		for n := 1; n <= len(test.sheet); n++ {
			if got := inPieces(test.sheet, n, refuse); got != want {
				t.Errorf("%q in pieces of %d: %q, want %q", test.sheet, n, got, want)
			}
		}
	}
}

func FuzzRewriter(f *testing.F) {
	for _, test := range finds {
		f.Add(test.sheet, uint(1))
		f.Add(test.sheet+test.sheet, uint(7))
	}
	f.Fuzz(func(t *testing.T, sheet string, cut uint) {
		if got := string(Append(nil, []byte(sheet), allow)); got != sheet {
			t.Errorf("%q becomes %q", sheet, got)
		}
		want := string(Append(nil, []byte(sheet), refuse))
		for _, n := range []int{1, 2, 1 + int(cut%64)} {
			if got := inPieces(sheet, n, refuse); got != want {
				t.Errorf("%q in pieces of %d: %q, want %q", sheet, n, got, want)
			}
		}
		if left := found(want); len(left) > 0 {
			t.Errorf("%q becomes %q, where %q is found", sheet, want, left)
		}
	})
}

// usual is a sheet like those of most sites, with one address in 4 KB.
func usual() []byte {
	var b bytes.Buffer
	for b.Len() < 1<<20 {
		b.WriteString("@media (min-width:768px){.site-header__nav > li:hover a{background:url(/img/menu.svg) no-repeat}}\n")
		for range 20 {
			b.WriteString(".card-deck .card__title,.btn--primary:not(:disabled):hover{display:flex;margin:0 auto 1.5rem;" +
				"color:rgba(0,0,0,.85);transition:color .15s ease-in-out,background-color .15s ease-in-out;" +
				"padding:calc(var(--gap)*2) 12px}\n.icon-down::before{content:\"\\f107\";font-family:\"Icons\",sans-serif}\n")
		}
	}
	return b.Bytes()
}

func BenchmarkAppend(b *testing.B) {
	sheet := usual()
	out := make([]byte, 0, 2*len(sheet))
	b.SetBytes(int64(len(sheet)))
	b.ReportAllocs()
	for b.Loop() {
		out = Append(out[:0], sheet, allow)
	}
}

func BenchmarkRewriter(b *testing.B) {
	sheet := usual()
	out := make([]byte, 0, 2*len(sheet))
	var r Rewriter
	b.SetBytes(int64(len(sheet)))
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(allow)
		out = out[:0]
		for piece := range slices.Chunk(sheet, 16<<10) {
			out = r.Append(out, piece)
		}
		out = r.Close(out)
	}
}
