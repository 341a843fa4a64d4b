package embedded

import (
	"bytes"
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Pending shows every message that is kept. It visits all pages of them: it is for
// reports, not for requests.
func (s *Store) Pending(ctx context.Context, show func(store.Pending)) error {
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(bucketMessages).ForEach(func(_, record []byte) error {
			if p, ok := decodePending(record); ok {
				p.Body = nil
				show(p)
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("messages cannot be read: %w", err)
	}
	return nil
}

// Suspend notes that an endpoint wants no more messages at an address.
func (s *Store) Suspend(ctx context.Context, endpoint, address string) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(bucketSuspended).Put([]byte(endpoint), []byte(address))
	})
	if err != nil {
		return fmt.Errorf("an endpoint cannot be suspended: %w", err)
	}
	return nil
}

// Suspended returns the address that Suspend was given last.
func (s *Store) Suspended(ctx context.Context, endpoint string) (address string, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		address = string(tx.Bucket(bucketSuspended).Get([]byte(endpoint)))
		return nil
	})
	return address, err
}

// Resume makes the messages of an endpoint due.
func (s *Store) Resume(ctx context.Context, endpoint string) (resumed int, err error) {
	now := s.now()
	ids, err := s.resumable(ctx, endpoint, now)
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(bucketSuspended).Delete([]byte(endpoint))
	})
	// In portions, so that visitors' receipts get their turn in between.
	for len(ids) > 0 && err == nil {
		some := ids[:min(portion, len(ids))]
		ids = ids[len(some):]
		err = s.update(ctx, func(tx *bolt.Tx) error { return resume(tx, some, now) })
		resumed += len(some)
	}
	if err != nil {
		return resumed, fmt.Errorf("messages cannot be resumed: %w", err)
	}
	s.tellPosted(resumed)
	return resumed, nil
}

// resumable lists the messages of an endpoint that nobody holds.
func (s *Store) resumable(ctx context.Context, endpoint string, now time.Time) (ids [][]byte, err error) {
	s.loans.mu.Lock()
	defer s.loans.mu.Unlock()
	err = s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(bucketMessages).ForEach(func(id, record []byte) error {
			if p, ok := decodePending(record); ok && p.Endpoint == endpoint && !s.loans.held(p.ID, now) {
				ids = append(ids, bytes.Clone(id))
			}
			return nil
		})
	})
	return ids, err
}

func resume(tx *bolt.Tx, ids [][]byte, now time.Time) error {
	for _, id := range ids {
		p, ok := decodePending(tx.Bucket(bucketMessages).Get(id))
		if !ok {
			continue
		}
		if err := proceed(tx, id, store.Progress{First: p.First, Next: now, Trouble: p.Trouble}); err != nil {
			return err
		}
	}
	return nil
}

// Posted returns a channel that is closed when messages become due at once.
func (s *Store) Posted() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posted
}

// tellPosted tells of so many messages.
func (s *Store) tellPosted(n int) {
	if n == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.posted)
	s.posted = make(chan struct{})
}
