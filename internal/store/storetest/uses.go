package storetest

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Uses is a store.Spent that forgets nothing, for the tests of those who use one.
type Uses struct {
	mu   sync.Mutex
	uses map[string]time.Duration
	Err  error // is returned, if any, and nothing is spent
}

// Spend is that of store.Spent.
func (s *Uses) Spend(_ context.Context, kind, id string, life time.Duration) (first bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Err != nil {
		return false, s.Err
	}
	name := kind + ":" + id
	if _, spent := s.uses[name]; spent {
		return false, nil
	}
	if s.uses == nil {
		s.uses = make(map[string]time.Duration)
	}
	s.uses[name] = life
	return true, nil
}

// Lives returns what was spent, and for how long it is remembered.
func (s *Uses) Lives() map[string]time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.uses)
}
