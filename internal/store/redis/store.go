// Package redis shares keys, receipts, messages and what was used once between gateways
// through Redis or Valkey: a single server, Sentinel or a Cluster.
//
// The local store beside it comes first: what a visitor did is on this machine's
// disk before he is told, and a goroutine brings it to the server. So a server
// that is away, hung, full or read-only costs visitors nothing, and one that
// comes back empty is filled again.
package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
)

// Store is a store.Store shared by several gateways.
type Store struct {
	local   *embedded.Store
	client  goredis.UniversalClient
	options Options

	queued chan struct{} // a receipt or a message waits for delivery
	keyed  chan struct{} // a key was added or dropped here
	owed   owed
	stop   context.CancelFunc
	done   chan struct{} // closed when the courier has ended

	mu       sync.Mutex
	trouble  store.Trouble // of the last exchange
	met      bool          // there was an exchange that succeeded
	posted   chan struct{} // closed and replaced when messages become due at once
	warnings []string
}

var _ store.Store = (*Store)(nil)

// Open shares the local store, which stays the caller's and must be closed after
// this one. It waits at most a
// second for the server, so that the keys of other gateways are there when the
// first visitor is; a server that is away is no error. An error means that the
// options contradict each other.
func Open(local *embedded.Store, o Options) (*Store, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Store{
		local:   local,
		client:  o.client(),
		options: o,
		queued:  make(chan struct{}, 1),
		keyed:   make(chan struct{}, 1),
		posted:  make(chan struct{}),
		stop:    stop,
		done:    make(chan struct{}),
	}
	first := make(chan struct{})
	go s.courier(ctx, sync.OnceFunc(func() { close(first) }))
	patience := time.NewTimer(openTimeout)
	defer patience.Stop()
	select {
	case <-first:
	case <-patience.C:
	}
	return s, nil
}

// Close ends the courier and leaves the local store open. What is not delivered
// is delivered when the local store is shared again.
func (s *Store) Close() error {
	s.stop()
	err := s.client.Close()
	if errors.Is(err, goredis.ErrClosed) {
		err = nil
	}
	<-s.done
	return err
}

// Append returns once the receipt and its messages are durable on this machine.
func (s *Store) Append(ctx context.Context, r store.Receipt, messages ...store.Message) error {
	if err := s.local.Enqueue(ctx, r, messages...); err != nil {
		return err
	}
	nudge(s.queued)
	return nil
}

// Count returns how many receipts this gateway itself has written and still keeps.
func (s *Store) Count(ctx context.Context) (int, error) { return s.local.Count(ctx) }

// Keys returns the keys known on this machine: its own, and those of other
// gateways since the courier last met the server.
func (s *Store) Keys(ctx context.Context) ([]store.Key, error) { return s.local.Keys(ctx) }

// AddKey keeps a key on this machine and shares it in the background. Other
// gateways have it after Options.Share at the latest, while the server is there:
// to replace a key without a visitor noticing, sign with the new one after that.
func (s *Store) AddKey(ctx context.Context, k store.Key) error {
	if err := s.local.AddKey(ctx, k); err != nil {
		return err
	}
	nudge(s.keyed)
	return nil
}

// DropKey forgets a key on this machine, and everywhere in the background.
func (s *Store) DropKey(ctx context.Context, id string) error {
	if err := s.local.DropKey(ctx, id); err != nil {
		return err
	}
	nudge(s.keyed)
	return nil
}

// Changed returns a channel that is closed at the next change of Keys, such as
// the arrival of another gateway's.
func (s *Store) Changed() <-chan struct{} { return s.local.Changed() }

// Health says whether the last exchange with the server succeeded, and what
// waits for it. Trouble of the local store comes first: it is the graver.
func (s *Store) Health() store.Health {
	h := s.local.Health()
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Reachable = s.met && s.trouble == ""
	if h.Trouble == "" {
		h.Trouble = s.trouble
	}
	h.Warnings = append(h.Warnings, s.warnings...)
	return h
}

// note remembers how an exchange went.
func (s *Store) note(err error) {
	trouble := classify(err)
	if trouble == store.Topology {
		s.warn("redis: give several addresses (or the cluster option) for a cluster, and one address for a single server")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = trouble
	s.met = s.met || err == nil
}

// reachable says whether asking the server now is worth a visitor's time.
func (s *Store) reachable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.met && s.trouble == ""
}

// warn adds a warning, once.
func (s *Store) warn(sentence string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.warnings, sentence) {
		s.warnings = append(s.warnings, sentence)
	}
}

// nudge wakes whoever waits on the channel, now or as soon as he waits again.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pause returns how long to wait after so many failures in a row. It varies by
// a fifth, so that gateways do not all return to a server in the same moment.
func (o Options) pause(failures int) time.Duration {
	pause := o.Retry << min(failures-1, 10)
	pause = min(pause, maxPause*o.Retry)
	return pause*9/10 + rand.N(pause/5+1)
}
