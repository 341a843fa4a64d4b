package transfer

import (
	"fmt"
	"net/netip"
)

// Service answers whether pages may lead browsers to a known service, at one of its
// hosts: by the recipient that is declared for the service, or for the host, and
// without one by where those behind the service are known to have their seats. What
// is declared outranks what is known, for better and for worse. Without seats
// nobody is known to be behind it: the address has to tell, see Browsed.
func (g *Guard) Service(id, host string, seats ...Country) Decision {
	return g.Rules().service(id, host, seats, g.now().Unix())
}

func (r *Rules) service(id, host string, seats []Country, now int64) Decision {
	if place, ok := r.services[id]; ok {
		return r.recipients[place].decide(now)
	}
	if d, ok := r.named(host, now); ok {
		return d
	}
	d := Decision{Allowed: len(seats) > 0, Reason: Inside}
	for _, seat := range seats {
		if !r.area.holds(seat.standing(), now, "") {
			return Decision{Reason: RecipientOutside, Fault: seat}
		}
	}
	if !d.Allowed {
		d.Reason = Undeclared
	}
	return d
}

// Named answers for hosts that a recipient is declared for: those need not be looked up,
// and the question alone would tell somebody.
func (g *Guard) Named(host string) (d Decision, ok bool) {
	g = g.decider()
	return g.rules.Load().named(host, g.now().Unix())
}

// Browsed answers whether pages may lead browsers to a host that nobody knows: by
// the recipient that is declared for it, and without one by the country of its
// addresses, each of which must pass, for nobody can tell which one a browser takes.
func (g *Guard) Browsed(host string, addrs []netip.Addr) Decision {
	g = g.decider()
	r, now := g.rules.Load(), g.now().Unix()
	if d, ok := r.named(host, now); ok {
		return d
	}
	d := Decision{Reason: UnknownCountry}
	for _, addr := range addrs {
		if d = r.located(g.geography, addr, now); !d.Allowed {
			break
		}
	}
	return d
}

// named decides about a host that a recipient is declared for.
func (r *Rules) named(host string, now int64) (d Decision, ok bool) {
	addr, _ := literal(host)
	d, j := r.declared(host, addr.Unmap(), now)
	return d, j != nil
}

// located decides by the address alone.
func (r *Rules) located(geography Geography, addr netip.Addr, now int64) Decision {
	addr, way := r.networks.reach(addr)
	switch way {
	case own:
		return Decision{Allowed: true, Reason: OwnNetwork}
	case hidden:
		return Decision{Reason: Hidden}
	}
	return r.locate(Decision{Allowed: true, Reason: Inside}, nil, geography, addr, now)
}

// indexServices finds the recipient of each service, of which there is one.
func (r *Rules) indexServices() error {
	r.services = make(map[string]int)
	for place := range r.recipients {
		for _, id := range r.recipients[place].Services {
			if other, ok := r.services[id]; ok {
				return &RecipientError{place, fmt.Errorf("service %s belongs to recipient %s already: each service has one recipient", id, r.recipients[other].Name)}
			}
			r.services[id] = place
		}
	}
	return nil
}
