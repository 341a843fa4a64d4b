package embedded

import (
	"context"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Keys returns every key still kept, newest first.
func (s *Store) Keys(ctx context.Context) ([]store.Key, error) {
	var keys []store.Key
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(bucketKeys).ForEach(func(_, record []byte) error {
			var k store.Key
			if k.UnmarshalBinary(record) == nil {
				keys = append(keys, k)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("keys cannot be read: %w", err)
	}
	slices.SortFunc(keys, func(a, b store.Key) int { return b.Created.Compare(a.Created) })
	return keys, nil
}

// AddKey keeps a key durably, unless it is known or was dropped.
func (s *Store) AddKey(ctx context.Context, k store.Key) error {
	record, err := k.MarshalBinary()
	if err != nil {
		return err
	}
	id := []byte(k.ID)
	added := false
	err = s.update(ctx, func(tx *bolt.Tx) error {
		keys := tx.Bucket(bucketKeys)
		if keys.Get(id) != nil || tx.Bucket(bucketDropped).Get(id) != nil {
			return nil
		}
		added = true
		return keys.Put(id, record)
	})
	if err != nil {
		return fmt.Errorf("the key cannot be kept: %w", err)
	}
	if added {
		s.announce()
	}
	return nil
}

// DropKey erases a key and remembers its id, so that no other gateway that still
// has it can bring it back.
func (s *Store) DropKey(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	removed := false
	err := s.update(ctx, func(tx *bolt.Tx) error {
		keys := tx.Bucket(bucketKeys)
		removed = keys.Get([]byte(id)) != nil
		if err := keys.Delete([]byte(id)); err != nil {
			return err
		}
		return tx.Bucket(bucketDropped).Put([]byte(id), nil)
	})
	if err != nil {
		return fmt.Errorf("the key cannot be dropped: %w", err)
	}
	if removed {
		s.announce()
	}
	return nil
}

// Dropped returns the ids of all keys that were ever dropped.
func (s *Store) Dropped(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(bucketDropped).ForEach(func(id, _ []byte) error {
			ids = append(ids, string(id))
			return nil
		})
	})
	return ids, err
}

// Changed returns a channel that is closed at the next change of Keys.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}
