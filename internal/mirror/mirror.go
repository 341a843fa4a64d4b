// Package mirror serves the libraries and fonts of public CDNs from the site's
// own address, so that a page works and nobody is told who reads it.
//
// What it fetches carries nothing of the visitor. It is no open proxy: sources
// lists every host and folder, and only whole, static files are passed on, byte
// for byte, so that integrity attributes stay valid. Style sheets are the
// exception where they name another host: that address leads to the mirror too,
// or nowhere.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// Options say where a Mirror keeps its files and how it reaches the CDNs.
type Options struct {
	// Dir holds the kept files; it is made when missing. Several processes may
	// share it.
	Dir string
	// MaxBytes bounds what they take on the disk. Zero means 512 MiB.
	MaxBytes int64
	// Transport makes the connections. Required: the caller decides where data
	// may go.
	Transport http.RoundTripper
	// Now is the clock. Required.
	Now func() time.Time
	// Warn is told what the owner should know: what happened, to files of which
	// host (empty where none is concerned), and why. It may be nil, and is
	// called by several goroutines at once.
	Warn func(event, host string, err error)
}

// DefaultMaxBytes is the bound when Options has none.
const DefaultMaxBytes = 512 << 20

const (
	// day is how long a file is taken as it is whose address names no version.
	day = 24 * time.Hour
	// patience is how long a visitor waits for a newer copy when an older one is
	// at hand. The fetch goes on without him.
	patience = 2 * time.Second
)

// Mirror answers requests below Prefix.
type Mirror struct {
	shelf    *shelf
	upstream upstream
	now      func() time.Time
	warn     func(event, host string, err error)

	mu       sync.Mutex
	flights  map[string]*flight // by address
	refusals refusals
}

// New opens the folder and clears what a killed process left there.
func New(o Options) (*Mirror, error) {
	switch {
	case o.Dir == "":
		return nil, errors.New("the mirror needs a folder for its files: name one")
	case o.Transport == nil:
		return nil, errors.New("the mirror needs a transport")
	case o.Now == nil:
		return nil, errors.New("the mirror needs a clock")
	case o.MaxBytes < 0:
		return nil, errors.New("the mirror's size is negative: write 0 for 512 MiB, or a size")
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Warn == nil {
		o.Warn = func(string, string, error) {}
	}
	s := &shelf{dir: o.Dir, maxBytes: o.MaxBytes, now: o.Now, warn: o.Warn}
	if err := errors.Join(os.MkdirAll(o.Dir, 0o700), s.sweep(0)); err != nil {
		return nil, fmt.Errorf("the mirror's folder cannot be used: %w: let the user who runs Caddy read and write it, or choose another one", err)
	}
	return &Mirror{
		shelf:    s,
		upstream: upstream{transport: o.Transport, slots: make(chan struct{}, atOnce)},
		now:      o.Now,
		warn:     o.Warn,
		flights:  make(map[string]*flight),
		refusals: make(refusals),
	}, nil
}

// ServeHTTP answers GET and HEAD below Prefix. What the mirror does not serve is
// 404, what it cannot get now 502; both are empty and kept by no cache.
func (m *Mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed)
		return
	}
	t, ok := targetOf(r.URL)
	if !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	d, err := m.find(r.Context(), t)
	if err != nil {
		refuse(w, statusOf(err))
		return
	}
	defer d.Close()
	m.answer(w, r, t, d)
}

// Keeps reports whether a copy of what is at a path of the site is kept.
func (m *Mirror) Keeps(path *url.URL) bool {
	t, ok := targetOf(path)
	return ok && m.shelf.has(t.address)
}

// find returns the newest copy that can be had: the kept one while it is fresh,
// else a fetched one, else the kept one however old.
func (m *Mirror) find(ctx context.Context, t target) (*document, error) {
	kept := m.shelf.load(t.address)
	if kept == nil {
		return m.fetch(ctx, t)
	}
	if m.fresh(t, kept) {
		return kept, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	got, err := m.fetch(ctx, t)
	switch {
	case err == nil:
		kept.Close()
		return got, nil
	case errors.Is(err, errGone):
		// The CDN withdrew the file, perhaps because it does harm.
		kept.Close()
		return nil, err
	}
	return kept, nil
}

// fresh tells whether a kept file is served without asking the CDN again.
func (m *Mirror) fresh(t target, d *document) bool {
	if t.lasting && d.Moved == "" {
		return true
	}
	age := m.now().Sub(time.Unix(d.Fetched, 0))
	return 0 <= age && age < day
}
