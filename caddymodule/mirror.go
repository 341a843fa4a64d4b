package caddymodule

import (
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/mirror"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// openMirror makes the mirror of public libraries and fonts ready. Without it,
// what it would serve is held back like everything else.
func (s *shared) openMirror() {
	m, err := mirror.New(mirror.Options{
		Dir: filepath.Join(s.directory, "mirror"), Now: now,
		Transport: s.fetching(),
		Warn: func(event, host string, err error) {
			s.logger().Warn("mirror of public libraries", zap.String("event", event), zap.String("host", host), zap.Error(err))
		},
	})
	if err != nil {
		s.logger().Error("libraries of public networks are held back: the folder for their copies cannot be used", zap.Error(err))
		return
	}
	s.mirror = m
}

// fetching connects to the networks of libraries. Nothing about anybody is sent there,
// so they may be anywhere unless the owner has declared otherwise; and a proxy that the
// owner has set may lead there.
func (s *shared) fetching() *http.Transport {
	dialer := s.border.guard.Dialer(transfer.DialerOptions{Settings: net.Dialer{Timeout: fetchTime}, Impersonal: true})
	t := dialer.Transport()
	t.Proxy = admitted(dialer, http.ProxyFromEnvironment)
	return t
}

// admitted is a proxy that leads only to hosts whose recipient is not refused: behind it,
// nobody sees the address that is connected to.
func admitted(dialer *transfer.Dialer, proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		address, err := proxy(r)
		if address != nil && err == nil {
			err = dialer.Admit(r.URL.Hostname())
		}
		return address, err
	}
}

// fetchTime bounds how long a connection to such a network may take to be made.
const fetchTime = 10 * time.Second

// mirrors tells whether the site's pages take public libraries from the gateway.
func (g *Gateway) mirrors() bool { return g.Mirror != mirrorOff && g.app.shared.mirror != nil }

// serveMirror serves a library or a font that a page of a site has named, or another
// file of the same library. Nothing else is fetched: the site's address must not
// become a place from which every public library can be taken, because policies
// that trust the site itself would then trust all of them. What is kept was named
// once, before a restart. Nor are workers served, which browsers take from the site
// alone, whatever policies say of other hosts.
func (g *Gateway) serveMirror(w http.ResponseWriter, r *http.Request, v *visit) error {
	named := &g.app.shared.named
	if runsAlone(r) || !named.has(v.address.EscapedPath()) && !g.app.shared.mirror.Keeps(v.address) {
		return g.notFound(w, r, v)
	}
	g.app.shared.mirror.ServeHTTP(w, r)
	if moved := w.Header().Get("Location"); moved != "" {
		named.add(moved) // the version that a range of versions stands for today
	}
	return nil
}

// Take notes a library that a page loads from the mirror.
func (v *visit) Take(path string) { v.gateway.app.shared.named.add(path) }

// mirrored are the libraries that pages take.
type mirrored struct {
	mu        sync.RWMutex
	libraries map[string]bool
}

// maxLibraries bounds them; a site takes a handful.
const maxLibraries = 4000

// add notes a library that a page names, by its path on the site.
func (m *mirrored) add(address string) {
	library := mirror.Package(address)
	m.mu.RLock()
	known := m.libraries[library]
	m.mu.RUnlock()
	if known {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.libraries == nil {
		m.libraries = make(map[string]bool)
	}
	if len(m.libraries) < maxLibraries {
		m.libraries[library] = true
	}
}

// has tells whether a page has named the library that a path is of. Fonts, to which
// style sheets of other hosts lead, are files and no more.
func (m *mirrored) has(address string) bool {
	if mirror.Font(address) {
		return true
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.libraries[mirror.Package(address)] || m.libraries[address]
}
