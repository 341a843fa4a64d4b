package caddymodule

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
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
}

// maxPanels bounds the cache: each is some five kilobytes.
const maxPanels = 256

// panel is the notice of a site in a language.
func (v *visit) panel(language string) *ui.Fragment {
	g, services := v.gateway, v.inventory().Services()
	key := panelKey{language: language}
	if len(services) > 0 {
		key.services = &services[0]
	}
	g.panels.mu.RLock()
	panel := g.panels.ready[key]
	g.panels.mu.RUnlock()
	if panel != nil {
		return panel
	}
	panel = ui.Banner(language, g.purposes(services, 0))
	g.panels.mu.Lock()
	defer g.panels.mu.Unlock()
	if g.panels.ready == nil || len(g.panels.ready) >= maxPanels {
		g.panels.ready = make(map[panelKey]*ui.Fragment)
	}
	g.panels.ready[key] = panel
	return panel
}

// purposes lists what visitors are asked about, with the services that the site
// was seen to use.
func (g *Gateway) purposes(services []*catalogue.Service, granted policy.Set) []ui.Purpose {
	given := make(map[string]bool)
	for _, id := range g.policy.IDs(granted) {
		given[id] = true
	}
	list := make([]ui.Purpose, 0, len(g.policy.Purposes()))
	for i, p := range g.policy.Purposes() {
		shown := ui.Purpose{ID: p.ID, Name: p.Name, Description: p.Description, Required: i == 0, Granted: given[p.ID]}
		for _, s := range services {
			if string(s.Purpose) == p.ID {
				shown.Services = append(shown.Services, shownService(s))
			}
		}
		list = append(list, shown)
	}
	return list
}

// shownService is a service with the lifetimes that its cookies are cut to.
func shownService(s *catalogue.Service) ui.Service {
	shown := ui.Service{Name: s.Name, Entity: s.Entity, Country: s.Country, Hosts: s.Hosts}
	for i := range s.Cookies {
		c := &s.Cookies[i]
		lifetime := c.Lifetime
		if !c.ThirdParty && c.Storage == catalogue.InCookie {
			lifetime = min(lifetime, cookie.Term)
		}
		if lifetime == catalogue.Endless {
			lifetime = cookie.Term
		}
		shown.Cookies = append(shown.Cookies, ui.Cookie{Name: c.String(), Lifetime: lifetime, Storage: c.Storage != catalogue.InCookie})
	}
	return shown
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
		Purposes: g.purposes(v.inventory().Services(), v.visitor.Granted),
		Choice:   shownChoice(v),
		Saved:    query.Has("saved"),
		Singles:  singles(v.visitor),
		Unknown:  v.unknownHosts(),
		Back:     v.cameFrom(r),
	}
	if r.Method == http.MethodHead {
		return nil
	}
	return ui.WritePage(w, g.speak(r), data)
}

// singles are what the visitor granted one by one.
func singles(v *policy.Visitor) []ui.Single {
	var list []ui.Single
	for _, granted := range v.Services {
		if service, ok := catalogue.Default().Service(granted); ok {
			list = append(list, ui.Single{ID: service.ID, Name: service.Name})
		} else if policy.IsHost(granted) {
			list = append(list, ui.Single{Name: granted})
		}
	}
	return list
}

// unknownHosts are those that the site's pages name and nobody has classified.
func (v *visit) unknownHosts() []string {
	var hosts []string
	for _, s := range v.inventory().Sightings(policy.HostKind) {
		if d := v.gateway.policy.Address(v.site(), s.Name, "/", &v.gateway.strangers[0]); s.Reliable && d.Reason == policy.Unrecognised {
			hosts = append(hosts, s.Name)
		}
	}
	return hosts
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
	services := v.inventory().Services()
	language := ui.Negotiate(r.PostForm.Get("lang"), r.Header.Get("Accept-Language"), g.Language)
	return consent.Notice{
		Site: v.host, Language: language,
		Text:   ui.Digest(language, g.purposes(services, 0)),
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
