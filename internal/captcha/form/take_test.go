package form

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

const boundary = "----WebKitFormBoundaryABC"

// request is one with a body of known length, or of unknown with chunked.
func request(contentType, body string, chunked ...bool) *http.Request {
	r := &http.Request{Method: "POST", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if len(chunked) > 0 && chunked[0] {
		r.ContentLength = -1
	} else {
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return r
}

// parts writes a form with files as Chromium does: name, content, name, content …
func parts(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + pairs[i] + "\"\r\n\r\n" + pairs[i+1] + "\r\n")
	}
	return b.String() + "--" + boundary + "--\r\n"
}

const (
	urlencoded = "application/x-www-form-urlencoded"
	multiparts = "multipart/form-data; boundary=" + boundary
)

// take returns what was found, and the body that the site gets.
func take(t testing.TB, r *http.Request, peek int) (Found, string) {
	t.Helper()
	found, err := Take(r, peek)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.ContentLength >= 0 {
		if int64(len(body)) != r.ContentLength || r.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("%d bytes are announced as %d, %s", len(body), r.ContentLength, r.Header.Get("Content-Length"))
		}
	}
	return found, string(body)
}

func TestFieldsAreFoundAndTheRestStaysByteForByte(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		want                    Found
		rest                    string
	}{
		{"first", urlencoded, "say-token=T&say-website=&a=1&b=%C3%A9+x", Found{Token: "T"}, "a=1&b=%C3%A9+x"},
		{"type with a charset", urlencoded + "; charset=UTF-8", "say-token=T&a=1", Found{Token: "T"}, "a=1"},
		{"type in capitals", "Application/X-WWW-Form-Urlencoded", "say-token=T&a=1", Found{Token: "T"}, "a=1"},
		{"last", urlencoded, "a=1&say-token=T", Found{Token: "T"}, "a=1"},
		{"in between", urlencoded, "a=1&say-token=T&b=2", Found{Token: "T"}, "a=1&b=2"},
		{"alone", urlencoded, "say-token=T", Found{Token: "T"}, ""},
		{"both ends", urlencoded, "say-token=T&a=1&say-website=", Found{Token: "T"}, "a=1"},
		{"odd separators stay", urlencoded, "&&a&say-token=T&&=&", Found{Token: "T"}, "&&a&&=&"},
		{"an end that was empty stays", urlencoded, "say-token=T&a=1&", Found{Token: "T"}, "a=1&"},
		{"semicolons do not separate", urlencoded, "a=1;say-token=T", Found{Why: Absent}, "a=1;say-token=T"},
		{"escaped name", urlencoded, "%73ay%2Dtoken=T&a=1", Found{Token: "T"}, "a=1"},
		{"escaped value", urlencoded, "say-token=a%2Bb%2F%3D&a=1", Found{Token: "a+b/="}, "a=1"},
		{"no value", urlencoded, "say-token&a=1", Found{Why: Absent}, "a=1"},
		{"name in capitals is not ours", urlencoded, "SAY-TOKEN=T", Found{Why: Absent}, "SAY-TOKEN=T"},
		{"longer name is not ours", urlencoded, "say-tokens=T&xsay-token=T", Found{Why: Absent}, "say-tokens=T&xsay-token=T"},
		{"value that cannot be read", urlencoded, "say-token=%zz&a=1", Found{Why: Malformed}, "a=1"},
		{"name that cannot be read", urlencoded, "say-token%=T&a=1", Found{Why: Absent}, "say-token%=T&a=1"},
		{"two", urlencoded, "say-token=T&say-token=T&a=1", Found{Why: Repeated}, "a=1"},
		{"three", urlencoded, "say-token=T&say-token=U&say-token=V&a=1", Found{Why: Repeated}, "a=1"},
		{"empty, then one", urlencoded, "say-token=&say-token=T", Found{Token: "T"}, ""},
		{"too long", urlencoded, "say-token=" + strings.Repeat("T", MaxToken+1) + "&a=1", Found{Why: Beyond}, "a=1"},
		{"trap", urlencoded, "say-token=T&say-website=x", Found{Token: "T", Trapped: true}, ""},
		{"sealed", urlencoded, "say-token=T&say-sealed=S&say-answer=7", Found{Token: "T", Sealed: "S", Answer: "7"}, ""},
		{"nothing of ours", urlencoded, "a=1", Found{Why: Absent}, "a=1"},

		{"first parts", multiparts, parts("say-token", "T", "say-website", "", "a", "1\r\n2"), Found{Token: "T"}, parts("a", "1\r\n2")},
		{"later parts", multiparts, parts("a", "1", "say-token", "T", "b", "2"), Found{Token: "T"}, parts("a", "1", "b", "2")},
		{"last part", multiparts, parts("a", "1", "say-token", "T"), Found{Token: "T"}, parts("a", "1")},
		{"no other part", multiparts, parts("say-token", "T"), Found{Token: "T"}, parts()},
		{"no part", multiparts, parts(), Found{Why: Absent}, parts()},
		{"no part, and no line end", multiparts, "--" + boundary + "--", Found{Why: Absent}, "--" + boundary + "--"},
		{"two parts", multiparts, parts("say-token", "T", "say-token", "T"), Found{Why: Repeated}, parts()},
		{"trapped part", multiparts, parts("say-token", "T", "say-website", "x"), Found{Token: "T", Trapped: true}, parts()},
		{"preamble and epilogue stay", multiparts, "pre\r\n" + parts("say-token", "T", "a", "1") + "epi", Found{Token: "T"}, "pre\r\n" + parts("a", "1") + "epi"},
		{"quoted boundary", `multipart/form-data; boundary="` + boundary + `"`, parts("say-token", "T", "a", "1"), Found{Token: "T"}, parts("a", "1")},
		{"boundary with all signs", `multipart/form-data; boundary="a'()+_,-./:=? b"`, strings.ReplaceAll(parts("say-token", "T", "a", "1"), boundary, "a'()+_,-./:=? b"), Found{Token: "T"}, strings.ReplaceAll(parts("a", "1"), boundary, "a'()+_,-./:=? b")},
		{"content that begins like the boundary", multiparts, parts("say-token", "T", "a", "--"+boundary+"x\r\n--"+boundary+"y"), Found{Token: "T"}, parts("a", "--"+boundary+"x\r\n--"+boundary+"y")},
		{"content without its line end", multiparts, "--" + boundary + "\r\nContent-Disposition: form-data; name=say-token\r\n\r\n" + parts("a", "1"), Found{Why: Absent}, parts("a", "1")},
		{"blanks after the boundary", multiparts, strings.ReplaceAll(parts("say-token", "T", "a", "1"), boundary+"\r", boundary+" \t\r"), Found{Token: "T"}, strings.ReplaceAll(parts("a", "1"), boundary+"\r", boundary+" \t\r")},
		{"line ends of Unix", multiparts, strings.ReplaceAll(parts("say-token", "T", "a", "1"), "\r", ""), Found{Token: "T"}, strings.ReplaceAll(parts("a", "1"), "\r", "")},
		{"name of RFC 5987", multiparts, strings.Replace(parts("say-token", "T", "a", "1"), `name="say-token"`, `name*=utf-8''say-token`, 1), Found{Token: "T"}, parts("a", "1")},
		{"header fields around", multiparts, strings.Replace(parts("say-token", "T", "a", "1"), "Content-D", "Content-Type: text/plain\r\ncontent-d", 1), Found{Token: "T"}, parts("a", "1")},
		{"folded header", multiparts, strings.Replace(parts("say-token", "T", "a", "1"), "; name", ";\r\n name", 1), Found{Token: "T"}, parts("a", "1")},
		{"another disposition", multiparts, strings.Replace(parts("say-token", "T"), "form-data", "attachment", 1), Found{Why: Absent}, strings.Replace(parts("say-token", "T"), "form-data", "attachment", 1)},
		{"a name within another part's header", multiparts, strings.Replace(parts("a", "1"), `"a"`, `"a"; filename="say-token"`, 1), Found{Why: Absent}, strings.Replace(parts("a", "1"), `"a"`, `"a"; filename="say-token"`, 1)},
		{"nested parts", multiparts, parts("a", "--in\r\nContent-Disposition: form-data; name=\"say-token\"\r\n\r\nT\r\n--in--"), Found{Why: Absent}, parts("a", "--in\r\nContent-Disposition: form-data; name=\"say-token\"\r\n\r\nT\r\n--in--")},
		{"nonsense after the boundary", multiparts, "--" + boundary + "x\r\n" + parts("say-token", "T"), Found{Token: "T"}, "--" + boundary + "x\r\n" + parts()},
		{"not parts at all", multiparts, "a=1", Found{Why: Malformed}, "a=1"},
		{"broken off", multiparts, strings.TrimSuffix(parts("say-token", "T"), "\r\n--"+boundary+"--\r\n"), Found{Why: Malformed}, strings.TrimSuffix(parts("say-token", "T"), "\r\n--"+boundary+"--\r\n")},

		{"lines", "text/plain", "say-token=T\r\nsay-website=\r\na=1\r\nb= 2 \r\n", Found{Token: "T"}, "a=1\r\nb= 2 \r\n"},
		{"lines of the site are not searched", "text/plain", "a=1\r\nsay-token=T\r\n", Found{Why: Absent}, "a=1\r\nsay-token=T\r\n"},
		{"no line", "text/plain", "say-token=T", Found{Why: Absent}, "say-token=T"},

		{"JSON", "application/json", `{"say-token":"T"}`, Found{Why: Fieldless}, `{"say-token":"T"}`},
		{"other parts", "multipart/mixed; boundary=" + boundary, parts("say-token", "T"), Found{Why: Fieldless}, parts("say-token", "T")},
		{"no type", "", "say-token=T", Found{Why: Untyped}, "say-token=T"},
		{"malformed type", urlencoded + "; =", "say-token=T", Found{Why: Untyped}, "say-token=T"},
		{"no boundary", "multipart/form-data", parts("say-token", "T"), Found{Why: Unbounded}, parts("say-token", "T")},
		{"empty boundary", `multipart/form-data; boundary=""`, parts("say-token", "T"), Found{Why: Unbounded}, parts("say-token", "T")},
		{"long boundary", "multipart/form-data; boundary=" + strings.Repeat("b", 71), "", Found{Why: Fieldless}, ""},
		{"boundary with a line end", "multipart/form-data; boundary=\"a\\\r\\\nb\"", "--a\r\nb", Found{Why: Untyped}, "--a\r\nb"},
		{"two boundaries", multiparts + "; boundary=x", parts("say-token", "T"), Found{Why: Untyped}, parts("say-token", "T")},
		{"boundary of RFC 2231", "multipart/form-data; boundary*0=----WebKit; boundary*1=FormBoundaryABC", parts("say-token", "T", "a", "1"), Found{Token: "T"}, parts("a", "1")},
		{"empty body", urlencoded, "", Found{Why: Fieldless}, ""},
	} {
		for _, chunked := range []bool{false, true} {
			r := request(c.contentType, c.body, chunked)
			if chunked && c.body == "" {
				continue
			}
			found, rest := take(t, r, 0)
			c.want.Cut = int64(len(c.body) - len(c.rest))
			if found != c.want {
				t.Errorf("%s (chunked: %v): found %+v, want %+v", c.name, chunked, found, c.want)
			}
			if rest != c.rest {
				t.Errorf("%s (chunked: %v): left %q, want %q", c.name, chunked, rest, c.rest)
			}
		}
	}
}

