package mirror

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// answer serves a file, or the redirect that the CDN gave.
func (m *Mirror) answer(w http.ResponseWriter, r *http.Request, t target, d *document) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	// As the CDNs say themselves: crossorigin attributes, fonts and sandboxed
	// frames of the page keep working. The files are public.
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", m.cacheControl(t, d))
	if d.Moved != "" {
		m.redirect(w, d)
		return
	}
	h.Set("Content-Security-Policy", confinement(d.Type))
	h.Set("Content-Type", d.Type)
	h.Set("ETag", `"`+d.Tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, d.body)
}

// redirect asks the list again: it may have become stricter since the answer
// was kept.
func (m *Mirror) redirect(w http.ResponseWriter, d *document) {
	path, ok := Address(d.Moved)
	if !ok {
		refuse(w, http.StatusBadGateway)
		return
	}
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusFound)
}

// confinement is the policy of a file that a browser opens by itself. Other
// people's SVG must not run as a page of the site, and a worker started from
// another's script must not reach hosts that the page's policy forbids.
func confinement(contentType string) string {
	if _, ok := script.accept(contentType); ok {
		return "default-src 'self' data: blob: 'unsafe-eval'"
	}
	return "default-src 'none'; style-src 'unsafe-inline'; sandbox"
}

// cacheControl lets browsers keep what never changes, and the rest as long as
// our copy is fresh.
func (m *Mirror) cacheControl(t target, d *document) string {
	if t.lasting && d.Moved == "" {
		return "public, max-age=31536000, immutable"
	}
	// An old copy is served while the CDN is away: soon there may be a new one.
	const least = 5 * time.Minute
	left := time.Unix(d.Fetched, 0).Add(day).Sub(m.now())
	left = max(least, min(left, day))
	return "public, max-age=" + strconv.Itoa(int(left/time.Second))
}

// refuse answers with nothing, for this once.
func refuse(w http.ResponseWriter, status int) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", "0")
	w.WriteHeader(status)
}

func statusOf(err error) int {
	if errors.Is(err, errGone) {
		return http.StatusNotFound
	}
	return http.StatusBadGateway
}
