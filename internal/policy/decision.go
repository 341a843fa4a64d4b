package policy

import (
	"slices"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// Decision is the answer to one question, with its reason.
type Decision struct {
	Action  Action
	Reason  Reason
	Assumed bool               // nobody has classified the thing: Purpose is the strictest
	Purpose *Purpose           // nil when nobody has classified the thing
	Service *catalogue.Service // nil when the site's own rule decided, or none did
	Until   int64              // unix seconds, where the action is Allow: no lifetime may reach beyond it
}

// purposeID names the purpose that somebody has given the thing, and is empty
// without one.
func (d *Decision) purposeID() string {
	if d.Purpose == nil || d.Assumed {
		return ""
	}
	return d.Purpose.ID
}

// Action is what is to be done.
type Action uint8

// The actions, mildest first.
const (
	Allow   Action = iota // passes, its lifetime cut to the bound
	Session               // passes without a lifetime: gone with the browser session
	Drop                  // does not pass, and is deleted where it is stored

	Actions = iota // how many there are
)

func (a Action) String() string {
	return [...]string{"allow", "session", "drop"}[a]
}

// Reason is why.
type Reason uint8

// The reasons.
const (
	Required     Reason = iota // strictly necessary, needs no consent
	Granted                    // the visitor agreed to its purpose
	Undecided                  // the visitor has not chosen yet
	Refused                    // the visitor said no, here or by a browser signal
	Expired                    // thirteen months are over
	Unrecognised               // neither rules nor catalogue know it
	Outside                    // data may not go there
	Confidential               // nothing is loaded from others on this page
	Unprofiled                 // nothing is loaded for marketing on this page

	Reasons = iota // how many there are
)

func (r Reason) String() string {
	return [...]string{"necessary", "granted", "undecided", "refused", "expired", "unknown", "outside", "confidential", "unprofiled"}[r]
}

// State is how a visitor stands towards the site's purposes.
type State uint8

// The states.
const (
	None     State = iota // no valid choice
	Signal                // no choice, but the browser says no (Sec-GPC, DNT)
	Declined              // refused everything
	Partial               // accepted some purposes
	Accepted              // accepted everything
	Ended                 // brought a record whose thirteen months are over
)

func (s State) String() string {
	return [...]string{"none", "signal", "refused", "partial", "accepted", "ended"}[s]
}

// Visitor is what the policy needs to know of one visitor. It is immutable and
// shared between the requests that carry the same record.
type Visitor struct {
	State   State
	Granted Set
	// Services are what he agreed to one by one, beside the purposes: identifiers of
	// services in the catalogue, and hosts that it does not know.
	Services []string
	// Route is what the owner has ruled for the part of the site that the visitor is at.
	Route Route
	// First is the first deposit in this browser and Until the end of the term
	// that it began, unix seconds. Both are zero when nothing was deposited.
	First, Until int64
	// Header is the state and the purposes as the origin is told them.
	Header string
}

// Route is what holds for a part of a site, whatever visitors agree to.
type Route uint8

// The routes.
const (
	OpenRoute         Route = iota
	UnprofiledRoute         // nothing is loaded for marketing: health, politics, religion …
	ConfidentialRoute       // nothing is loaded from others
)

// forbids tells whether a route refuses everybody a purpose of others.
func (r Route) forbids(i purposeIndex) (Reason, bool) {
	switch {
	case r == ConfidentialRoute:
		return Confidential, true
	case r == UnprofiledRoute && i == marketing:
		return Unprofiled, true
	}
	return 0, false
}

// bound is the last moment a cookie of this visitor may live to.
func (v *Visitor) bound(now time.Time) int64 {
	if v.Until != 0 {
		return v.Until
	}
	return now.Add(cookie.Term).Unix()
}

func (v *Visitor) refusal() Reason {
	if v.State == None {
		return Undecided
	}
	return Refused
}

// Exceeds tells whether v agreed to anything that before had not, what nobody has
// classified included.
func (v *Visitor) Exceeds(before *Visitor) bool {
	more := func(granted string) bool { return !slices.Contains(before.Services, granted) }
	return v.Granted&^before.Granted != 0 || v.State == Accepted && before.State != Accepted ||
		slices.ContainsFunc(v.Services, more)
}

// Chosen tells whether the visitor made a choice that still holds.
func (v *Visitor) Chosen() bool {
	return v.State == Declined || v.State == Partial || v.State == Accepted
}

// Silent tells whether the visitor is not to be asked: the choice is made, or
// the browser has made it.
func (v *Visitor) Silent() bool { return v.Chosen() || v.State == Signal }