func TestHeaderBringsTheTokenWhateverTheBodyIs(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		headers                 []string
		want                    Found
		rest                    string
	}{
		{"JSON", "application/json", `{}`, []string{"H"}, Found{Token: "H"}, `{}`},
		{"no body", "", "", []string{"H"}, Found{Token: "H"}, ""},
		{"a form with a token of its own", urlencoded, "say-token=T&a=1", []string{"H"}, Found{Token: "H"}, "a=1"},
		{"a form with two", urlencoded, "say-token=T&say-token=T&a=1", []string{"H"}, Found{Token: "H"}, "a=1"},
		{"a body that cannot be read", multiparts, "x", []string{"H"}, Found{Token: "H"}, "x"},
		{"two headers", "application/json", `{}`, []string{"H", "H"}, Found{Why: Repeated}, `{}`},
		{"two headers and a field", urlencoded, "say-token=T", []string{"H", ""}, Found{Why: Repeated}, ""},
		{"an empty header", urlencoded, "say-token=T", []string{""}, Found{Token: "T"}, ""},
		{"a long header", urlencoded, "say-token=T", []string{strings.Repeat("H", MaxToken+1)}, Found{Why: Beyond}, ""},
	} {
		r := request(c.contentType, c.body)
		r.Header[Header] = c.headers
		found, rest := take(t, r, 0)
		found.Cut = 0
		if found != c.want || rest != c.rest {
			t.Errorf("%s: found %+v, left %q", c.name, found, rest)
		}
		if _, ok := r.Header[Header]; ok {
			t.Errorf("%s: the site gets the header", c.name)
		}
	}
}

