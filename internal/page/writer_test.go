package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// marks is an insertion whose parts are easy to see in a page.
var marks = Insertion{Head: []byte("<H>"), Body: []byte("<B>"), End: []byte("<E>"), CharsetDeclared: true}

// rewrite sends page through a Writer in pieces that end at cuts.
func rewrite(t testing.TB, ins Insertion, page string, cuts ...int) string {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, ins)
	from := 0
	for _, to := range append(cuts, len(page)) {
		n, err := w.Write([]byte(page[from:to]))
		if err != nil || n != to-from {
			t.Fatalf("wrote %d of %d bytes: %v", n, to-from, err)
		}
		from = to
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestInsertionsStandWhereBrowsersBeginHeadAndBody(t *testing.T) {
	for page, want := range map[string]string{
		// stated
		"<!doctype html><html><head><title>t</title></head><body><p>x</p></body></html>":                         "<!doctype html><html><head><H><title>t</title></head><body><B><p>x</p><E></body></html>",
		"<!DOCTYPE HTML>\n<HTML LANG=fr>\n<HEAD ID=h>\n<TITLE>t</TITLE>\n</HEAD>\n<BODY CLASS=b>\nx\n</BODY >\n": "<!DOCTYPE HTML>\n<HTML LANG=fr>\n<HEAD ID=h>\n<H><TITLE>t</TITLE>\n</HEAD>\n<BODY CLASS=b><B>\nx\n<E></BODY >\n",
		"<html><head></head><body></body></html>":                                                                "<html><head><H></head><body><B><E></body></html>",
		"\xef\xbb\xbf<!doctype html><head><body>":                                                                "\xef\xbb\xbf<!doctype html><head><H><body><B><E>",
		"<!-- a <head> --><!doctype html><!-- b --><head><!-- c --><script></script>":                            "<!-- a <head> --><!doctype html><!-- b --><head><!-- c --><H><script></script><B><E>",
		// implied
		"<!doctype html><p>x":    "<!doctype html><H><B><p>x<E>",
		"<!doctype html>\n\n  x": "<!doctype html>\n\n  <H><B>x<E>",
		"<!doctype html>\n<!-- <body> -->\n<script></script> <p>x": "<!doctype html>\n<!-- <body> -->\n<H><script></script> <B><p>x<E>",
		"<html><body>x":                            "<html><H><body><B>x<E>",
		"<body>x":                                  "<H><body><B>x<E>",
		"<title>t</title><p>x</body>":              "<H><title>t</title><B><p>x<E></body>",
		"<head><p>x":                               "<head><H><B><p>x<E>",
		"<html></head><p>x":                        "<html><H></head><B><p>x<E>",
		"<html></p></div><br>":                     "<html></p></div><H><B><br><E>",
		"<html></br>x":                             "<html><H><B></br>x<E>",
		"<html></body>":                            "<html><H><B><E></body>",
		"<html></html>":                            "<html><H><B><E></html>",
		"<!doctype html>":                          "<!doctype html><H><B><E>",
		"<html><head><title>t</title>":             "<html><head><H><title>t</title><B><E>",
		"<!doctype html>a<!-- x":                   "<!doctype html><H><B>a<!-- x",
		"<html>\n<svg><title><body></title></svg>": "<html>\n<H><B><svg><title><body></title></svg><E>",
		// what only looks like a tag
		"<html><head><title><body></title><script>'<body>'</script></head><body>":      "<html><head><H><title><body></title><script>'<body>'</script></head><body><B><E>",
		"<html><head><script>'</body>'</script></head><body><!-- </body> --></body>":   "<html><head><H><script>'</body>'</script></head><body><B><!-- </body> --><E></body>",
		"<html><head><noscript><p><body></noscript><style>a</style></head><body>":      "<html><head><H><noscript><p><body></noscript><style>a</style></head><body><B><E>",
		"<html><head><template><p><body></body></template><meta name=x></head><body>x": "<html><head><H><template><p><body></body></template><meta name=x></head><body><B>x<E>",
		"<body><template></body></template>x</body>":                                   "<H><body><B><template></body></template>x<E></body>",
		"<body><textarea></body></textarea></body>":                                    "<H><body><B><textarea></body></textarea><E></body>",
		"<html><header>x</header>":                                                     "<html><H><B><header>x</header><E>",
		// metadata that must come first, or not
		"<head><meta charset=utf-8><meta name=viewport content=x><link rel=x>": "<head><meta charset=utf-8><meta name=viewport content=x><H><link rel=x><B><E>",
		"<head><meta http-equiv=Content-Security-Policy content=x><script>":    "<head><H><meta http-equiv=Content-Security-Policy content=x><script>",
		"<head><meta http-equiv=refresh content=0><meta charset=x>":            "<head><H><meta http-equiv=refresh content=0><meta charset=x><B><E>",
		"<meta charset=utf-8><p>x":                  "<meta charset=utf-8><H><B><p>x<E>",
		"<head><base href=/x/><meta charset=utf-8>": "<head><H><base href=/x/><meta charset=utf-8><B><E>",
		// frames
		"<html><head><title>t</title></head><frameset><frame></frameset></html>": "<html><head><H><title>t</title></head><frameset><frame></frameset></html>",
		"<frameset><frame></frameset>":                                           "<H><frameset><frame></frameset>",
		// each once
		"<html><head></head><head><body>x<body></body>y</body></html>": "<html><head><H></head><head><body><B>x<body><E></body>y</body></html>",
		// stopped in the middle
		"<!doctype html><body>x<a href":          "<!doctype html><H><body><B>x<a href",
		"<!doctype html><body><script>x":         "<!doctype html><H><body><B><script>x",
		"<!doctype html><head><title>x":          "<!doctype html><head><H><title>x",
		"<!doctype html><body><template><p>":     "<!doctype html><H><body><B><template><p>",
		"<!doctype html><body><svg><![CDATA[ x ": "<!doctype html><H><body><B><svg><![CDATA[ x ",
		// fragments, and bytes that are not ASCII
		"":                             "",
		"<p>x":                         "<p>x",
		" x <html>":                    " x <html>",
		"<script></script><title>":     "<script></script><title>",
		"<div></div></body>":           "<div></div></body>",
		"{\"html\":\"<body>\"}":        "{\"html\":\"<body>\"}",
		"\xff\xfe<\x00b\x00":           "\xff\xfe<\x00b\x00",
		"\xfe\xff\x00<":                "\xfe\xff\x00<",
		"\x00<\x00h":                   "\x00<\x00h",
		"<meta charset=iso-2022-jp><p": "<meta charset=iso-2022-jp><p",
	} {
		if got := rewrite(t, marks, page); got != want {
			t.Errorf("%s\n got %s\nwant %s", page, got, want)
		}
	}
}

func TestRequestedDocumentIsNoFragment(t *testing.T) {
	ins := marks
	ins.Document = true
	for page, want := range map[string]string{
		"":                    "",
		" ":                   " <H><B><E>",
		"x":                   "<H><B>x<E>",
		"<p>x":                "<H><B><p>x<E>",
		"<script></script>x ": "<H><script></script><B>x <E>",
		"\xef\xbb\xbf x":      "\xef\xbb\xbf <H><B>x<E>",
	} {
		if got := rewrite(t, ins, page); got != want {
			t.Errorf("%q: got %q, want %q", page, got, want)
		}
	}
}

func TestByteOrderMarkMayComeInTwoPieces(t *testing.T) {
	ins := marks
	ins.Document = true
	for page, want := range map[string]string{
		"\xff\xfe<\x00b\x00>\x00": "\xff\xfe<\x00b\x00>\x00",
		"\xff<p>":                 "<H><B>\xff<p><E>",
		"\xfe":                    "<H><B>\xfe<E>",
	} {
		for cut := range len(page) {
			if got := rewrite(t, ins, page, cut); got != want {
				t.Errorf("%q cut at %d: got %q, want %q", page, cut, got, want)
			}
		}
	}
}

func TestOverlongTagsDoNotMoveInsertions(t *testing.T) {
	long := strings.Repeat(" a=b", maxTag/4)
	page := "<html><head><meta" + long + "><script" + long + "></script></head><body" + long + ">x</body" + long + ">"
	want := "<html><head><H><meta" + long + "><script" + long + "></script></head><body" + long + "><B>x<E></body" + long + ">"
	for size := 1000; size < len(page); size += 7777 {
		var cuts []int
		for i := size; i < len(page); i += size {
			cuts = append(cuts, i)
		}
		if rewrite(t, marks, page, cuts...) != want {
			t.Errorf("insertions misplaced in pieces of %d", size)
		}
	}
}

func TestUninspectedTagsAreCounted(t *testing.T) {
	w := NewWriter(io.Discard, marks)
	fmt.Fprintf(w, "<html><body><img %s><p><img %[1]s></p><link %[1]s><input%s>", strings.Repeat("a ", maxTag), strings.Repeat("b", maxTag))
	if got := w.Uninspected(); got != 3 {
		t.Errorf("%d tags counted, want 3", got)
	}
}

func TestHeadNeverPushesTheCharsetOutOfSight(t *testing.T) {
	guard := "<script>" + strings.Repeat("g", 2000) + "</script>"
	ins := Insertion{Head: []byte(guard), Body: []byte("<b2>")}
	late := strings.Repeat(" ", prescan)
	for page, want := range map[string]string{
		"<head><meta charset=x><title>t</title>":                                                  "<head><meta charset=x>G<title>t</title><b2>",
		"<head><title>t</title><meta charset=' X-y '>":                                            "<head><meta charset=\"x-y\">G<title>t</title><meta charset=' X-y '><b2>",
		"<head><base><meta http-equiv=Content-Type content='text/html; charset = \"koi8-r\"'><p>": "<head><meta charset=\"koi8-r\">G<base><meta http-equiv=Content-Type content='text/html; charset = \"koi8-r\"'><b2><p>",
		"<head><title>t</title>" + late + "<meta charset=x>":                                      "<head>G<title>t</title>" + late + "<meta charset=x><b2>",
		"<head><title>t</title><!--" + late + "--><meta charset=x>":                               "<head>G<title>t</title><!--" + late + "--><meta charset=x><b2>",
		"<head><title>t</title></head><body>x":                                                    "<head>G<title>t</title></head><body><b2>x",
		"<head><title>t</title></head><body><meta charset=x>":                                     "<head><meta charset=\"x\">G<title>t</title></head><body><b2><meta charset=x>",
		"<head><title>t</title><meta charset='\"><script>'>":                                      "<head>G<title>t</title><meta charset='\"><script>'><b2>",
		"<head><title>t</title><meta charset=iso-2022-jp>":                                        "<head><title>t</title><meta charset=iso-2022-jp>",
		"<head><title>t</title><meta charset=utf-16le>":                                           "<head><meta charset=\"utf-16le\">G<title>t</title><meta charset=utf-16le><b2>",
		"<html><frameset>": "<html>G<frameset>",
		"<head>" + late + "<script></script><meta charset=x>":           "<head>" + late + "G<script></script><meta charset=x><b2>",
		"<html><title>t</title><meta name=description content=charset>": "<html>G<title>t</title><meta name=description content=charset><b2>",
	} {
		want = strings.ReplaceAll(want, "G", guard)
		if got := rewrite(t, ins, page); got != want {
			t.Errorf("%s\n got %s\nwant %s", page, got, want)
		}
		for i := range page {
			if got := rewrite(t, ins, page, i); got != want {
				t.Errorf("%s cut at %d\n got %s\nwant %s", page, i, got, want)
			}
		}
	}
}

// TestFlushAnywhereChangesNothing: neither what is inserted into a page whose charset
// is not known, nor what is held of it, whatever is incomplete by then.
func TestFlushAnywhereChangesNothing(t *testing.T) {
	const page = "<html><head><title>x</title><script>document.createElement('script').src='//t.example/fbevents.js'</script></head>" +
		"<body><p class=a>x</p><img src='//t.example/a>b'><br></body></html>"
	ins := marks
	ins.CharsetDeclared = false
	for _, rules := range []*Rules{nil, refuseOthers} {
		write := func(pieces ...string) string {
			var out bytes.Buffer
			var w Writer
			w.Reset(&out, ins, rules)
			for _, piece := range pieces {
				if _, err := w.Write([]byte(piece)); err != nil {
					t.Fatal(err)
				}
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			before, after, _ := strings.Cut(out.String(), "<E>") // which browsers put into body wherever it stands
			return before + after
		}
		want := write(page)
		if held := strings.Count(want, "data-held-") + strings.Count(want, "text/plain"); (held == 2) != (rules != nil) {
			t.Errorf("%d held: %s", held, want)
		}
		for i := range page {
			if got := write(page[:i], page[i:]); got != want {
				t.Errorf("flushed after %q:\n got %s\nwant %s", page[:i], got, want)
			}
		}
	}
}

func TestFlushSendsAllButTheIncompleteTag(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, Insertion{Head: []byte("<H>"), Body: []byte("<B>")})
	for _, step := range []struct{ in, want string }{
		{"<html><head><title>t</title><scr", "<html><head><H><title>t</title>"},
		{"ipt>'</bod", "<html><head><H><title>t</title>"}, // a script waits until it is all there
		{"y>'</script><meta charset=", "<html><head><H><title>t</title><script>'</body>'</script>"},
		{"x></head><body", "<html><head><H><title>t</title><script>'</body>'</script><meta charset=x></head>"},
		{">", "<html><head><H><title>t</title><script>'</body>'</script><meta charset=x></head><body><B>"},
	} {
		w.Write([]byte(step.in))
		if err := w.Flush(); err != nil || out.String() != step.want {
			t.Fatalf("after %q: %q, want %q (%v)", step.in, out.String(), step.want, err)
		}
	}
}

// counter counts writes and can fail.
type counter struct {
	writes int
	err    error
}

func (c *counter) Write(p []byte) (int, error) {
	c.writes++
	return len(p), c.err
}

func TestOneWriteInIsOneWriteOut(t *testing.T) {
	var c counter
	w := NewWriter(&c, marks)
	page := ordinary(60 << 10)
	writes := 0
	for len(page) > 0 {
		piece := page[:min(len(page), 20<<10)]
		page = page[len(piece):]
		w.Write(piece)
		writes++
	}
	w.Close()
	if c.writes > writes {
		t.Errorf("%d writes came, %d left", writes, c.writes)
	}
}

func TestWriterHoldsLittleOfAnyPage(t *testing.T) {
	long := strings.Repeat("x ", 2<<20)
	for _, page := range []string{
		"<!doctype html><head><title>t</title><script>" + long + "</script></head><body>" + long + "</body>",
		"<!doctype html><head><script " + long + "></script><body " + long + ">",
		"<!doctype html><!--" + long + "--><head><title>" + long,
	} {
		w := NewWriter(io.Discard, Insertion{Head: []byte("<H>"), Body: []byte("<B>"), End: []byte("<E>")})
		for p := []byte(page); len(p) > 0; p = p[min(len(p), 1<<20):] {
			w.Write(p[:min(len(p), 1<<20)])
			if held := cap(w.out) + cap(w.scan.kept); held > 4*gather {
				t.Fatalf("%.40s… makes it hold %d bytes", page, held)
			}
		}
		w.Close()
	}
}

// TestSmallBeginningWaitsForMoreUnlessItIsFlushed: what a proxy reads with the header
// goes out with what follows.
func TestSmallBeginningWaitsForMoreUnlessItIsFlushed(t *testing.T) {
	begin, more := "<html><body>"+strings.Repeat("a", small-12), "b"
	var c counter
	w := NewWriter(&c, marks)
	w.Write([]byte(begin))
	if c.writes != 0 {
		t.Errorf("%d writes for a beginning alone", c.writes)
	}
	w.Write([]byte(more))
	if c.writes != 1 {
		t.Errorf("%d writes for a beginning and more", c.writes)
	}
	var out bytes.Buffer
	w.Reset(&out, marks, allowAll)
	w.Write([]byte(begin[:100]))
	if w.Flush(); !strings.HasSuffix(out.String(), begin[12:100]) {
		t.Errorf("flushed %q", out.String())
	}
	w.Reset(&out, marks, allowAll)
	out.Reset()
	w.Write([]byte(begin[:100]))
	if w.Close(); !strings.Contains(out.String(), begin[12:100]) {
		t.Errorf("closed with %q", out.String())
	}
}

func TestErrorDownstreamIsReturnedAndStays(t *testing.T) {
	broken := errors.New("gone")
	c := counter{err: broken}
	w := NewWriter(&c, marks)
	for range 3 {
		if n, err := w.Write([]byte("<html><body>" + strings.Repeat("text", small/4))); n != 0 || !errors.Is(err, broken) {
			t.Errorf("wrote %d, error %v", n, err)
		}
	}
	if err := w.Flush(); !errors.Is(err, broken) {
		t.Errorf("flush: %v", err)
	}
	if err := w.Close(); !errors.Is(err, broken) || c.writes != 1 {
		t.Errorf("close: %v after %d writes", err, c.writes)
	}
}

func TestResetForgetsThePageBefore(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, marks)
	for _, before := range []string{"<svg><title", "<!doctype html><script><!--<script", "<body><template>", "x", "<body " + strings.Repeat("a ", maxTag)} {
		w.Write([]byte(before))
		w.Reset(&out, marks, allowAll)
		out.Reset()
		w.Write([]byte("<html><body>x"))
		w.Close()
		if got := out.String(); got != "<html><H><body><B>x<E>" {
			t.Errorf("after %.40q: %q", before, got)
		}
	}
}

