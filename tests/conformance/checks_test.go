package conformance

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// What the gateway writes into pages.
const (
	guardMark  = `<script data-drop="`
	noticeMark = `<section id="say-panel"`
	linkMark   = `<section id="say-link"`
)

// whole fails unless a page has the guard before its first script, the way back
// at its end, and the notice exactly if asked says so.
func (r *reply) whole(t *testing.T, asked bool) {
	t.Helper()
	guard, script := strings.Index(r.body, guardMark), strings.Index(r.body, "<script src=/app.js>")
	if guard < 0 || script >= 0 && guard > script {
		t.Errorf("the guard does not stand before the page's scripts:\n%.300s", r.body)
	}
	if n := strings.Count(r.body, linkMark); n != 1 {
		t.Errorf("%d ways back", n)
	}
	want := 0
	if asked {
		want = 1
	}
	if n := strings.Count(r.body, noticeMark); n != want {
		t.Errorf("%d notices, want %d", n, want)
	}
	if _, ok := r.header["Accept-Ranges"]; ok {
		t.Error("a changed page offers ranges")
	}
	if r.length >= 0 && r.length != int64(len(r.body)) {
		t.Errorf("Content-Length %d for %d bytes", r.length, len(r.body))
	}
}

// untouched fails if anything was written into a body.
func (r *reply) untouched(t *testing.T) {
	t.Helper()
	for _, mark := range []string{guardMark, noticeMark, linkMark} {
		if strings.Contains(r.body, mark) {
			t.Errorf("%q was written into it:\n%.300s", mark, r.body)
		}
	}
}

// is fails unless the status is the one given.
func (r *reply) is(t *testing.T, status int) {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %.300s", r.status, status, r.body)
	}
}

// has fails unless a field of the response says a value, among others.
func (r *reply) has(t *testing.T, name, value string) {
	t.Helper()
	if got := strings.Join(r.header[name], ", "); !strings.Contains(got, value) {
		t.Errorf("%s: %q does not say %q", name, got, value)
	}
}

// lacks fails if a field of the response says a value.
func (r *reply) lacks(t *testing.T, name, value string) {
	t.Helper()
	if got := strings.Join(r.header[name], ", "); strings.Contains(got, value) {
		t.Errorf("%s: %q says %q", name, got, value)
	}
}

// unzip undoes what `encode` did.
func (r *reply) unzip(t *testing.T) *reply {
	t.Helper()
	if r.header.Get("Content-Encoding") != "gzip" {
		return r
	}
	z, err := gzip.NewReader(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	plain := *r
	plain.body, plain.length = string(body), -1
	return &plain
}
