package policy

import (
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Reach is what somebody outside is sent about visitors who agree: what serves the
// purposes that the owner names, and what pages load from services and hosts.
type Reach struct {
	Purposes []string // identifiers; empty when the owner has named none
	Services []string // of the catalogue, wherever they answer
	Hosts    []string // each with all below it; a range of addresses is one that nobody knows
}

// Withdrawn lists what a visitor let a recipient have before a choice and does not
// after it: purposes by their identifier, services by theirs in the catalogue, and
// hosts that he had agreed to one by one. Both are sorted and empty if he withdrew
// nothing that concerns the recipient. A service of the catalogue counts although the
// site may not use it: what other gateways of the site have seen is not known here. So
// does what data may not go to by now: the recipient may have had some before.
func (p *Policy) Withdrawn(site string, before, after *Visitor, r Reach) (purposes, services []string) {
	everywhere := *p
	everywhere.border = nil
	w := withdrawal{&everywhere, site, before, after}
	for _, id := range r.Purposes {
		if i := indexOf(p.purposes, id); i > int(necessary) && before.Granted.Has(purposeIndex(i)) && !after.Granted.Has(purposeIndex(i)) {
			purposes = append(purposes, id)
		}
	}
	for _, host := range p.hostsWithin(append(slices.Clip(r.Hosts), p.hostsOf(r.Services)...)) {
		// Of a host that nobody knows, the owner's word for what the recipient does
		// outweighs the guess that it is there for marketing.
		if d, ok := w.of(host, "/"); ok && d.Service == nil && !(d.Assumed && len(r.Purposes) > 0) {
			purposes = append(purposes, d.Purpose.ID)
		}
	}
	for _, s := range p.known.Services() {
		if w.service(s, r) {
			services = append(services, s.ID)
		}
	}
	for _, host := range before.Services {
		if !IsHost(host) || !meets(host, r.Hosts) {
			continue
		}
		if _, ok := w.of(host, "/"); ok {
			services = append(services, host)
		}
	}
	return sorted(purposes), sorted(services)
}

// hostsOf lists those that services have for themselves.
func (p *Policy) hostsOf(services []string) (hosts []string) {
	for _, id := range services {
		if s, ok := p.known.Service(id); ok {
			hosts = append(hosts, slices.DeleteFunc(slices.Clone(s.Hosts), func(entry string) bool { return strings.Contains(entry, "/") })...)
		}
	}
	return hosts
}

// hostsWithin lists the hosts, and those below them for which the owner has rules.
func (p *Policy) hostsWithin(hosts []string) []string {
	all := slices.Clone(hosts)
	for host := range p.hosts {
		if slices.ContainsFunc(hosts, func(above string) bool { return within(host, above) }) {
			all = append(all, host)
		}
	}
	return all
}

// meets tells whether a host is one of these, or lies above or below one.
func meets(host string, hosts []string) bool {
	return slices.ContainsFunc(hosts, func(other string) bool { return within(host, other) || within(other, host) })
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// withdrawal is a choice of a visitor's.
type withdrawal struct {
	policy        *Policy
	site          string
	before, after *Visitor
}

// of tells whether an address was let pass by consent, and no longer is. The decision is
// that before the choice.
func (w *withdrawal) of(host, path string) (d Decision, ok bool) {
	d = w.policy.Address(w.site, host, path, w.before)
	ok = d.Action == Allow && d.Reason == Granted && w.policy.Address(w.site, host, path, w.after).Action == Drop
	return d, ok
}

// service tells whether any part of a service that is within reach was withdrawn. A part
// that is another service's too, or that the owner has a rule for, is left to those.
func (w *withdrawal) service(s *catalogue.Service, r Reach) bool {
	whole := slices.Contains(r.Services, s.ID)
	return slices.ContainsFunc(s.Hosts, func(entry string) bool {
		host, path, _ := strings.Cut(entry, "/")
		if !whole && !meets(host, r.Hosts) {
			return false
		}
		d, ok := w.of(host, "/"+path)
		return ok && d.Service == s
	})
}
