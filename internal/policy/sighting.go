package policy

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Sighting is what is known of one name.
type Sighting struct {
	Name        string
	Purpose     string // empty: nobody has classified it
	Service     *catalogue.Service
	Also        []*catalogue.Service // others, at parts of the same host
	Reliable    bool                 // the site itself set it or names it
	First, Last time.Time
	// Set says that the site itself set the cookie. Asked and Given are then the
	// longest that it was to live and was let live; 0: until the browser is closed.
	Set          bool
	Asked, Given time.Duration

	Allowed, Limited, Dropped uint64
}

// sighting is a Sighting that is being counted.
type sighting struct {
	service  *catalogue.Service
	also     []*catalogue.Service // replaced, never changed
	purpose  string
	reliable bool
	first    int64

	last, given atomic.Int64
	asked       atomic.Int64 // notSet until the site sets it
	counts      [Actions]atomic.Uint64
}

const notSet = -1

// told is what is known by now.
func (s *sighting) told(name string) Sighting {
	return Sighting{
		Name: name, Purpose: s.purpose, Service: s.service, Also: s.also, Reliable: s.reliable,
		First: time.Unix(s.first, 0), Last: time.Unix(s.last.Load(), 0),
		Set: s.asked.Load() != notSet, Asked: time.Duration(max(s.asked.Load(), 0)) * time.Second, Given: time.Duration(s.given.Load()) * time.Second,
		Allowed: s.counts[Allow].Load(), Limited: s.counts[Session].Load(), Dropped: s.counts[Drop].Load(),
	}
}

// raise sets a value that only grows.
func raise(value *atomic.Int64, to int64) {
	for from := value.Load(); to > from && !value.CompareAndSwap(from, to); from = value.Load() {
	}
}

// says tells whether there is nothing to learn from a sight: what was reliably
// seen is not changed by what anybody may have sent.
func (s *sighting) says(sight *Sight) bool {
	if s.reliable != sight.Reliable {
		return s.reliable
	}
	return s.agrees(sight.Kind, sight.Decision)
}

// agrees tells whether a decision says nothing about a name that is not known. A
// host may have parts of several services, and others that nobody knows.
func (s *sighting) agrees(kind Kind, d *Decision) bool {
	if kind == HostKind && s.service != nil && (d.Assumed || slices.Contains(s.also, d.Service)) {
		return true
	}
	return s.service == d.Service && s.purpose == d.purposeID()
}

// learn takes over what a decision says.
func (s *sighting) learn(kind Kind, d *Decision) {
	if kind == HostKind && s.service != nil && d.Service != nil && s.service != d.Service {
		s.also = append(slices.Clip(s.also), d.Service)
		return
	}
	s.service, s.also, s.purpose = d.Service, nil, d.purposeID()
}