func TestWithoutInsertionNothingChanges(t *testing.T) {
	for _, page := range nasties {
		if got := rewrite(t, Insertion{Document: true}, page, len(page)/2); got != page {
			t.Errorf("%q came out as %q", page, got)
		}
	}
}

// TestEveryOtherByteLeavesAsItCame takes the insertions out again.
func TestEveryOtherByteLeavesAsItCame(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		checkRewrite(t, generated(r, 1+r.IntN(30)), r.Int(), r.Int())
	}
}

// odd cannot be part of a generated page.
var odd = Insertion{Head: []byte("\x01H"), Body: []byte("\x01B"), End: []byte("\x01E"), Document: true}

func checkRewrite(t *testing.T, page string, a, b int) {
	t.Helper()
	whole := rewrite(t, odd, page)
	if strings.NewReplacer("\x01H", "", "\x01B", "", "\x01E", "").Replace(whole) != page {
		t.Fatalf("%q came out as %q", page, whole)
	}
	for _, part := range []string{"\x01H", "\x01B", "\x01E"} {
		if strings.Count(whole, part) > 1 {
			t.Fatalf("%q: %q inserted twice: %q", page, part, whole)
		}
	}
	i, j := a%(len(page)+1), b%(len(page)+1)
	if cut := rewrite(t, odd, page, min(i, j), max(i, j)); cut != whole {
		t.Fatalf("%q\n whole %q\ncut at %d, %d: %q", page, whole, i, j, cut)
	}
}

func FuzzWriter(f *testing.F) {
	for _, page := range nasties {
		f.Add("<!doctype html><head>"+page, uint16(5), uint16(9))
	}
	f.Fuzz(func(t *testing.T, page string, a, b uint16) {
		if !strings.Contains(page, "\x01") {
			checkRewrite(t, page, int(a), int(b))
		}
	})
}

func ExampleWriter() {
	var out bytes.Buffer
	w := NewWriter(&out, Insertion{Body: []byte("<p>Hello</p>")})
	fmt.Fprint(w, "<!doctype html><title>A page</title><bo")
	fmt.Fprint(w, "dy>…</body>")
	w.Close()
	fmt.Println(out.String())
	// Output: <!doctype html><title>A page</title><body><p>Hello</p>…</body>
}
