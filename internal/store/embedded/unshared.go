package embedded

import (
	"bytes"
	"context"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Messages that a shared store has taken over stay here until they have arrived,
// whoever sends them: one that comes back empty gets them again.

// Unshared returns at most n messages that the shared store does not have yet,
// oldest first.
func (s *Store) Unshared(ctx context.Context, n int) ([]store.Message, error) {
	var list []store.Message
	err := s.view(ctx, func(tx *bolt.Tx) error {
		messages := tx.Bucket(bucketMessages)
		c := tx.Bucket(bucketUnshared).Cursor()
		for place, _ := c.First(); place != nil && len(list) < n; place, _ = c.Next() {
			_, id := splitTimeKey(place)
			if p, ok := decodePending(messages.Get(id)); ok {
				list = append(list, p.Message)
			}
		}
		return nil
	})
	return list, err
}

// Shared notes that the shared store has messages.
func (s *Store) Shared(ctx context.Context, messages []store.Message) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		for _, m := range messages {
			if err := tx.Bucket(bucketUnshared).Delete(timeKey(m.Time, m.ID)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Copies returns at most n ids of messages that the shared store has taken over,
// those after an id, in their order.
func (s *Store) Copies(ctx context.Context, after string, n int) ([]string, error) {
	var ids []string
	err := s.view(ctx, func(tx *bolt.Tx) error {
		unshared := tx.Bucket(bucketUnshared)
		c := tx.Bucket(bucketMessages).Cursor()
		for id, record := c.Seek(append([]byte(after), 0)); id != nil && len(ids) < n; id, record = c.Next() {
			p, ok := decodePending(record)
			if place := timeKey(p.Time, p.ID); ok && !has(unshared, place) {
				ids = append(ids, p.ID)
			}
		}
		return nil
	})
	return ids, err
}

// has tells whether a key is there. Its value may be empty, so Get cannot tell.
func has(b *bolt.Bucket, key []byte) bool {
	found, _ := b.Cursor().Seek(key)
	return bytes.Equal(found, key)
}

// Reshare lists messages as not in the shared store: it has lost them.
func (s *Store) Reshare(ctx context.Context, ids []string) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		for _, id := range ids {
			p, ok := decodePending(tx.Bucket(bucketMessages).Get([]byte(id)))
			if !ok {
				continue
			}
			if err := tx.Bucket(bucketUnshared).Put(timeKey(p.Time, p.ID), nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// reshareFrom lists n messages from an id on, and returns the id to go on with.
func reshareFrom(tx *bolt.Tx, from []byte, n int) (next []byte, err error) {
	unshared := tx.Bucket(bucketUnshared)
	c := tx.Bucket(bucketMessages).Cursor()
	for id, record := c.Seek(from); id != nil; id, record = c.Next() {
		if n == 0 {
			return bytes.Clone(id), nil
		}
		n--
		p, ok := decodePending(record)
		if !ok {
			continue
		}
		if err := unshared.Put(timeKey(p.Time, p.ID), nil); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
