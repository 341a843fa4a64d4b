package embedded

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Inventories returns what was seen of each site, by host, as SaveInventories was
// given it. Other gateways have their own: it is in no shared store.
func (s *Store) Inventories(ctx context.Context) (map[string][]byte, error) {
	saved := make(map[string][]byte)
	err := s.view(ctx, func(tx *bolt.Tx) error {
		return tx.Bucket(bucketInventory).ForEach(func(host, text []byte) error {
			saved[string(host)] = bytes.Clone(text)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("inventories cannot be read: %w", err)
	}
	return saved, nil
}

// SaveInventories replaces those of some hosts, all or none of them. An empty text
// forgets that of its host, which must not be empty.
func (s *Store) SaveInventories(ctx context.Context, changed map[string][]byte) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		inventories := tx.Bucket(bucketInventory)
		for host, text := range changed {
			if err := replace(inventories, host, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("inventories cannot be saved: %w", err)
	}
	return nil
}

func replace(inventories *bolt.Bucket, host string, text []byte) error {
	if len(text) == 0 {
		return inventories.Delete([]byte(host))
	}
	return inventories.Put([]byte(host), text)
}

// SetInventoryAside keeps the inventory of a host, which cannot be read, where
// nothing replaces it but the next one that cannot.
func (s *Store) SetInventoryAside(ctx context.Context, host string) error {
	key := []byte(host)
	return s.update(ctx, func(tx *bolt.Tx) error {
		inventories := tx.Bucket(bucketInventory)
		if err := tx.Bucket(bucketAside).Put(key, bytes.Clone(inventories.Get(key))); err != nil {
			return err
		}
		return inventories.Delete(key)
	})
}
