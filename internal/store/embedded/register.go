package embedded

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// The keys of bucketRegister.
var (
	registerKey      = []byte("transfers")
	registerAsideKey = []byte("aside") // one that could not be read
)

// Register returns the register of transfers as SaveRegister was given it, nil if it
// never was. Other gateways have their own: it is in no shared store.
func (s *Store) Register(ctx context.Context) ([]byte, error) {
	var saved []byte
	err := s.view(ctx, func(tx *bolt.Tx) error {
		saved = bytes.Clone(tx.Bucket(bucketRegister).Get(registerKey))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the register of transfers cannot be read: %w", err)
	}
	return saved, nil
}

// SaveRegister replaces it.
func (s *Store) SaveRegister(ctx context.Context, text []byte) error {
	err := s.update(ctx, func(tx *bolt.Tx) error { return tx.Bucket(bucketRegister).Put(registerKey, text) })
	if err != nil {
		return fmt.Errorf("the register of transfers cannot be saved: %w", err)
	}
	return nil
}

// SetRegisterAside keeps a register that cannot be read where nothing replaces it
// but the next one that cannot.
func (s *Store) SetRegisterAside(ctx context.Context) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		register := tx.Bucket(bucketRegister)
		if err := register.Put(registerAsideKey, bytes.Clone(register.Get(registerKey))); err != nil {
			return err
		}
		return register.Delete(registerKey)
	})
}
