package policy

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// Judge classifies every name of the inventory by a policy: an inventory outlives
// restarts and changes of the rules, and what was decided under others must not
// be believed. It does so once for each policy that is newer than the last. host
// is the site's.
func (i *Inventory) Judge(p *Policy, host string) {
	if i.judged.Load() >= p.serial {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.judged.Load() >= p.serial {
		return
	}
	site := weburl.Site(host)
	for kind, names := range i.names {
		for name, s := range names {
			s.purpose, s.service = p.classifyKept(Kind(kind), site, name, s.service)
			s.also = slices.DeleteFunc(slices.Clone(s.also), func(also *catalogue.Service) bool {
				return s.service == nil || s.service == also || !answersAt(also, name)
			})
			i.learnt.Store(true)
		}
	}
	i.services = i.used()
	i.judged.Store(p.serial)
}

// serials counts the policies made: where several are in use, the latest holds
// the latest rules.
var serials atomic.Uint64

// classifyKept tells what a name as it is kept is there for. Where too little of
// the name is left to tell, or of an address no path, it stays with the service
// that it was seen to belong to, unless a rule of the owner's says otherwise.
func (p *Policy) classifyKept(kind Kind, site, name string, before *catalogue.Service) (purpose string, service *catalogue.Service) {
	var c class
	var partial bool
	switch kind {
	case HostKind, LeadKind:
		c, _ = p.classifyHost(site, name, "/")
		partial = before != nil && answersAt(before, name)
	case StorageKind:
		c, partial = p.classifyEntry(name), strings.HasSuffix(name, "*")
	default:
		c, partial = p.classify(name), strings.HasSuffix(name, "*")
	}
	switch {
	case partial && before != nil && (!c.known || c.service != nil):
		return string(before.Purpose), before
	case c.known:
		return p.purposes[c.purpose].ID, c.service
	}
	return "", nil
}

// answersAt tells whether a service answers at a host, or at a part of it.
func answersAt(s *catalogue.Service, host string) bool {
	return slices.ContainsFunc(s.Hosts, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "/")
		return within(host, name)
	})
}

// memory is how long a name is remembered that is not met again.
const memory = 90 * 24 * time.Hour

// Forget drops the names, and the tags, that were not met for a season, so that
// visitors are not told of services that the site no longer uses. It tells whether the inventory
// is empty then.
func (i *Inventory) Forget(now time.Time) (empty bool) {
	oldest := now.Add(-memory).Unix()
	i.mu.Lock()
	defer i.mu.Unlock()
	if tagged := i.tagged.Load(); tagged < oldest {
		i.tagged.CompareAndSwap(tagged, 0)
	}
	empty, forgotten := !i.Tagged(), false
	for kind, names := range i.names {
		for name, s := range names {
			if s.last.Load() >= oldest {
				continue
			}
			i.changes[kind]++
			delete(names, name)
			forgotten = true
		}
		empty = empty && len(names) == 0
	}
	if forgotten {
		i.services = i.used()
		i.learnt.Store(true)
	}
	return empty
}
