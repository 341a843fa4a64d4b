package mirror

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestRedirectsStayInTheMirror(t *testing.T) {
	for location, want := range map[string]string{
		"/htmx.org@1.9.12/dist/htmx.min.js":                  Prefix + "unpkg.com/htmx.org@1.9.12/dist/htmx.min.js",
		"https://unpkg.com/htmx.org@1.9.12":                  Prefix + "unpkg.com/htmx.org@1.9.12",
		"http://cdn.jsdelivr.net/npm/htmx.org@1/htmx.min.js": Prefix + "cdn.jsdelivr.net/npm/htmx.org@1/htmx.min.js",
	} {
		b := newBench(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusMovedPermanently)
		})
		for range 2 {
			w := b.ask("unpkg.com/htmx.org@1")
			if w.Code != http.StatusFound || w.Header().Get("Location") != want || w.Header().Get("Cache-Control") != "public, max-age=86400" {
				t.Errorf("%s: %d %v", location, w.Code, w.Header())
			}
		}
		if n := len(b.cdn.seen()); n != 1 {
			t.Errorf("%s: %d requests", location, n)
		}
	}
}

func TestRedirectsOutAreRefused(t *testing.T) {
	for _, location := range []string{
		"", "https://evil.example/x.js", "//evil.example/npm/x/x.js", "http://127.0.0.1/x.js", "file:///etc/passwd",
		"https://cdn.jsdelivr.net@evil.example/npm/x/x.js", "https://cdn.jsdelivr.net:22/npm/x/x.js",
		"/npm/x/%2e%2e/x.js", "/npm/x/index.html", "/npm/x/x.js?uid=1", "https://%zz/", "/" + floating[len("cdn.jsdelivr.net/"):],
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			b := newBench(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", location)
				w.WriteHeader(status)
			})
			w := b.ask(floating)
			if w.Code != http.StatusBadGateway || w.Body.Len() != 0 || w.Header().Get("Location") != "" {
				t.Errorf("%d to %q: %d %v", status, location, w.Code, w.Header())
			}
			if len(b.cdn.seen()) != 1 || len(b.files(t)) != 0 || b.warned() != 1 {
				t.Errorf("%d to %q: %d requests, %v kept, %d warnings", status, location, len(b.cdn.seen()), b.files(t), b.warned())
			}
		}
	}
}

func TestOnlyWholeFilesOfTheRightTypeAreKept(t *testing.T) {
	huge := strings.Repeat("x", maxBody+1)
	header := func(name, value string, then http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(name, value)
			then(w, r)
		}
	}
	raw := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer c.Close()
			c.Write([]byte(answer))
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"HTML":               file("text/html; charset=utf-8", "<script>alert(1)</script>"),
		"no type":            header("Content-Type", "", file("", "1")),
		"broken type":        file("text/javascript; charset", "1"),
		"style sheet":        file("text/css", "a{}"),
		"compressed":         header("Content-Encoding", "gzip", file("text/javascript", "1")),
		"too large":          file("text/javascript", huge),
		"said to be large":   header("Content-Length", strconv.Itoa(maxBody+1), file("text/javascript", "")),
		"shorter than said":  header("Content-Length", "100", file("text/javascript", "1")),
		"cut off in a chunk": raw("HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n1"),
		"cut between chunks": raw("HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n"),
		"no end":             raw("HTTP/1.0 200 OK\r\nContent-Type: text/javascript\r\n\r\n1"),
		"no answer":          raw(""),
		"partial":            func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusPartialContent) },
		"unasked 304":        func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) },
	} {
		b := newBench(t, answer)
		w := b.ask(lasting)
		if w.Code != http.StatusBadGateway || w.Body.Len() != 0 || len(b.files(t)) != 0 || b.warned() != 1 {
			t.Errorf("%s: %d %.20q, kept %v, %d warnings", name, w.Code, w.Body, b.files(t), b.warned())
		}
	}
}

func TestTypesAreThoseOfTheName(t *testing.T) {
	for _, c := range []struct{ place, sent, served string }{
		{"unpkg.com/x@1/x.js", "application/javascript", "application/javascript"},
		{"unpkg.com/x@1/x.js", "text/javascript; charset=UTF-8; x=y", "text/javascript; charset=UTF-8"},
		{"unpkg.com/x@1/x.js", "application/json", ""},
		{"unpkg.com/x@1/x.mjs", "text/javascript", "text/javascript"},
		{"unpkg.com/x@1", "text/css", "text/css; charset=utf-8"},
		{"unpkg.com/x@1", "text/javascript", "text/javascript"},
		{"unpkg.com/x@1", "text/html", ""},
		{"unpkg.com/x@1/x.css", "text/css; charset=iso-8859-1", "text/css; charset=iso-8859-1"},
		{"unpkg.com/x@1/x.css", "text/plain", ""},
		{"unpkg.com/x@1/x.woff2", "font/woff2", "font/woff2"},
		{"unpkg.com/x@1/x.ttf", "application/x-font-ttf", "application/x-font-ttf"},
		{"unpkg.com/x@1/x.eot", "application/vnd.ms-fontobject", "application/vnd.ms-fontobject"},
		{"unpkg.com/x@1/x.woff2", "text/html", ""},
		{"unpkg.com/x@1/x.svg", "image/svg+xml", "image/svg+xml"},
		{"unpkg.com/x@1/x.svg", "text/xml", ""},
		{"unpkg.com/x@1/x.js.map", "application/json", "application/json"},
		{"unpkg.com/x@1/x.wasm", "application/wasm", "application/wasm"},
		{"unpkg.com/x@1/x.wasm", "application/octet-stream", ""},
		{"fonts.googleapis.com/css?family=X", "text/css; charset=utf-8", "text/css; charset=utf-8"},
		{"fonts.googleapis.com/css?family=X", "text/html", ""},
		{"fonts.gstatic.com/l/font?kit=X", "font/woff2", "font/woff2"},
	} {
		b := newBench(t, file(c.sent, "1"))
		w := b.ask(c.place)
		want := http.StatusOK
		if c.served == "" {
			want = http.StatusBadGateway
		}
		if w.Code != want || w.Header().Get("Content-Type") != c.served {
			t.Errorf("%s as %s: %d %q, want %q", c.place, c.sent, w.Code, w.Header().Get("Content-Type"), c.served)
		}
	}
}
