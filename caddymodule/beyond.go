package caddymodule

import (
	"strings"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// Passes tells whether pages may lead browsers to a host, or to the service behind it:
// visitors' data go where the browser goes.
func (a *App) Passes(host string, service *catalogue.Service) bool {
	return a.browsed(host, service).Allowed
}

// browsed decides by what is declared, by who is known to be behind a service, and of
// hosts that nobody knows by their addresses.
func (a *App) browsed(host string, s *catalogue.Service) transfer.Decision {
	if host == "" {
		return a.anywhere(s)
	}
	if s != nil && s.Country != "" {
		var seats [2]transfer.Country
		return a.guard.Service(s.ID, host, appendSeats(seats[:0], s)...)
	}
	if d, ok := a.guard.Named(host); ok {
		return d
	}
	return a.guard.Browsed(host, a.shared.border.whereabouts.Of(host))
}

// appendSeats appends where those behind a service are known to be.
func appendSeats(seats []transfer.Country, s *catalogue.Service) []transfer.Country {
	for _, country := range [...]string{s.Country, s.EEACountry} {
		if country != "" {
			seats = append(seats, transfer.Country(country))
		}
	}
	return seats
}

// anywhere decides about a service as a whole, which passes if it does at one of its hosts.
func (a *App) anywhere(s *catalogue.Service) (d transfer.Decision) {
	for _, entry := range s.Hosts {
		host, _, _ := strings.Cut(entry, "/")
		if d = a.browsed(host, s); d.Allowed {
			break
		}
	}
	return d
}

// declared are the known services, and the other hosts, that recipients are declared for by
// name: the site is taken to use them although none of its pages was seen to.
func (a *App) declared() (services []*catalogue.Service, hosts []string) {
	if a.Transfers == nil {
		return nil, nil
	}
	for _, r := range a.Transfers.Recipients {
		hosts = append(hosts, r.Hosts...)
		for _, id := range r.serviceIDs() {
			if s, ok := catalogue.Default().Service(id); ok && len(s.Hosts) > 0 {
				services = append(services, s)
			}
		}
	}
	return services, hosts
}

// noteBeyond tells the owner, once, of what pages name and nobody gets to see, and what to
// write if it is to be loaded.
func (v *visit) noteBeyond(host string, s *catalogue.Service) {
	about := host
	if s != nil {
		about = s.ID
	}
	g := v.gateway
	if !g.app.shared.notices.first("beyond " + about) {
		return
	}
	d := g.app.browsed(host, s)
	g.logger.Warn("not loaded: data may not go there",
		zap.String("host", host),
		zap.String("reason", d.Reason.String()),
		zap.String("line", declaration(host, s)))
}

// declaration is the line of the global options by which a recipient is declared.
func declaration(host string, s *catalogue.Service) string {
	if s != nil && s.Country != "" {
		return "recipient " + s.ID + " { transfer dpf|scc|bcr|consent|necessary }"
	}
	return "recipient <name> { entity <company>; country <code>; hosts " + host + " }"
}

var _ policy.Border = (*App)(nil)
