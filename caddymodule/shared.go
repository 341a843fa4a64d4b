package caddymodule

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/mirror"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
)

// shared is what outlives a change of configuration: the open file, the keys, and
// what has been counted. Configurations that name the same directory share one.
type shared struct {
	directory string
	reader    *consent.Reader
	metrics   *metrics
	notices   notices
	named     mirrored
	recent    *recent
	sites     sites
	told      rate
	imports   rate
	border    border
	later     later
	backlogs  backlogs
	sweeps    atomic.Uint64 // responses that deleted
	samples   atomic.Uint64 // requests that sample was asked about

	opening sync.Mutex
	local   *embedded.Store // nil until it is open
	mirror  *mirror.Mirror  // opened with it
	stop    context.CancelFunc
	stopped sync.WaitGroup

	mu    sync.RWMutex
	inUse []store.Store // by configurations that run, the latest last
}

// check is how often the age of the keys and the health of the store are looked at.
const check = time.Minute

func newShared(directory string) (*shared, error) {
	sh := &shared{
		directory: directory, reader: consent.NewReader(), recent: newRecent(),
		sites: sites{all: make(map[string]*policy.Inventory)},
	}
	sh.metrics = newMetrics(sh)
	return sh, sh.found()
}

// open opens the file, once.
func (s *shared) open() (*embedded.Store, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.local != nil {
		return s.local, nil
	}
	local, err := embedded.Open(embedded.Options{Directory: s.directory, Now: now})
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	s.local = local
	s.recall()
	s.recallRegister()
	s.openMirror()
	return local, nil
}

// use puts a store in use: from now on its keys are watched, and its health is
// told.
func (s *shared) use(opened store.Store) error {
	if err := s.refresh(opened); err != nil {
		return err
	}
	s.mu.Lock()
	s.inUse = append(s.inUse, opened)
	s.mu.Unlock()
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		s.stop = stop
		s.stopped.Go(func() { s.keep(ctx) })
		s.stopped.Go(func() { s.remember(ctx) })
		s.stopped.Go(func() { s.border.whereabouts.Run(ctx) })
	}
	return nil
}

// current is the store in use, nil if there is none.
func (s *shared) current() store.Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.inUse) == 0 {
		return nil
	}
	return s.inUse[len(s.inUse)-1]
}

// leave takes a store out of use.
func (s *shared) leave(opened store.Store) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.inUse, opened); i >= 0 {
		s.inUse = slices.Delete(s.inUse, i, i+1)
	}
}

// health is that of the store in use, or of none.
func (s *shared) health() store.Health {
	if opened := s.current(); opened != nil {
		return opened.Health()
	}
	return store.Health{Trouble: store.Unreachable}
}

// keep makes a new key when the present one is old, and takes over those that
// other gateways make.
func (s *shared) keep(ctx context.Context) {
	tick := time.NewTicker(check)
	defer tick.Stop()
	var before store.Health
	for {
		changed := s.local.Changed()
		if opened := s.current(); opened != nil {
			s.later.retry(opened)
			if err := s.refresh(opened); err != nil {
				s.logger().Error("keys of the store cannot be read or written", zap.Error(err))
			}
			before = s.tell(before, opened.Health())
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-tick.C:
		}
	}
}

// tell logs what has changed in the health of the store.
func (s *shared) tell(before, after store.Health) store.Health {
	for _, warning := range after.Warnings {
		if !slices.Contains(before.Warnings, warning) {
			s.logger().Warn("the store warns", zap.String("warning", warning))
		}
	}
	switch {
	case after.Trouble == before.Trouble:
	case after.Trouble != "":
		s.logger().Error("the store is in trouble: receipts are kept here until it is over",
			zap.String("trouble", string(after.Trouble)), zap.Int("queued", after.Queued))
	default:
		s.logger().Info("the store is well again", zap.Int("queued", after.Queued))
	}
	return after
}

// refresh brings the keyring in line with the store and the clock.
func (s *shared) refresh(opened store.Store) error {
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	keys, err := opened.Keys(ctx)
	if err != nil {
		return err
	}
	ring := consent.NewKeyring(keys, now())
	if ring.Stale(now()) {
		key, err := consent.NewKey(now())
		if err != nil {
			return err
		}
		if err := opened.AddKey(ctx, key); err != nil {
			return err
		}
		keys = append(keys, key)
		ring = consent.NewKeyring(keys, now())
	}
	for _, key := range ring.Retired(keys) {
		if err := opened.DropKey(ctx, key.ID); err != nil {
			return err
		}
	}
	if !ring.Same(s.reader.Keyring()) {
		s.reader.Use(ring)
	}
	return nil
}

// Destruct closes the file when no configuration uses it any more.
func (s *shared) Destruct() error {
	s.border.abandon()
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.stop != nil {
		s.stop()
		s.stopped.Wait()
	}
	if s.local == nil {
		return nil
	}
	return s.local.Close()
}

// logger is that of the running configuration: the one that was there when the
// state was made may be closed by now.
func (*shared) logger() *zap.Logger { return caddy.Log().Named("privacy") }

// turn numbers the responses that delete, so that each goes on where another
// left off.
func (s *shared) turn() uint { return uint(s.sweeps.Add(1)) }

// sample picks one of 64 requests for what need not be done at each.
func (s *shared) sample() bool { return s.samples.Add(1)%64 == 0 }
