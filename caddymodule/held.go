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
	back := v.cameFrom(r)
	held, ok := g.held(r.URL.Query(), v.site(), g.routeOf(r, back))
	if !ok {
		return g.notFound(w, r, v)
	}
	held.Back = back
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

// routeOf is the route of another page of the site.
func (g *Gateway) routeOf(r *http.Request, address string) policy.Route {
	u, err := url.Parse(address)
	if err != nil {
		return policy.OpenRoute
	}
	other := *r
	other.URL = u
	return g.route(&other)
}

// held reads from an address what is held back on the pages of a site: a service,
// or a host that nobody knows. What needs no consent is only held back where nobody can
// give it.
func (g *Gateway) held(query url.Values, site string, route policy.Route) (ui.Held, bool) {
	stranger := g.strangers[0]
	stranger.Route = route
	if id := query.Get("service"); id != "" {
		service, ok := catalogue.Default().Service(id)
		if !ok {
			return ui.Held{}, false
		}
		return g.heldService(g.policy.Service(service, &stranger))
	}
	host, ok := wholeHost(query.Get("host"))
	if !ok {
		return ui.Held{}, false
	}
	d := g.policy.Address(site, host, "/", &stranger)
	if d.Service != nil {
		return g.heldService(d)
	}
	held := ui.Held{Host: host, Purpose: ui.Purpose{ID: d.Purpose.ID, Name: d.Purpose.Name}, Why: reasons[d.Reason]}
	return held, d.Action != policy.Allow && policy.IsHost(host)
}

// heldService is a service that a decision was made about.
func (g *Gateway) heldService(d policy.Decision) (ui.Held, bool) {
	return ui.Held{
		ID: d.Service.ID, Service: g.app.shownService(d.Service), Purpose: ui.Purpose{ID: d.Purpose.ID}, Why: reasons[d.Reason],
	}, d.Action != policy.Allow
}

// reasons are those for which nobody can grant something, in the words of the page.
var reasons = map[policy.Reason]ui.Why{
	policy.Outside: ui.Outside, policy.Confidential: ui.Confidential, policy.Unprofiled: ui.Confidential,
}

// wholeHost accepts a host as weburl writes it, and nothing around it.
func wholeHost(host string) (string, bool) {
	u, ok := weburl.Parse("https://"+host+"/", nil)
	return host, ok && u.Host == host && u.Port == "" && u.Path == "/" && len(host) <= 253
}
