package mirror

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// cdn is a server that stands for all CDNs: whatever host is dialled, it answers
// over real TLS.
type cdn struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	handler  http.HandlerFunc
}

func newCDN(t testing.TB, handler http.HandlerFunc) *cdn {
	t.Helper()
	c := &cdn{handler: handler}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.requests = append(c.requests, r.Clone(context.Background()))
		h := c.handler
		c.mu.Unlock()
		h(w, r)
	}))
	c.Config.ErrorLog = nil
	c.StartTLS()
	t.Cleanup(c.Close)
	return c
}

func (c *cdn) answer(h http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handler = h
}

func (c *cdn) seen() []*http.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests
}

// transport reaches the CDN under every name.
func (c *cdn) transport() *http.Transport {
	own := c.Client().Transport.(*http.Transport).Clone()
	own.TLSClientConfig.ServerName = "example.com" // the name in httptest's certificate
	own.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, c.Listener.Addr().String())
	}
	return own
}

// clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a mirror with its CDN, its clock and its folder.
type bench struct {
	*Mirror
	cdn   *cdn
	clock *clock
	dir   string

	mu       sync.Mutex
	warnings []string
}

func newBench(t testing.TB, handler http.HandlerFunc) *bench {
	t.Helper()
	b := &bench{cdn: newCDN(t, handler), clock: &clock{now: time.Now().Truncate(time.Second)}, dir: filepath.Join(t.TempDir(), "mirror")}
	b.reopen(t, 0)
	return b
}

// reopen starts another process over the same folder.
func (b *bench) reopen(t testing.TB, maxBytes int64) {
	t.Helper()
	m, err := New(Options{Dir: b.dir, MaxBytes: maxBytes, Transport: b.cdn.transport(), Now: b.clock.Now,
		Warn: func(event, host string, err error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.warnings = append(b.warnings, event)
		}})
	if err != nil {
		t.Fatal(err)
	}
	b.Mirror = m
}

func (b *bench) warned() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.warnings)
}

// ask requests a mirrored address, given without its scheme.
func (b *bench) ask(place string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, Prefix+place, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

// files returns the names in the folder.
func (b *bench) files(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// file answers with content of a type.
func file(contentType, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Write([]byte(content))
	}
}

const (
	lasting  = "cdn.jsdelivr.net/npm/x@1.2.3/dist/x.min.js"
	floating = "cdn.jsdelivr.net/npm/x@1/dist/x.min.js"
)
