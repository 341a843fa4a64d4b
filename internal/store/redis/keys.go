package redis

import (
	"context"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// shareKeys makes the keys here and on the server the same: their union, less
// those dropped anywhere. Every step can be repeated, and made by several
// gateways at once.
func (s *Store) shareKeys(ctx context.Context) error {
	shared, err := s.sharedKeys(ctx)
	if err != nil {
		return err
	}
	own, err := s.ownKeys(ctx)
	if err != nil {
		return err
	}
	if err := s.learn(ctx, own, shared); err != nil {
		return err
	}
	return s.teach(ctx, own, shared)
}

// keyring is what one side knows.
type keyring struct {
	keys    map[string]store.Key
	dropped map[string]bool
}

func newKeyring(keys []store.Key, dropped []string) keyring {
	r := keyring{make(map[string]store.Key), make(map[string]bool)}
	for _, k := range keys {
		r.keys[k.ID] = k
	}
	for _, id := range dropped {
		r.dropped[id] = true
	}
	return r
}

func (s *Store) ownKeys(ctx context.Context) (keyring, error) {
	keys, err := s.local.Keys(ctx)
	if err != nil {
		return keyring{}, err
	}
	dropped, err := s.local.Dropped(ctx)
	return newKeyring(keys, dropped), err
}

func (s *Store) sharedKeys(ctx context.Context) (keyring, error) {
	pipe := s.client.Pipeline()
	records := pipe.HGetAll(ctx, s.keysKey())
	dropped := pipe.SMembers(ctx, s.droppedKey())
	if _, err := pipe.Exec(ctx); err != nil {
		return keyring{}, err
	}
	var keys []store.Key
	for id, record := range records.Val() {
		var k store.Key
		if k.UnmarshalBinary([]byte(record)) != nil || k.ID != id {
			s.warn("redis: a shared key is not one of this version: run the same version on all gateways")
			continue
		}
		keys = append(keys, k)
	}
	return newKeyring(keys, dropped.Val()), nil
}

// learn takes over what only the server knows.
func (s *Store) learn(ctx context.Context, own, shared keyring) error {
	for id := range shared.dropped {
		if own.dropped[id] {
			continue
		}
		if err := s.local.DropKey(ctx, id); err != nil {
			return err
		}
	}
	for id, k := range shared.keys {
		if _, known := own.keys[id]; known || own.dropped[id] || shared.dropped[id] {
			continue
		}
		if err := s.local.AddKey(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// teach tells the server what only this gateway knows.
func (s *Store) teach(ctx context.Context, own, shared keyring) error {
	pipe := s.client.Pipeline()
	for id := range own.dropped {
		if !shared.dropped[id] {
			pipe.SAdd(ctx, s.droppedKey(), id)
		}
	}
	for id := range shared.keys {
		if own.dropped[id] || shared.dropped[id] {
			pipe.HDel(ctx, s.keysKey(), id)
		}
	}
	for id, k := range own.keys {
		if _, known := shared.keys[id]; known || shared.dropped[id] {
			continue
		}
		record, err := k.MarshalBinary()
		if err != nil {
			return err
		}
		pipe.HSetNX(ctx, s.keysKey(), id, record)
	}
	if pipe.Len() == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return err
}
