package caddymodule

import (
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/mirror"
)

// openMirror makes the mirror of public libraries and fonts ready. Without it,
// what it would serve is held back like everything else.
func (s *shared) openMirror() {
	m, err := mirror.New(mirror.Options{
		Dir: filepath.Join(s.directory, "mirror"), Now: now,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
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

// mirrors tells whether the site's pages take public libraries from the gateway.
func (g *Gateway) mirrors() bool { return g.Mirror != mirrorOff && g.app.shared.mirror != nil }

// serveMirror serves a library or a font that a page of a site has named, or what
// lies beside or below it. Nothing else is fetched: the site's address must not
// become a place from which every public library can be taken, because policies
// that trust the site itself would then trust all of them.
func (g *Gateway) serveMirror(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !g.app.shared.named.has(v.address.EscapedPath()) {
		return g.notFound(w, r, v)
	}
	g.app.shared.mirror.ServeHTTP(w, r)
	return nil
}

// mirrored are the folders from which pages take libraries.
type mirrored struct {
	mu      sync.RWMutex
	folders map[string]bool
}

// maxFolders bounds them; a site takes from a handful.
const maxFolders = 4000

// add notes a library that a page names, by its path on the site.
func (m *mirrored) add(address string) {
	folder := packageOf(address)
	m.mu.RLock()
	known := m.folders[folder]
	m.mu.RUnlock()
	if known {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.folders == nil {
		m.folders = make(map[string]bool)
	}
	if len(m.folders) < maxFolders {
		m.folders[folder] = true
	}
}

// packageOf is the folder in which a library keeps its files: that of the one that
// a page names, or the one above where that is not everybody's, since fonts and
// pictures often lie beside the folder of style sheets.
func packageOf(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	folder := path.Dir(address)
	if depth := strings.Count(strings.TrimPrefix(folder, mirror.Prefix), "/"); depth >= 3 {
		return path.Dir(folder)
	}
	return folder
}

// has tells whether a page has named something in the folder of a path, or in one
// above it. Fonts of Google, to which their style sheets lead, are files and no more.
func (m *mirrored) has(address string) bool {
	if strings.HasPrefix(address, mirror.Prefix+"fonts.gstatic.com/") {
		return true
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for folder := path.Dir(address); len(folder) >= len(mirror.Prefix); folder = path.Dir(folder) {
		if m.folders[folder] {
			return true
		}
	}
	return false
}
