package caddymodule

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

const day = 24 * time.Hour

// clock is a gateway's clock that a test moves. The store reads it on its own.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time               { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *clock) set(t time.Time)              { c.nanos.Store(t.UnixNano()) }
func (c *clock) move(d time.Duration)         { c.nanos.Add(int64(d)) }
func (c *clock) in(d time.Duration) time.Time { return c.now().Add(d) }

// setClock puts the gateway's clock into a test's hands until the test ends.
func setClock(t testing.TB, start time.Time) *clock {
	c := new(clock)
	c.set(start)
	now = c.now
	t.Cleanup(func() { now = time.Now })
	return c
}

// testSite is a gateway with an origin behind it that answers as a test says.
type testSite struct {
	*Gateway
	t      testing.TB
	answer http.HandlerFunc // the origin
	seen   http.Header      // what it last received
}

// newSite provisions a gateway as Caddy does, with a store of its own.
func newSite(t testing.TB, g *Gateway) *testSite {
	t.Helper()
	return newSiteOf(t, App{Store: &Store{Directory: t.TempDir()}}, g)
}

// newSiteOf is newSite for an app that a test configures.
func newSiteOf(t testing.TB, a App, g *Gateway) *testSite {
	t.Helper()
	app, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := caddy.ProvisionContext(&caddy.Config{AppsRaw: caddy.ModuleMap{"privacy": app}})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Provision(ctx); err != nil {
		t.Fatal(err)
	}
	if err := g.app.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.app.Stop(); err != nil {
			t.Error(err)
		}
		if err := g.app.Cleanup(); err != nil {
			t.Error(err)
		}
	})
	return &testSite{Gateway: g, t: t, answer: func(http.ResponseWriter, *http.Request) {}}
}

// serve takes a request through the gateway.
func (s *testSite) serve(r *http.Request) *httptest.ResponseRecorder {
	s.t.Helper()
	w := httptest.NewRecorder()
	r = caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, nil)
	next := caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		s.seen = r.Header.Clone()
		s.answer(w, r)
		return nil
	})
	if err := s.ServeHTTP(w, r, next); err != nil {
		s.t.Fatal(err)
	}
	return w
}

// browser is a visitor's jar: cookies by name with the end of their life. Its
// clock is the gateway's, moved by the test, unless it is told to lag behind.
type browser struct {
	site  *testSite
	clock *clock
	lag   time.Duration
	jar   map[string]stored
}

type stored struct {
	value string
	end   time.Time // zero: session
}

func newBrowser(s *testSite, c *clock) *browser {
	return &browser{site: s, clock: c, jar: make(map[string]stored)}
}

func (b *browser) now() time.Time { return b.clock.in(-b.lag) }

// visit loads a page and keeps what it sets.
func (b *browser) visit() *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "https://www.courrier.example/", nil)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Dest", "document")
	return b.do(r)
}

// choose sends the form of the notice.
func (b *browser) choose(choice string, purposes ...string) *httptest.ResponseRecorder {
	form := url.Values{"choice": {choice}, "purpose": purposes, "back": {"/"}}
	r := httptest.NewRequest(http.MethodPost, "https://www.courrier.example"+choicePath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	for name, c := range b.jar {
		if !c.end.IsZero() && !c.end.After(b.now()) {
			delete(b.jar, name)
			continue
		}
		r.Header.Add("Cookie", name+"="+c.value)
	}
	w := b.site.serve(r)
	b.keep(w.Header()["Set-Cookie"])
	return w
}

func (b *browser) keep(lines []string) {
	for _, line := range lines {
		c, ok := cookie.Parse(line, b.now())
		switch {
		case !ok:
		case c.Deletes():
			delete(b.jar, c.Name)
		default:
			b.jar[c.Name] = stored{c.Value, c.Expires}
		}
	}
}

// left is the longest life that any cookie of the jar still has.
func (b *browser) left() time.Duration {
	var longest time.Duration
	for c := range maps.Values(b.jar) {
		if !c.end.IsZero() {
			longest = max(longest, c.end.Sub(b.now()))
		}
	}
	return longest
}

func (b *browser) has(name string) bool {
	_, ok := b.jar[name]
	return ok
}

// sets makes an origin that sets cookies on every page, as trackers do.
func sets(lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range lines {
			w.Header().Add("Set-Cookie", line)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte("<!doctype html><title>Page</title><p>Text"))
	}
}
