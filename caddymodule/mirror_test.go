package caddymodule

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/mirror"
)

// network is a public network that has whatever is asked for.
type network struct{}

func (network) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {"text/javascript"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader("library()")), Request: r}, nil
}

// TestLibraryThatAPageNamedIsServedAfterARestart: browsers may keep the page and not
// the library. One that none named is not.
func TestLibraryThatAPageNamedIsServedAfterARestart(t *testing.T) {
	folder := t.TempDir()
	const named, other = "/.privacy/mirror/cdn.jsdelivr.net/npm/x@1.2.3/x.js", "/.privacy/mirror/cdn.jsdelivr.net/npm/y@1.2.3/y.js"
	for _, run := range []string{"first", "second"} {
		site := newSite(t, new(Gateway))
		m, err := mirror.New(mirror.Options{Dir: folder, Now: now, Transport: network{}, Warn: func(string, string, error) {}})
		if err != nil {
			t.Fatal(err)
		}
		site.app.shared.mirror = m
		if run == "first" {
			site.app.shared.named.add(named)
		}
		for path, want := range map[string]int{named: http.StatusOK, other: http.StatusNotFound} {
			if got := status(site, path); got != want {
				t.Errorf("%s run, %s: status %d, want %d", run, path, got, want)
			}
		}
	}
}

// status is that of an answer, or of the error that Caddy would answer with.
func status(site *testSite, path string) int {
	w := httptest.NewRecorder()
	r := caddyhttp.PrepareRequest(httptest.NewRequest(http.MethodGet, "https://www.courrier.example"+path, nil), caddy.NewReplacer(), w, nil)
	err := site.ServeHTTP(w, r, caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { return nil }))
	if failed, ok := err.(caddyhttp.HandlerError); ok {
		return failed.StatusCode
	}
	return w.Code
}
