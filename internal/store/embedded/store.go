// Package embedded keeps what must last in one file (bbolt) beside the gateway:
// no server, no set-up. It is also the write-ahead of package redis.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Options say where the file is and what time it is.
type Options struct {
	Directory string           // made with mode 0700 when missing; never on a network share
	Now       func() time.Time // the clock
	Sweep     time.Duration    // how often what has expired is deleted; 0 means every ten minutes
}

const (
	defaultSweep = 10 * time.Minute

	// How long an append waits for company. One fsync then serves them all, and
	// nobody notices two milliseconds.
	batchDelay = 2 * time.Millisecond
)

// Store is a store.Store in one file. Only one process can have it open.
type Store struct {
	db  *bolt.DB
	now func() time.Time

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced when the keys change
	posted   chan struct{} // closed and replaced when messages become due at once
	trouble  store.Trouble
	warnings []string

	loans loans
	used  *used

	closing chan struct{}
	ended   sync.WaitGroup // the goroutines
	once    sync.Once
}

var _ store.Store = (*Store)(nil)

// Open opens the store, or makes it. A file that is damaged or not ours is set
// aside under another name, never deleted, and a new one takes its place, since
// the site must be served whatever broke: Health().Warnings says so. An error
// means that nothing can be kept: the directory cannot be written, another
// process has the file, or a newer version of this program wrote it.
func Open(o Options) (*Store, error) {
	if err := os.MkdirAll(o.Directory, 0o700); err != nil {
		return nil, fmt.Errorf("%w: let the user who runs Caddy write there, or choose another directory", err)
	}
	db, warning, err := openFile(o.Directory, o.Now())
	if err != nil {
		return nil, err
	}
	db.MaxBatchDelay = batchDelay

	s := &Store{
		db:      db,
		now:     o.Now,
		changed: make(chan struct{}),
		posted:  make(chan struct{}),
		used:    newUsed(),
		closing: make(chan struct{}),
	}
	if warning != "" {
		s.warn(warning)
	}
	every := o.Sweep
	if every <= 0 {
		every = defaultSweep
	}
	if err := s.recallUsed(); err != nil {
		s.warn("what was used once cannot be read and may be used again: check the disk that holds " + s.db.Path())
	}
	s.ended.Go(func() { s.sweepEvery(every) })
	s.ended.Go(s.saveUsed)
	return s, nil
}

// Close ends what runs in the background and releases the file.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		s.used.close()
		close(s.closing)
		s.ended.Wait()
		err = s.db.Close()
	})
	return err
}

// Health says whether the last write succeeded, and what waits in the outbox.
func (s *Store) Health() store.Health {
	queued, oldest := s.backlog()
	s.mu.Lock()
	defer s.mu.Unlock()
	return store.Health{
		Reachable: s.trouble == "",
		Queued:    queued,
		Oldest:    oldest,
		Trouble:   s.trouble,
		Warnings:  slices.Clone(s.warnings),
	}
}

func (s *Store) view(ctx context.Context, read func(*bolt.Tx) error) error {
	return s.attempt(ctx, func() error { return s.db.View(read) })
}

func (s *Store) update(ctx context.Context, write func(*bolt.Tx) error) error {
	return s.attempt(ctx, func() error { return s.db.Update(write) })
}

// batch is update in company: write may run twice, and shares its fsync.
func (s *Store) batch(ctx context.Context, write func(*bolt.Tx) error) error {
	return s.attempt(ctx, func() error { return s.db.Batch(write) })
}

// attempt runs a transaction and remembers how it went. bbolt panics on pages
// that make no sense; a broken disk must cost the receipt, not the site.
func (s *Store) attempt(ctx context.Context, transaction func() error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if recover() != nil {
			err = errDamaged
		}
		s.note(err)
	}()
	err = transaction()
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	return err
}

func (s *Store) note(err error) {
	if errors.Is(err, store.ErrClosed) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = classify(err)
}

// warn adds a warning, once.
func (s *Store) warn(sentence string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.warnings, sentence) {
		s.warnings = append(s.warnings, sentence)
	}
}