func TestCompressedBodiesAndSeveralTypesHoldNoToken(t *testing.T) {
	for header, want := range map[string]Why{"gzip": Encoded, "identity": "", "": "", "br, gzip": Encoded} {
		r := request(urlencoded, "say-token=T")
		r.Header.Set("Content-Encoding", header)
		if found, _ := take(t, r, 0); found.Why != want {
			t.Errorf("Content-Encoding %q: %q", header, found.Why)
		}
	}
	r := request(urlencoded, "say-token=T")
	r.Header.Add("Content-Type", urlencoded)
	if found, rest := take(t, r, 0); found.Why != Untyped || rest != "say-token=T" {
		t.Errorf("two types: %+v, %q", found, rest)
	}
}

func TestFieldsBeyondThePeekAreNotFoundAndNothingIsLost(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		name, body string
		peek       int
		want       Why
		token      string
		rest       string
	}{
		{"before", "say-token=T&a=" + long, 20, "", "T", "a=" + long},
		{"cut at its separator", "say-token=T&" + long, 12, "", "T", long},
		{"cut in its value", "say-token=" + long + "&a=1", 20, Beyond, "", "say-token=" + long + "&a=1"},
		{"cut in its name", "a=1&say-token=T" + long, 8, Absent, "", "a=1&say-token=T" + long},
		{"behind", "a=" + long + "&say-token=T", 50, Absent, "", "a=" + long + "&say-token=T"},
		{"a second one cut", "say-token=T&say-token=" + long, 30, Beyond, "", "say-token=" + long},
	} {
		for _, chunked := range []bool{false, true} {
			found, rest := take(t, request(urlencoded, c.body, chunked), c.peek)
			if found.Token != c.token || found.Why != c.want || rest != c.rest {
				t.Errorf("%s: found %+v, left %q", c.name, found, rest)
			}
		}
	}
}

