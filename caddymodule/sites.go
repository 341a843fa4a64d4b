package caddymodule

import (
	"context"
	"maps"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// sites are the inventories of the hosts that are governed.
type sites struct {
	mu  sync.RWMutex
	all map[string]*policy.Inventory
}

// maxSites bounds the inventories: where Caddy answers for any host name,
// clients can invent them.
const maxSites = 1000

// otherSites is where the inventory of hosts beyond the bound is kept, and of what
// is no host (RFC 1035 section 2.3.4).
const (
	otherSites = "other"
	maxHost    = 253
)

// of is the inventory of one host.
func (s *sites) of(host string) *policy.Inventory {
	s.mu.RLock()
	i := s.all[host]
	s.mu.RUnlock()
	if i != nil {
		return i
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= maxSites || len(host) > maxHost || host == "" {
		host = otherSites
	}
	if s.all[host] == nil {
		s.all[host] = new(policy.Inventory)
	}
	return s.all[host]
}

// snapshot is for those who take their time.
func (s *sites) snapshot() map[string]*policy.Inventory {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.all)
}

// load takes over what was saved, and names the hosts whose inventory cannot be
// read.
func (s *sites) load(saved map[string][]byte) (unreadable []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for host, text := range saved {
		i, err := policy.ReadInventory(text, catalogue.Default())
		if err != nil {
			unreadable = append(unreadable, host)
			continue
		}
		s.all[host] = i
	}
	return unreadable
}

// unsaved returns the inventories that are to be saved, in the form in which they
// are: those that learnt something, or, with counts, that counted anything. With
// counts, those that have become empty are forgotten. Requests do not wait for it.
func (s *sites) unsaved(counts bool, now time.Time) map[string][]byte {
	changed := make(map[string][]byte)
	for host, i := range s.snapshot() {
		switch {
		case counts && i.Forget(now):
			s.drop(host)
			changed[host] = nil
		case i.Unsaved(counts):
			changed[host] = i.Save()
		}
	}
	return changed
}

func (s *sites) drop(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, host)
}

// lost says that these could not be saved.
func (s *sites) lost(changed map[string][]byte) {
	all := s.snapshot()
	for host := range changed {
		if i := all[host]; i != nil {
			i.Lost()
		}
	}
}

// How often inventories are saved: what was learnt soon, because pages depend on
// it; what was only counted every twelfth time, once a minute.
const (
	saveLearnt   = 5 * time.Second
	countsBehind = 12
)

// recall takes over the inventories of the file. Whatever is wrong with them, the
// site is served, and is seen anew.
func (s *shared) recall() {
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	saved, err := s.local.Inventories(ctx)
	if err != nil {
		s.logger().Warn("what the sites were seen to use cannot be read: it is collected anew", zap.Error(err))
		return
	}
	for _, host := range s.sites.load(saved) {
		s.logger().Warn("what a site was seen to use cannot be read: it is set aside in the store and collected anew",
			zap.String("host", host), zap.Error(s.local.SetInventoryAside(ctx, host)))
	}
}

// remember saves the inventories, and the register of transfers, until the end, and
// then once more.
func (s *shared) remember(ctx context.Context) {
	tick := time.NewTicker(saveLearnt)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			s.saveAll(true)
			return
		case <-tick.C:
			s.saveAll(n%countsBehind == 0)
		}
	}
}

func (s *shared) saveAll(counts bool) {
	s.save(counts)
	s.saveRegister(counts)
}

// save saves the inventories that have changed.
func (s *shared) save(counts bool) {
	changed := s.sites.unsaved(counts, now())
	if len(changed) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	if err := s.local.SaveInventories(ctx, changed); err != nil {
		s.sites.lost(changed)
		s.logger().Warn("what the sites were seen to use is not saved", zap.Error(err))
	}
}
