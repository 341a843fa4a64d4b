package policy

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Inventory counts what a site was seen to use and what was done about it, for
// its owner. It holds names only, folded so that no identifier in a name is
// kept, and a bounded number of them. Methods are safe for concurrent use.
type Inventory struct {
	mu       sync.RWMutex
	names    [kinds]map[string]*sighting
	services []*catalogue.Service // by name; replaced, never changed
	reliable [kinds]int           // how many of the names are
	tagged   atomic.Bool
}

// Tag notes that pages of the site wait for another consent tool, Tagged tells so.
func (i *Inventory) Tag()         { i.tagged.Store(true) }
func (i *Inventory) Tagged() bool { return i.tagged.Load() }

// Kind is what an inventory counts.
type Kind uint8

// The kinds.
const (
	CookieKind Kind = iota
	HostKind
	kinds
)

// maxNames bounds the inventory of a kind. Clients can invent names; they get half
// of it, so that they can neither fill memory nor hide what the site itself sets.
const maxNames = 1000

// Sight is one thing that was met and decided about.
type Sight struct {
	Kind     Kind
	Name     string
	Decision *Decision
	// Reliable says that the site itself set it or names it in a page, or that a
	// visitor who agreed to it sent it back: only then does its service count as one
	// that the site uses.
	Reliable bool
	// Now is when, in unix seconds.
	Now int64
	// Asked and Given are how long a cookie was to live and was let live, in
	// seconds; 0: until the browser is closed, or not known.
	Asked, Given int64
}

// Sighting is what is known of one name.
type Sighting struct {
	Name        string
	Purpose     string // empty: nobody has classified it
	Service     *catalogue.Service
	Reliable    bool // the site itself set it or names it
	First, Last time.Time
	// Asked and Given are the longest that a cookie was to live and was let live;
	// 0: until the browser is closed.
	Asked, Given time.Duration

	Allowed, Limited, Dropped uint64
}

// sighting is a Sighting that is being counted.
type sighting struct {
	service  *catalogue.Service
	purpose  string
	reliable bool
	first    int64

	last, asked, given atomic.Int64
	counts             [3]atomic.Uint64 // by action
}

// Note counts one thing. It returns the name as it is kept, and whether it is seen
// for the first time and nobody has classified it. A name seen before costs no
// allocation.
func (i *Inventory) Note(sight *Sight) (kept string, fresh bool) {
	var buf [64]byte
	folded := buf[:0]
	if sight.Kind == HostKind && len(sight.Name) <= cap(folded) {
		folded = append(folded, sight.Name...)
	} else {
		folded = fold(folded, sight.Name)
	}
	d := sight.Decision
	i.mu.RLock()
	s := i.names[sight.Kind][string(folded)]
	known := s != nil && s.service == d.Service && s.purpose == d.purposeID() && (s.reliable || !sight.Reliable)
	i.mu.RUnlock()
	if !known {
		kept = string(folded)
		if s, fresh = i.classify(kept, sight); s == nil {
			return kept, false
		}
	}
	s.counts[d.Action].Add(1)
	raise(&s.last, sight.Now)
	raise(&s.asked, sight.Asked)
	raise(&s.given, sight.Given)
	return kept, fresh && (d.Purpose == nil || d.Reason == Unrecognised)
}

// raise sets a value that only grows. Of two at once the smaller may win, until
// the next.
func raise(value *atomic.Int64, to int64) {
	if to > value.Load() {
		value.Store(to)
	}
}

// classify makes room for a name, or notes that it is classified otherwise by now.
func (i *Inventory) classify(name string, sight *Sight) (s *sighting, added bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	names := i.names[sight.Kind]
	if s = names[name]; s == nil {
		if len(names) >= maxNames || !sight.Reliable && len(names) >= maxNames/2 {
			return nil, false
		}
		if names == nil {
			names = make(map[string]*sighting)
			i.names[sight.Kind] = names
		}
		s, added = &sighting{first: sight.Now}, true
		names[name] = s
	}
	if sight.Reliable && !s.reliable {
		i.reliable[sight.Kind]++
	}
	d := sight.Decision
	s.service, s.purpose, s.reliable = d.Service, d.purposeID(), s.reliable || sight.Reliable
	i.services = i.used()
	return s, added
}

// used lists the services of the names that were reliably seen.
func (i *Inventory) used() []*catalogue.Service {
	var services []*catalogue.Service
	for _, names := range i.names {
		for _, s := range names {
			if s.reliable && s.service != nil && !slices.Contains(services, s.service) {
				services = append(services, s.service)
			}
		}
	}
	slices.SortFunc(services, func(a, b *catalogue.Service) int { return strings.Compare(a.Name, b.Name) })
	if slices.Equal(services, i.services) {
		return i.services
	}
	return services
}

// Sightings lists what was seen of a kind, by name.
func (i *Inventory) Sightings(kind Kind) []Sighting {
	i.mu.RLock()
	defer i.mu.RUnlock()
	all := make([]Sighting, 0, len(i.names[kind]))
	for name, s := range i.names[kind] {
		all = append(all, Sighting{
			Name: name, Purpose: s.purpose, Service: s.service, Reliable: s.reliable,
			First: time.Unix(s.first, 0), Last: time.Unix(s.last.Load(), 0),
			Asked: time.Duration(s.asked.Load()) * time.Second, Given: time.Duration(s.given.Load()) * time.Second,
			Allowed: s.counts[Allow].Load(), Limited: s.counts[Session].Load(), Dropped: s.counts[Drop].Load(),
		})
	}
	slices.SortFunc(all, func(a, b Sighting) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Reliable is how many names of a kind were reliably seen. It never falls.
func (i *Inventory) Reliable(kind Kind) int {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.reliable[kind]
}

// Services lists the known services that the site was seen to use. The slice is
// shared: it must not be changed.
func (i *Inventory) Services() []*catalogue.Service {
	if i == nil {
		return nil
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.services
}

// fold copies a name to dst up to the first part that looks like an identifier
// (three digits in a row, or six letters and digits mixed), which becomes a star:
// names such as `cart_5f2a9c` or `user-10032` would otherwise be personal data.
func fold(dst []byte, name string) []byte {
	start := 0
	for start <= len(name) && len(dst) < cap(dst)-1 {
		end, identifies := part(name, start)
		if identifies || len(dst)+end-start+2 > cap(dst) {
			return append(dst, '*')
		}
		dst = append(dst, name[start:end]...)
		if end == len(name) {
			return dst
		}
		if name[end] < 0x21 || name[end] > 0x7e {
			return append(dst, '*')
		}
		dst = append(dst, name[end])
		start = end + 1
	}
	return dst
}

// part finds the end of the letters and digits that begin at start, and whether
// they look like an identifier.
func part(name string, start int) (end int, identifies bool) {
	digits, run := 0, 0
	for end = start; end < len(name) && isWordByte(name[end]); end++ {
		if name[end] > '9' {
			run = 0
			continue
		}
		digits++
		run++
		identifies = identifies || run == 3
	}
	letters := end - start - digits
	return end, identifies || digits > 0 && letters > 0 && digits+letters >= 6 || letters > 24
}

func isWordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
