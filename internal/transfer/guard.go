package transfer

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"
)

// Options say what a Guard decides by.
type Options struct {
	Rules     *Rules           // required
	Countries Geography        // required
	Now       func() time.Time // the clock; required
	// Told hears of every connection and every refusal. It may be nil, is called by
	// several goroutines at once, and must not wait.
	Told func(Event)
	// Beside is a guard whose connections are watched together with those of this one:
	// a Recheck of either looks at all, each by the guard that it was made by. May be
	// nil.
	Beside *Guard
}

// Guard decides where data may go now. Its rules can be exchanged; it knows the
// connections that its dialers have made, and ends those that have become
// forbidden.
type Guard struct {
	rules       atomic.Pointer[Rules]
	geography   Geography
	now         func() time.Time
	told        func(Event)
	connections *connections

	successor atomic.Pointer[Guard] // decides, once there is one
}

// NewGuard makes a Guard.
func NewGuard(o Options) (*Guard, error) {
	switch {
	case o.Rules == nil:
		return nil, errors.New("the guard needs rules")
	case o.Countries == nil:
		return nil, errors.New("the guard needs to know the countries of addresses")
	case o.Now == nil:
		return nil, errors.New("the guard needs a clock")
	}
	if o.Told == nil {
		o.Told = func(Event) {}
	}
	g := &Guard{geography: o.Countries, now: o.Now, told: o.Told, connections: new(connections)}
	if o.Beside != nil {
		g.connections = o.Beside.connections
	}
	g.rules.Store(o.Rules)
	return g, nil
}

// decider is the guard that decides: this one, or its successor.
func (g *Guard) decider() *Guard {
	if successor := g.successor.Load(); successor != nil {
		return successor
	}
	return g
}

// Decide answers whether data may go to an address under the name of a host,
// which must not carry a port. An invalid address is in no country.
func (g *Guard) Decide(host string, addr netip.Addr) Decision {
	g = g.decider()
	return g.rules.Load().decide(g.geography, host, addr, g.now().Unix())
}

// Declared answers by the recipient alone, for what the browser loads by itself
// and for what must be known before there is an address. A host is refused here
// that Decide refuses at every address outside the operator's own network.
func (g *Guard) Declared(host string) Decision {
	g = g.decider()
	addr, _ := netip.ParseAddr(host)
	d, _ := g.rules.Load().declared(host, addr.Unmap(), g.now().Unix())
	return d
}

// Recipient answers by the declaration of one of the recipients alone.
func (g *Guard) Recipient(r *Recipient) Decision {
	if len(r.Services) > 0 {
		return g.Service(r.Services[0], "")
	}
	return g.Declared(r.Hosts[0])
}

// Standing sums up, in a text that means nothing else, what the answers about services
// and hosts rest on that can change by itself: it changes when they may.
func (g *Guard) Standing() string {
	g = g.decider()
	r, now := g.rules.Load(), g.now().Unix()
	text := fmt.Append(nil, g.geography.Database(), " ", now/86400, " ")
	for i := range r.recipients {
		text = append(text, '0'+byte(r.recipients[i].decide(now).Reason))
	}
	return string(text)
}

// Rules are those in force.
func (g *Guard) Rules() *Rules { return g.decider().rules.Load() }

// Use puts other rules in force, and ends the connections that they forbid.
func (g *Guard) Use(r *Rules) (ended int) {
	g.rules.Store(r)
	return g.Recheck()
}

// Yield leaves all decisions to another guard from now on, whose connections are
// watched together with those of this one, and ends the connections that it
// forbids. What a configuration that is gone still has open, or opens still, is
// thereby held to the rules of today, however often they change.
func (g *Guard) Yield(successor *Guard) (ended int) {
	g.successor.Store(successor)
	return g.Recheck()
}

// Recheck ends the connections that have become forbidden, those of the guards beside
// this one included: call it when the
// database of countries was swapped, and once a day for what ends by itself. Who
// uses one of them meets an error as if the other side had gone.
func (g *Guard) Recheck() (ended int) {
	for _, c := range g.connections.list() {
		d := c.dialer.judge(c.host, c.addr)
		if d.Allowed || !c.leave() {
			continue
		}
		ended++
		_ = c.end() // it is gone either way
		c.dialer.guard.tell(Closed, c.host, d)
	}
	return ended
}

// Open is how many connections there are, with those of the guards beside this one.
func (g *Guard) Open() int { return g.connections.count() }

func (g *Guard) tell(outcome Outcome, host string, d Decision) {
	g = g.decider()
	g.told(Event{outcome, host, d, g.geography.Database(), g.now()})
}

// Event is what happened to one connection. It says nothing about the visitor on
// whose behalf it was made.
type Event struct {
	Outcome  Outcome
	Host     string // as it was asked for, without port
	Decision Decision
	Database string // the countries were known from
	At       time.Time
}

// Outcome is what came of a connection.
type Outcome uint8

// The outcomes.
const (
	Connected Outcome = iota
	Refused           // before the first packet
	Closed            // it had become forbidden

	Outcomes = iota // how many there are
)

func (o Outcome) String() string { return [...]string{"connected", "refused", "closed"}[o] }
