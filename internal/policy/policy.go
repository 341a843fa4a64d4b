// Package policy holds one site's rules and answers every question of the
// form "may this pass?". It decides; whoever asks obeys and does not decide
// again, so the gateway, the in-page guard, the log, the report and the tests
// all tell the same story.
//
// A decision rests on three things: the name of what wants to pass, the
// visitor's standing, and the clock. Authority goes from the site's own rules
// over the catalogue of known services to the rule for unknown things.
package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// Policy is a site's compiled rules. It is immutable and safe for concurrent
// use; its cost per question does not depend on how many rules there are.
type Policy struct {
	purposes    []Purpose
	rules       *catalogue.Index[purposeIndex] // nil when the owner wrote none
	hosts       map[string]hostRule            // the owner's, with all below them
	border      Border                         // nil: data may go anywhere
	known       *catalogue.Catalogue
	unknown     Unknown
	lifetime    time.Duration
	fingerprint string
	written     []Rule // the owner's rules as written, for the guard
	serial      uint64 // higher than that of every policy made before
}

// Cookie decides about the cookie called name with this value, whether it
// travels in a request or is being set by a response. It does not allocate.
func (p *Policy) Cookie(name, value string, v *Visitor, now time.Time) Decision {
	c := p.classify(name)
	if v.State == Ended {
		return Decision{Action: Drop, Reason: Expired, Purpose: p.purpose(c), Service: c.service}
	}
	d := Decision{Purpose: p.purpose(c), Service: c.service}
	switch {
	case !c.known:
		d.Action, d.Reason = p.unknownAction(v), Unrecognised
	case c.purpose == necessary:
		d.Reason = Required
	case v.Granted.Has(c.purpose), v.allows(c.service):
		d.Reason = Granted
	default:
		d.Action, d.Reason = Drop, v.refusal()
	}
	if d.Action == Allow {
		d.Until = v.bound(now)
		if c.purpose != necessary {
			p.age(&d, name, value, now)
		}
	}
	return d
}

// age lowers the bound of a cookie whose value tells that it was created
// before the visitor's term began, and drops it when its thirteen months are
// over. A creation time inside a value is evidence only against the cookie.
func (p *Policy) age(d *Decision, name, value string, now time.Time) {
	created, ok := catalogue.Created(name, value, now)
	if !ok {
		return
	}
	if end := created.Add(cookie.Term).Unix(); end < d.Until {
		d.Until = end
	}
	if d.Until <= now.Unix() {
		d.Action, d.Reason = Drop, Expired
	}
}

// unknownAction applies the rule for unknown cookies to a visitor. Who accepts
// everything accepts what nobody has classified yet as well.
func (p *Policy) unknownAction(v *Visitor) Action {
	if v.State == Accepted || p.unknown == AllowUnknown {
		return Allow
	}
	if p.unknown == BlockUnknown {
		return Drop
	}
	return Session
}

// class is what the rules and the catalogue say of a name, before any visitor
// is looked at.
type class struct {
	purpose purposeIndex
	known   bool
	service *catalogue.Service
}

func (p *Policy) classify(name string) class {
	if p.rules != nil {
		if i, ok := p.rules.Longest(name); ok {
			return class{purpose: i, known: true}
		}
	}
	if claim, ok := p.known.Cookie(name); ok {
		return class{purpose: builtin(claim.Service.Purpose), known: true, service: claim.Service}
	}
	return class{}
}

// Entry says what an entry of a browser's storage, or a database, is there for, by
// its name, to which the same rules apply as to names of cookies. It is asked
// about what is stored by who agreed to everything: it passes.
func (p *Policy) Entry(name string) Decision {
	c := p.classifyEntry(name)
	d := Decision{Reason: Granted, Purpose: p.purpose(c), Service: c.service}
	switch {
	case !c.known:
		d.Reason = Unrecognised
	case c.purpose == necessary:
		d.Reason = Required
	}
	return d
}

func (p *Policy) classifyEntry(name string) class {
	if p.rules != nil {
		if i, ok := p.rules.Longest(name); ok {
			return class{purpose: i, known: true}
		}
	}
	if claim, ok := p.known.Entry(name); ok {
		return class{purpose: builtin(claim.Service.Purpose), known: true, service: claim.Service}
	}
	return class{}
}

// purpose is nil for what nobody has classified.
func (p *Policy) purpose(c class) *Purpose {
	if !c.known {
		return nil
	}
	return &p.purposes[c.purpose]
}

// Persists tells whether a cookie of this name, seen in a request and allowed
// without consent, may last beyond the session. Its thirteen months must then be
// counted, even for a visitor who has made no choice. Only the catalogue can say
// that a cookie ends with the session.
func (p *Policy) Persists(name string) bool {
	c := p.classify(name)
	if c.service == nil {
		return true
	}
	claim, _ := p.known.Cookie(name)
	return claim.Cookie.Lifetime != 0
}

// Purposes lists the site's purposes, necessary first, in the order in which
// they are shown.
func (p *Policy) Purposes() []Purpose { return p.purposes }

// Lifetime is how long a choice is kept, at most thirteen months.
func (p *Policy) Lifetime() time.Duration { return p.lifetime }

// Fingerprint changes when what visitors were asked changes: the purposes, the
// rule for unknown cookies, or the owner's revision. A choice made under
// another fingerprint is void and is asked for again.
func (p *Policy) Fingerprint() string { return p.fingerprint }

func fingerprint(purposes []Purpose, unknown Unknown, revision string) string {
	var b strings.Builder
	for _, p := range purposes {
		b.WriteString(p.ID)
		b.WriteByte(0)
		b.WriteString(p.Name)
		b.WriteByte(0)
		b.WriteString(p.Description)
		b.WriteByte(0)
	}
	b.WriteString(string(unknown))
	b.WriteByte(0)
	b.WriteString(revision)
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:6])
}
