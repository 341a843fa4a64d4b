package caddymodule

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// panels keeps the notices that have been made ready. A notice says how many
// receive data, so there is one for each list of services.
type panels struct {
	mu    sync.RWMutex
	ready map[panelKey]*ui.Fragment
}

// panelKey tells notices apart. Lists of services are never changed, only
// replaced, so the address of the first tells them apart.
type panelKey struct {
	language string
	services **catalogue.Service
	border   uint64 // changes when where data may go does
}

// maxPanels bounds the cache: each is some five kilobytes.
const maxPanels = 256

// panel is the notice of a site in a language.
func (v *visit) panel(language string) *ui.Fragment {
	g, services := v.gateway, v.inventory().Services()
	key := panelKey{language: language, border: g.app.shared.border.changes()}
	if len(services) > 0 {
		key.services = &services[0]
	}
	g.panels.mu.RLock()
	panel := g.panels.ready[key]
	g.panels.mu.RUnlock()
	if panel != nil {
		return panel
	}
	panel = ui.Banner(language, v.purposes(0))
	g.panels.mu.Lock()
	defer g.panels.mu.Unlock()
	if g.panels.ready == nil || len(g.panels.ready) >= maxPanels {
		g.panels.ready = make(map[panelKey]*ui.Fragment)
	}
	g.panels.ready[key] = panel
	return panel
}

// servePrivacyPage shows the visitor his choice, what is enforced, and the form
// to change it.
func (g *Gateway) servePrivacyPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !readOnly(w, r) {
		return nil
	}
	query := r.URL.Query()
	describeOwnPage(w.Header())
	data := ui.PageData{
		Purposes: v.purposes(v.visitor.Granted),
		Choice:   shownChoice(v),
		Saved:    query.Has("saved"),
		Singles:  singles(v.visitor),
		Others:   g.app.others(),
		Unknown:  v.unknown(),
		Back:     v.cameFrom(r),
	}
	if r.Method == http.MethodHead {
		return nil
	}
	return ui.WritePage(w, g.speak(r), data)
}

// cameFrom is the page of the site that led to the privacy page, or nothing.
func (v *visit) cameFrom(r *http.Request) string {
	u, err := url.Parse(r.Header.Get("Referer"))
	if err != nil || !strings.EqualFold(u.Host, v.hostport) || strings.HasPrefix(u.Path, ownFolder) {
		return ""
	}
	return u.RequestURI()
}

func shownChoice(v *visit) ui.Choice {
	c := ui.Choice{State: v.visitor.State.String()}
	if v.visitor.Chosen() {
		c.Given, c.Until, c.ID = v.record.Given, v.record.Until, v.record.ID
	}
	return c
}

// speak picks the language of the gateway's own pages.
func (g *Gateway) speak(r *http.Request) string {
	return ui.Negotiate(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"), g.Language)
}

// refuse tells why a choice was not taken, to scripts by the status alone.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, v *visit, status int, reason error) error {
	describeOwnPage(w.Header())
	w.WriteHeader(status)
	return ui.WriteError(w, g.speak(r), map[error]string{
		errOrigin: ui.ErrorOrigin, errForm: ui.ErrorExpired, errUnavailable: ui.ErrorUnavailable,
	}[reason])
}

func describeOwnPage(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", ui.PageCSP)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
}

// shown is what the visitor had before him when he chose, for the receipt.
func (g *Gateway) shown(r *http.Request, v *visit) consent.Notice {
	language := ui.Negotiate(r.PostForm.Get("lang"), r.Header.Get("Accept-Language"), g.Language)
	return consent.Notice{
		Site: v.host, Language: language,
		Text:   ui.Digest(language, v.purposes(0)),
		Method: "button:" + method(r.PostForm),
		Page:   v.origin() + ownFolder,
	}
}

// method names the control that was used: one of the five, whatever was sent.
func method(form url.Values) string {
	switch choice := form.Get("choice"); choice {
	case "accept", "refuse", "allow", "remove":
		return choice
	default:
		return "save"
	}
}

// notFound answers for addresses in the gateway's folder that do not exist, so
// that they never reach the site.
func (g *Gateway) notFound(http.ResponseWriter, *http.Request, *visit) error {
	return caddyhttp.Error(http.StatusNotFound, errNotFound)
}
