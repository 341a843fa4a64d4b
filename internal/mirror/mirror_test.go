package mirror

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestFilesAreByteIdentical(t *testing.T) {
	content := "\ufeff(function(){ return \"</script>\r\n\x00\xff\" })()"
	b := newBench(t, file("application/javascript; charset=utf-8", content))
	for range 2 {
		w := b.ask(lasting)
		if w.Code != http.StatusOK || w.Body.String() != content {
			t.Fatalf("%d %q", w.Code, w.Body)
		}
		for name, want := range map[string]string{
			"Content-Type":                "application/javascript; charset=utf-8",
			"Cache-Control":               "public, max-age=31536000, immutable",
			"X-Content-Type-Options":      "nosniff",
			"Access-Control-Allow-Origin": "*",
			"Content-Length":              strconv.Itoa(len(content)),
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
	if n := len(b.cdn.seen()); n != 1 {
		t.Errorf("the CDN was asked %d times", n)
	}
}

func TestNothingOfTheVisitorReachesTheCDN(t *testing.T) {
	b := newBench(t, file("text/css", "a{}"))
	r := httptest.NewRequest(http.MethodGet, Prefix+"fonts.googleapis.com/css?family=Roboto|Lora&display=swap", nil)
	r.RemoteAddr = "203.0.113.7:1234"
	for _, name := range []string{"Cookie", "Referer", "Accept-Language", "User-Agent", "X-Forwarded-For", "Forwarded",
		"Origin", "Authorization", "Dnt", "Sec-Gpc", "Sec-Ch-Ua", "If-None-Match", "Range", "Save-Data", "Traceparent"} {
		r.Header.Set(name, "visitor")
	}
	b.ServeHTTP(httptest.NewRecorder(), r)
	seen := b.cdn.seen()
	if len(seen) != 1 {
		t.Fatalf("%d requests", len(seen))
	}
	got := seen[0]
	if got.Method != http.MethodGet || got.Host != "fonts.googleapis.com" || got.RequestURI != "/css?family=Roboto|Lora&display=swap" {
		t.Errorf("%s %s %s", got.Method, got.Host, got.RequestURI)
	}
	var names []string
	for name, values := range got.Header {
		names = append(names, name)
		if slices.Contains(values, "visitor") {
			t.Errorf("%s tells of the visitor", name)
		}
	}
	slices.Sort(names)
	if want := []string{"Accept", "Accept-Encoding", "User-Agent"}; !slices.Equal(names, want) {
		t.Errorf("sent %v, want %v", names, want)
	}
}

func TestWhatWasFetchedIsKnownAfterARestart(t *testing.T) {
	b := newBench(t, file("text/javascript", "1"))
	path := &url.URL{Path: Prefix + lasting}
	if b.Keeps(path) {
		t.Error("kept before it was asked for")
	}
	b.ask(lasting)
	b.reopen(t, 0)
	if !b.Keeps(path) {
		t.Error("not kept")
	}
	for _, other := range []string{path.Path + "x", path.Path + "?", "/x.js", Prefix + "evil.example/x.js"} {
		if u, err := url.Parse(other); err != nil || b.Keeps(u) {
			t.Errorf("%s is kept", other)
		}
	}
}

func TestMirrorIsNoOpenProxy(t *testing.T) {
	b := newBench(t, file("text/javascript", "1"))
	for _, path := range []string{
		"/", "/x.js", "/.privacy/mirror", Prefix,
		Prefix + "evil.example/x.js",
		Prefix + "cdn.jsdelivr.net@evil.example/npm/x/x.js",
		Prefix + "cdn.jsdelivr.net:443/npm/x/x.js",
		Prefix + "cdn.jsdelivr.net%2fevil/npm/x/x.js",
		Prefix + "cdn.jsdelivr.net/npm/x%2fx.js",
		Prefix + "cdn.jsdelivr.net/npm/%2e%2e/x.js",
		Prefix + "cdn.jsdelivr.net/npm/..%5cx.js",
		Prefix + "cdn.jsdelivr.net/npm/../../evil.example/x.js",
		Prefix + "cdn.jsdelivr.net//npm/x/x.js",
		Prefix + "/cdn.jsdelivr.net/npm/x/x.js",
		Prefix + "https://cdn.jsdelivr.net/npm/x/x.js",
		Prefix + "cdn.jsdelivr.net/npm/x/x.js?u=1",
		Prefix + "cdn.jsdelivr.net/npm/x/index.html",
		Prefix + "127.0.0.1/x.js",
		Prefix + "localhost/x.js",
	} {
		w := httptest.NewRecorder()
		b.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusNotFound || w.Body.Len() != 0 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "PROPFIND"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, Prefix+lasting, nil)
		r.Method = method
		b.ServeHTTP(w, r)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	if n := len(b.cdn.seen()); n != 0 {
		t.Errorf("%d requests went out", n)
	}
}

func TestConditionalHeadAndRangeRequests(t *testing.T) {
	b := newBench(t, file("text/javascript", "0123456789"))
	first := b.ask(lasting)
	tag := first.Header().Get("ETag")
	if tag == "" {
		t.Fatal("no ETag")
	}
	if w := b.ask(lasting, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("conditional: %d %q", w.Code, w.Body)
	}
	if w := b.ask(lasting, "Range", "bytes=2-4"); w.Code != http.StatusPartialContent || w.Body.String() != "234" {
		t.Errorf("range: %d %q", w.Code, w.Body)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodHead, Prefix+lasting, nil))
	if w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "10" {
		t.Errorf("HEAD: %d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestWhatABrowserCouldOpenIsConfined(t *testing.T) {
	b := newBench(t, file("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"))
	w := b.ask("cdn.jsdelivr.net/gh/u/r@1.0.0/x.svg")
	if policy := w.Header().Get("Content-Security-Policy"); w.Code != http.StatusOK || !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("%d %q", w.Code, policy)
	}
	b.cdn.answer(file("text/javascript", "importScripts('https://tracker.example/x.js')"))
	w = b.ask(lasting)
	if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self'") {
		t.Errorf("a worker may reach other hosts: %q", policy)
	}
}

func TestFloatingVersionsAreAskedForAgainAfterADay(t *testing.T) {
	answer := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `W/"one"`)
		if r.Header.Get("If-None-Match") == `W/"one"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		file("text/javascript", "1")(w, r)
	}
	b := newBench(t, answer)
	b.ask(floating)
	b.clock.advance(6 * time.Hour)
	if got := b.ask(floating).Header().Get("Cache-Control"); got != "public, max-age=64800" {
		t.Errorf("browsers keep it: %q", got)
	}
	if n := len(b.cdn.seen()); n != 1 {
		t.Fatalf("asked %d times on the first day", n)
	}
	b.clock.advance(19 * time.Hour)
	for range 2 {
		if w := b.ask(floating); w.Body.String() != "1" {
			t.Errorf("%d %q", w.Code, w.Body)
		}
	}
	if n := len(b.cdn.seen()); n != 2 {
		t.Fatalf("asked %d times on the second day", n)
	}
	b.clock.advance(25 * time.Hour)
	b.cdn.answer(file("text/javascript", "2"))
	if w := b.ask(floating); w.Body.String() != "2" {
		t.Errorf("the new file is not served: %q", w.Body)
	}
}

func TestOldCopyIsServedWhileTheCDNIsAway(t *testing.T) {
	b := newBench(t, file("text/javascript", "1"))
	b.ask(floating)
	b.cdn.Close()
	b.clock.advance(48 * time.Hour)
	w := b.ask(floating)
	if w.Code != http.StatusOK || w.Body.String() != "1" || w.Header().Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
	if w := b.ask(lasting); w.Code != http.StatusBadGateway || w.Body.Len() != 0 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("no copy: %d %q", w.Code, w.Body)
	}
}

func TestWithdrawnFileIsServedNoMore(t *testing.T) {
	b := newBench(t, file("text/javascript", "1"))
	b.ask(floating)
	b.cdn.answer(http.NotFound)
	b.clock.advance(25 * time.Hour)
	if w := b.ask(floating); w.Code != http.StatusNotFound || w.Body.Len() != 0 {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if names := b.files(t); len(names) != 0 {
		t.Errorf("still kept: %v", names)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := Options{Dir: t.TempDir(), Transport: silent{}, Now: time.Now}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Options){
		"folder":    func(o *Options) { o.Dir = "" },
		"transport": func(o *Options) { o.Transport = nil },
		"clock":     func(o *Options) { o.Now = nil },
		"size":      func(o *Options) { o.MaxBytes = -1 },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
