package caddymodule

import (
	"net/http"
	"net/url"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// serveHeld shows, within a frame, what the frame would have shown had the
// visitor agreed to it, who receives data, and the button by which he does.
func (g *Gateway) serveHeld(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !readOnly(w, r) {
		return nil
	}
	held, ok := g.held(r.URL.Query(), v.site())
	if !ok {
		return g.notFound(w, r, v)
	}
	held.Back = v.cameFrom(r)
	h := w.Header()
	describeOwnPage(h)
	h.Set("Content-Security-Policy", ui.HeldCSP)
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if r.Method == http.MethodHead {
		return nil
	}
	return ui.WriteHeld(w, g.speak(r), held)
}

// held reads from an address what is held back on the pages of a site: a service,
// or a host that nobody knows. What needs no consent never is.
func (g *Gateway) held(query url.Values, site string) (ui.Held, bool) {
	if id := query.Get("service"); id != "" {
		service, ok := catalogue.Default().Service(id)
		if !ok || service.Purpose == catalogue.Necessary {
			return ui.Held{}, false
		}
		return ui.Held{ID: id, Service: shownService(service), Purpose: ui.Purpose{ID: string(service.Purpose)}}, true
	}
	host, ok := wholeHost(query.Get("host"))
	if !ok {
		return ui.Held{}, false
	}
	d := g.policy.Address(site, host, "/", &g.strangers[0])
	if d.Action == policy.Allow {
		return ui.Held{}, false
	}
	if service := d.Service; service != nil {
		return ui.Held{ID: service.ID, Service: shownService(service), Purpose: ui.Purpose{ID: string(service.Purpose)}}, true
	}
	held := ui.Held{Host: host, Purpose: ui.Purpose{ID: d.Purpose.ID, Name: d.Purpose.Name}}
	return held, policy.IsHost(host)
}

// wholeHost accepts a host as weburl writes it, and nothing around it.
func wholeHost(host string) (string, bool) {
	u, ok := weburl.Parse("https://"+host+"/", nil)
	return host, ok && u.Host == host && u.Port == "" && u.Path == "/" && len(host) <= 253
}
