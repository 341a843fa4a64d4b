package policy

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Inventory counts what a site was seen to use and what was done about it, for
// its owner. It holds names only, folded so that no identifier in a name is
// kept, and a bounded number of them. Methods are safe for concurrent use.
type Inventory struct {
	mu       sync.RWMutex
	names    map[string]*Sighting
	services []*catalogue.Service // in the order in which they were first seen
}

// maxNames bounds the inventory, so that a hostile client that invents names
// can neither fill memory nor push out what was seen before.
const maxNames = 1000

// Sighting is what is known of one name.
type Sighting struct {
	Name    string
	Purpose string // empty: nobody has classified it
	Service *catalogue.Service

	Allowed atomic.Uint64
	Limited atomic.Uint64
	Dropped atomic.Uint64
}

// Note counts one decision about a cookie. It reports whether a name that
// nobody has classified is seen for the first time. A name seen before costs no
// allocation.
func (i *Inventory) Note(name string, d *Decision) (s *Sighting, fresh bool) {
	var buf [64]byte
	folded := fold(buf[:0], name)
	i.mu.RLock()
	s = i.names[string(folded)]
	i.mu.RUnlock()
	if s == nil {
		if s = i.add(string(folded), d); s == nil {
			return nil, false
		}
		fresh = d.Purpose == nil
	}
	switch d.Action {
	case Allow:
		s.Allowed.Add(1)
	case Session:
		s.Limited.Add(1)
	case Drop:
		s.Dropped.Add(1)
	}
	return s, fresh
}

func (i *Inventory) add(name string, d *Decision) *Sighting {
	i.mu.Lock()
	defer i.mu.Unlock()
	if s := i.names[name]; s != nil {
		return s
	}
	if len(i.names) >= maxNames {
		return nil
	}
	s := &Sighting{Name: name, Service: d.Service}
	if d.Purpose != nil {
		s.Purpose = d.Purpose.ID
	}
	if i.names == nil {
		i.names = make(map[string]*Sighting)
	}
	i.names[name] = s
	if d.Service != nil && !slices.Contains(i.services, d.Service) {
		// A new slice each time: readers keep the one they were given.
		i.services = append(slices.Clip(i.services), d.Service)
	}
	return s
}

// Sightings lists what was seen, by name.
func (i *Inventory) Sightings() []*Sighting {
	i.mu.RLock()
	defer i.mu.RUnlock()
	all := make([]*Sighting, 0, len(i.names))
	for _, s := range i.names {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *Sighting) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Services lists the known services that the site was seen to use. The slice is
// shared: it must not be changed.
func (i *Inventory) Services() []*catalogue.Service {
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
		end := start
		for end < len(name) && isWordByte(name[end]) {
			end++
		}
		part := name[start:end]
		if identifies(part) || len(dst)+len(part)+2 > cap(dst) {
			return append(dst, '*')
		}
		dst = append(dst, part...)
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

func identifies(part string) bool {
	digits, letters, run := 0, 0, 0
	for i := range len(part) {
		if part[i] >= '0' && part[i] <= '9' {
			digits++
			if run++; run >= 3 {
				return true
			}
			continue
		}
		run = 0
		letters++
	}
	return digits > 0 && letters > 0 && digits+letters >= 6 || letters > 24
}

func isWordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
