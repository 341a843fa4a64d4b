package caddymodule

import (
	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// purposes lists what visitors are asked about, with what the site was seen to store
// itself by the owner's rules, and the services that it was seen to use.
func (v *visit) purposes(granted policy.Set) []ui.Purpose {
	g, services, declared := v.gateway, v.inventory().Services(), v.gateway.policy.Declared(v.inventory())
	given := make(map[string]bool)
	for _, id := range g.policy.IDs(granted) {
		given[id] = true
	}
	list := make([]ui.Purpose, 0, len(g.policy.Purposes()))
	for i, p := range g.policy.Purposes() {
		shown := ui.Purpose{ID: p.ID, Name: p.Name, Description: p.Description, Required: i == 0, Granted: given[p.ID]}
		for _, d := range declared {
			if d.Purpose == p.ID {
				shown.Own = append(shown.Own, ui.Cookie{Name: d.Name, Lifetime: d.Lifetime, Storage: d.Storage})
			}
		}
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

// unknown are the cookies and hosts of the site that nobody has classified. Entries
// of storages are shown to the owner alone: anybody who agreed may have sent them,
// and would write on this page.
func (v *visit) unknown() (shown ui.Service) {
	for _, s := range v.inventory().Undescribed() {
		shown.Cookies = append(shown.Cookies, ui.Cookie{Name: s.Name, Lifetime: s.Lifetime()})
	}
	for _, s := range v.inventory().Sightings(policy.HostKind) {
		if d := v.gateway.policy.Address(v.site(), s.Name, "/", &v.gateway.strangers[0]); s.Reliable && d.Reason == policy.Unrecognised {
			shown.Hosts = append(shown.Hosts, s.Name)
		}
	}
	return shown
}
