package caddymodule

import (
	"slices"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// purposes lists what visitors are asked about, with what the site was seen to store
// itself by the owner's rules, and the services that it was seen to use.
func (v *visit) purposes(granted policy.Set) []ui.Purpose {
	g, services, declared := v.gateway, v.used(), v.gateway.policy.Declared(v.inventory())
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
				shown.Services = append(shown.Services, g.app.shownService(s))
			}
		}
		list = append(list, shown)
	}
	return list
}

// used are the known services of the site: those that its pages were seen to load, and
// those that check its forms.
func (v *visit) used() []*catalogue.Service {
	services := slices.Clone(v.inventory().Services())
	for _, s := range v.gateway.protection.services() {
		if !slices.Contains(services, s) {
			services = append(services, s)
		}
	}
	return services
}

// shownService is a service with the lifetimes that its cookies are cut to.
func (a *App) shownService(s *catalogue.Service) ui.Service {
	shown := ui.Service{Name: s.Name, Entity: s.Entity, Country: s.Country, Hosts: s.Hosts}
	if len(s.Hosts) > 0 { // others are kept by the site alone
		d := a.browsed("", s)
		shown.Outside, shown.Basis = !d.Allowed, bases[d.Basis]
	}
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

// others are those who receive data from the site itself.
func (a *App) others() []ui.Service {
	var list []ui.Service
	for _, r := range a.rules.Recipients() {
		if len(r.Services) == 0 {
			list = append(list, ui.Service{Entity: r.Entity, Country: string(r.Country), Basis: bases[r.Transfer]})
		}
	}
	return list
}

// bases are what a transfer rests on, in words that are the same in every language: the
// names that the texts themselves have, and the articles of Regulation (EU) 2016/679.
var bases = map[transfer.Basis]string{
	transfer.Adequacy:  "(EU) 2016/679, Art. 45",
	transfer.DPF:       "EU-US Data Privacy Framework: (EU) 2023/1795",
	transfer.SCC:       "SCC: (EU) 2016/679, Art. 46(2)(c)",
	transfer.BCR:       "BCR: (EU) 2016/679, Art. 47",
	transfer.Consent:   "(EU) 2016/679, Art. 49(1)(a)",
	transfer.Necessary: "(EU) 2016/679, Art. 49(1)(b)",
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
		if d := v.gateway.policy.Address(v.site(), s.Name, "/", &v.gateway.strangers[0]); s.Reliable && d.Assumed {
			shown.Hosts = append(shown.Hosts, s.Name)
		}
	}
	return shown
}
