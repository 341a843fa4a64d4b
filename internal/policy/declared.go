package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// Declared is a rule of the owner's for something that the site stores itself, and
// for how long it does at most; 0: until the browser is closed.
type Declared struct {
	Rule
	Storage  bool // it is no cookie
	Lifetime time.Duration
}

// Declared lists the owner's rules for what the site was seen to store, in their
// order. Visitors are shown his words and not the names that were seen: anybody
// can send some that begin like a rule.
func (p *Policy) Declared(i *Inventory) []Declared {
	var list []Declared
	for _, kind := range []Kind{CookieKind, StorageKind} {
		lifetimes := make(map[int]time.Duration) // by rule
		for _, s := range i.Sightings(kind) {
			if rule := p.ruleFor(s.Name); rule >= 0 && s.Reliable {
				lifetimes[rule] = max(lifetimes[rule], s.Lifetime())
			}
		}
		for rule, written := range p.written {
			if lifetime, ok := lifetimes[rule]; ok {
				list = append(list, Declared{written, kind == StorageKind, lifetime})
			}
		}
	}
	return list
}

// ruleFor is the place of the owner's rule for a name, the longest that matches; -1
// without one.
func (p *Policy) ruleFor(name string) int {
	best := -1
	for n, r := range p.written {
		prefix, star := strings.CutSuffix(r.Name, "*")
		if r.Name == name && !star {
			return n
		}
		if star && strings.HasPrefix(name, prefix) && (best < 0 || len(r.Name) > len(p.written[best].Name)) {
			best = n
		}
	}
	return best
}

// Undescribed lists the cookies that the site itself sets and nobody has classified.
func (i *Inventory) Undescribed() []Sighting {
	return slices.DeleteFunc(i.Sightings(CookieKind), func(s Sighting) bool { return s.Purpose != "" || !s.Set })
}

// Lifetime is how long the thing was let live at most, 0 until the browser is
// closed. Of what scripts write it is not known, but that nothing outlives the term.
func (s *Sighting) Lifetime() time.Duration {
	if s.Set {
		return s.Given
	}
	return cookie.Term
}
