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
	names    [kinds]map[string]*sighting
	services []*catalogue.Service // by name; replaced, never changed
	changes  [kinds]int           // of which names there are, and which are reliable
	tagged   atomic.Int64         // when, in unix seconds; 0: never
	judged   atomic.Uint64        // the serial of the policy by which all names were classified last

	learnt, counted atomic.Bool // since it was saved
}

// Tag notes that pages of the site wait for another consent tool, Tagged tells so.
// Now is in unix seconds.
func (i *Inventory) Tag(now int64) {
	const day = 24 * 60 * 60
	if before := i.tagged.Load(); before == 0 || now-before >= day {
		i.tagged.Store(now)
		i.learnt.Store(true)
	}
}

func (i *Inventory) Tagged() bool { return i.tagged.Load() != 0 }

// Kind is what an inventory counts.
type Kind uint8

// The kinds.
const (
	CookieKind  Kind = iota
	HostKind         // beside the site itself
	StorageKind      // entries of localStorage and sessionStorage, and databases
	LeadKind         // hosts that the site leads visitors to, where data may not go
	FormKind         // paths of the site that its forms send to and that nothing protects
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
	// Set says that the site sets a cookie now. Asked and Given are then how long it
	// was to live and was let live, in seconds; 0: until the browser is closed.
	Set          bool
	Asked, Given int64
}

// fromSite tells whether no client can have invented it, not even one that agreed
// to everything.
func (s *Sight) fromSite() bool { return s.Set || s.Kind == HostKind && s.Reliable }

// Note counts one thing. It returns the name as it is kept, and whether it is seen
// for the first time and nobody has classified it. A name seen before costs no
// allocation.
func (i *Inventory) Note(sight *Sight) (kept string, fresh bool) {
	var buf [maxName]byte
	d := sight.Decision
	i.mu.RLock()
	s := i.names[sight.Kind][sight.Name] // most are kept as they are
	if s == nil {
		s = i.names[sight.Kind][string(keep(buf[:0], sight.Kind, sight.Name))]
	}
	known := s != nil && s.says(sight)
	i.mu.RUnlock()
	if !known {
		kept = string(keep(buf[:0], sight.Kind, sight.Name))
		if s, fresh = i.classify(kept, sight); s == nil {
			return kept, false
		}
	}
	s.counts[d.Action].Add(1)
	raise(&s.last, sight.Now)
	if sight.Set {
		raise(&s.asked, sight.Asked)
		raise(&s.given, sight.Given)
	}
	if !i.counted.Load() { // most often it is set, and to read it costs no other core its cache
		i.counted.Store(true)
	}
	return kept, fresh && d.purposeID() == ""
}

// classify makes room for a name, or notes that it is classified otherwise by now.
func (i *Inventory) classify(name string, sight *Sight) (s *sighting, added bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	names := i.names[sight.Kind]
	if s = names[name]; s == nil {
		if len(names) >= maxNames || !sight.fromSite() && len(names) >= maxNames/2 {
			return nil, false
		}
		if names == nil {
			names = make(map[string]*sighting)
			i.names[sight.Kind] = names
		}
		s, added = &sighting{first: sight.Now}, true
		s.asked.Store(notSet)
		names[name] = s
		i.changes[sight.Kind]++
	}
	d := sight.Decision
	ofService := s.service != nil || d.Service != nil
	if sight.Reliable && !s.reliable {
		i.changes[sight.Kind]++
		s.service, s.also, s.purpose, s.reliable = d.Service, nil, d.purposeID(), true
	}
	if !s.says(sight) {
		s.learn(sight.Kind, d)
	}
	if ofService {
		i.services = i.used()
	}
	i.learnt.Store(true)
	return s, added
}

// used lists the services of the names that were reliably seen.
func (i *Inventory) used() []*catalogue.Service {
	var services []*catalogue.Service
	add := func(service *catalogue.Service) {
		if service != nil && !slices.Contains(services, service) {
			services = append(services, service)
		}
	}
	for _, names := range i.names {
		for _, s := range names {
			if !s.reliable {
				continue
			}
			add(s.service)
			for _, service := range s.also {
				add(service)
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
		all = append(all, s.told(name))
	}
	slices.SortFunc(all, func(a, b Sighting) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Changes grows whenever the names of a kind become others, or are reliably seen.
func (i *Inventory) Changes(kind Kind) int {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.changes[kind]
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
