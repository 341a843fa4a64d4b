package transfer

import (
	"fmt"
	"net/netip"
	"time"
)

// Config is where data may go, as the owner wrote it. The zero value lets data
// stay in the European Union and in his own network.
type Config struct {
	Area       Area
	Recipients []Recipient
	// AllowUndeclared lets hosts that no recipient is declared for pass by their
	// address alone. Reports name them.
	AllowUndeclared bool
	// WithoutDPF takes no recipient's certification under the Data Privacy
	// Framework for a basis: one switch for the day on which the decision falls.
	WithoutDPF bool
	// Own are the operator's own networks, in which no country is asked for. Empty
	// means OwnNetworks; others take their place, so append to those.
	Own []netip.Prefix
	// NAT64 are the prefixes of translators in use here, beside WellKnownNAT64.
	NAT64 []netip.Prefix
}

// Rules are a compiled Config: immutable, and safe for concurrent use.
type Rules struct {
	area       Area
	hosts      hosts
	recipients []judged
	services   map[string]int // the place of the recipient of each
	networks   networks
	undeclared bool // may pass
}

// RecipientError says which of Config.Recipients is at fault, so that the caller
// can point to the line where it was written.
type RecipientError struct {
	Index int
	Err   error
}

func (e *RecipientError) Error() string { return e.Err.Error() }

func (e *RecipientError) Unwrap() error { return e.Err }

// NewRules compiles a Config. What decisions of the Commission hold at this time
// is looked at once; what ends later is noticed when it does.
func NewRules(c Config, now time.Time) (*Rules, error) {
	if c.Area >= Outside {
		return nil, fmt.Errorf("the area %d is none: use EU, EEA or Adequate", c.Area)
	}
	networks, err := newNetworks(c.Own, c.NAT64)
	if err != nil {
		return nil, err
	}
	r := &Rules{area: c.Area, networks: networks, undeclared: c.AllowUndeclared}
	names := make(map[string]bool, len(c.Recipients))
	for i := range c.Recipients {
		recipient := c.Recipients[i]
		if err := recipient.check(); err != nil {
			return nil, &RecipientError{i, err}
		}
		if names[recipient.Name] {
			return nil, &RecipientError{i, fmt.Errorf("recipient %s is declared twice: give each a name of its own", recipient.Name)}
		}
		names[recipient.Name] = true
		r.recipients = append(r.recipients, recipient.judge(c.Area, !c.WithoutDPF, now.Unix()))
	}
	if err := r.indexServices(); err != nil {
		return nil, err
	}
	return r, r.hosts.index(c.Recipients)
}

// Recipients lists those declared, in their order. They are shared and must not
// be changed.
func (r *Rules) Recipients() []*Recipient {
	all := make([]*Recipient, len(r.recipients))
	for i := range r.recipients {
		all[i] = r.recipients[i].Recipient
	}
	return all
}

// Area is where data may stay.
func (r *Rules) Area() Area { return r.area }

// declared decides by what is declared of a host alone. j is nil when nothing is.
func (r *Rules) declared(host string, addr netip.Addr, now int64) (d Decision, j *judged) {
	place, ok := r.hosts.find(host, addr)
	if !ok {
		return Decision{Allowed: r.undeclared, Reason: Undeclared}, nil
	}
	j = &r.recipients[place]
	return j.decide(now), j
}

// decide is the decision about a connection. It costs a few hundred nanoseconds
// at most, and no allocation for a host in lower case.
func (r *Rules) decide(geography Geography, host string, addr netip.Addr, now int64) Decision {
	addr, way := r.networks.reach(addr)
	d, j := r.declared(host, addr, now)
	switch {
	case j != nil && !d.Allowed:
		return d
	case way == own:
		d.Allowed, d.Reason = true, OwnNetwork
		return d
	case way == hidden:
		return d.refused(Hidden)
	}
	return r.locate(d, j, geography, addr, now)
}

// locate is the decision d about an address that is in nobody's network: the worse of
// two, where there are two opinions about its country.
func (r *Rules) locate(d Decision, j *judged, geography Geography, addr netip.Addr, now int64) Decision {
	one, other := geography.Where(addr)
	first := r.in(one, d, j, now)
	if !first.Allowed || other == one {
		return first
	}
	if second := r.in(other, d, j, now); !second.Allowed || second.Reason == Excepted {
		return second
	}
	return first
}

// in is the decision d about an address that lies in a country.
func (r *Rules) in(country Country, d Decision, j *judged, now int64) Decision {
	d.Country = country
	s := country.standing()
	switch {
	case !s.known:
		return d.refused(UnknownCountry)
	case r.area.holds(s, now, ""):
	case j == nil:
		return d.refused(OutsideCountry)
	default:
		basis, ok := j.basisFor(country, now)
		if !ok {
			return d.refused(OutsideCountry)
		}
		d.Reason, d.Basis = Excepted, basis
	}
	return d
}