func TestSealedFormsAreReadFurther(t *testing.T) {
	sealed := strings.Repeat("S", 100<<10)
	found, rest := take(t, request(urlencoded, "say-token=T&say-sealed="+sealed), 0)
	if found.Token != "T" || found.Sealed != sealed || rest != "" {
		t.Errorf("token %q, %d bytes sealed, %d left", found.Token, len(found.Sealed), len(rest))
	}
	long := strings.Repeat("S", SealedPeek)
	found, rest = take(t, request(urlencoded, "say-token=T&say-sealed="+long, true), 0)
	if found.Token != "" || found.Why != Beyond || rest != "say-sealed="+long {
		t.Errorf("beyond the bound: token %q, %q, %d bytes left", found.Token, found.Why, len(rest))
	}
}

// upload is a form with a file of n bytes, which are made as they are read.
func upload(n int64, before ...string) (body io.Reader, size int64) {
	head := strings.TrimSuffix(parts(before...), "--"+boundary+"--\r\n") + "--" + boundary +
		"\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n"
	tail := "\r\n--" + boundary + "--\r\n"
	return io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, n), strings.NewReader(tail)), int64(len(head)+len(tail)) + n
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestUploadsStreamInConstantMemory: of a gibibyte, no more is held than is looked at.
func TestUploadsStreamInConstantMemory(t *testing.T) {
	const n = 1 << 30
	body, size := upload(n, Token, "T", Trap, "", "a", "1")
	r := request(multiparts, "")
	r.Body, r.ContentLength = io.NopCloser(body), size
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found, err := Take(r, 0)
	if err != nil || found.Token != "T" {
		t.Fatalf("found %+v, %v", found, err)
	}
	left, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r.Body}, make([]byte, 32<<10))
	runtime.ReadMemStats(&after)
	if _, want := upload(n, "a", "1"); left != want || r.ContentLength != want || err != nil {
		t.Errorf("%d bytes announced, %d left, want %d, %v", r.ContentLength, left, want, err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 128<<10 {
		t.Errorf("%d bytes allocated", allocated)
	}
}

// TestUploadWithoutTokenIsKnownAfterLittleOfIt: it can be refused before it is sent.
func TestUploadWithoutTokenIsKnownAfterLittleOfIt(t *testing.T) {
	body, size := upload(1<<30, "a", "1")
	counted := &counter{r: body}
	r := request(multiparts, "")
	r.Body, r.ContentLength = io.NopCloser(counted), size
	if found, err := Take(r, 0); err != nil || found.Token != "" || found.Why != Absent {
		t.Errorf("found %+v, %v", found, err)
	}
	if counted.n > uploadPeek {
		t.Errorf("%d bytes were read", counted.n)
	}
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// TestBodiesThatHaveNoFieldsAreNotRead: a client that waits for 100 Continue is told
// to go on by who wants its body.
func TestBodiesThatHaveNoFieldsAreNotRead(t *testing.T) {
	for _, contentType := range []string{"application/json", "multipart/form-data", "multipart/mixed; boundary=x", ""} {
		r := request(contentType, "x")
		r.Header.Set("Expect", "100-continue")
		body := r.Body
		if _, err := Take(r, 0); err != nil || r.Body != body {
			t.Errorf("%q was read", contentType)
		}
	}
}

func TestErrorsOfTheBodyAreReturned(t *testing.T) {
	gone := errors.New("gone")
	r := request(urlencoded, "")
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("say-token=T"), failing{gone})), -1
	if _, err := Take(r, 0); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	r = request(urlencoded, "say-token=T")
	r.ContentLength += 5
	if _, err := Take(r, 0); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body cut short: %v", err)
	}
	r = request(urlencoded, strings.Repeat("a", 100), true)
	r.Body = http.MaxBytesReader(nil, r.Body, 50)
	var tooLarge *http.MaxBytesError
	if _, err := Take(r, 0); !errors.As(err, &tooLarge) {
		t.Errorf("a body over the site's limit: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestBodyIsClosedAsItCame(t *testing.T) {
	closed := false
	r := request(urlencoded, "say-token=T&a=1")
	r.Body = closer{r.Body, &closed}
	if _, err := Take(r, 0); err != nil {
		t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil || !closed {
		t.Errorf("closed: %v, %v", closed, err)
	}
}

type closer struct {
	io.Reader
	closed *bool
}

func (c closer) Close() error { *c.closed = true; return nil }

func BenchmarkTake(b *testing.B) {
	token := strings.Repeat("T", 600)
	for name, c := range map[string]struct{ contentType, body string }{
		"urlencoded": {urlencoded, "say-token=" + token + "&say-website=&name=A&mail=a%40example.fr&text=" + strings.Repeat("word+", 100)},
		"multipart":  {multiparts, parts(Token, token, Trap, "", "name", "A", "text", strings.Repeat("word ", 100))},
		"json":       {"application/json", `{"name":"A"}`},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := request(c.contentType, "")
			reader := bytes.NewReader(nil)
			for b.Loop() {
				reader.Reset([]byte(c.body))
				r.Body, r.ContentLength = io.NopCloser(reader), int64(len(c.body))
				if _, err := Take(r, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
