package redis

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Pending shows the messages that the server has. With the server away, it shows those
// posted here.
func (s *Store) Pending(ctx context.Context, show func(store.Pending)) error {
	if !s.reachable() {
		return s.local.Pending(ctx, show)
	}
	endpoints, err := s.client.SMembers(ctx, s.endpointsKey()).Result()
	if err != nil {
		return err
	}
	for _, endpoint := range endpoints {
		for _, key := range []string{s.dueKey(endpoint), s.lentKey(endpoint), s.deadKey(endpoint)} {
			if err := s.each(ctx, key, show); err != nil {
				return err
			}
		}
	}
	return nil
}

// each reads the messages of a sorted set, and takes those off that have expired.
func (s *Store) each(ctx context.Context, key string, show func(store.Pending)) error {
	for start := int64(0); ; start += letters {
		ids, err := s.client.ZRange(ctx, key, start, start+letters-1).Result()
		if err != nil || len(ids) == 0 {
			return err
		}
		list, gone, err := s.read(ctx, ids)
		if err != nil {
			return err
		}
		for _, p := range list {
			p.Body = nil
			show(p)
		}
		if len(gone) == 0 {
			continue
		}
		start -= int64(len(gone))
		if err := s.client.ZRem(ctx, key, gone...).Err(); err != nil {
			return err
		}
	}
}

// Suspend notes that an endpoint wants no more messages at an address.
func (s *Store) Suspend(ctx context.Context, endpoint, address string) error {
	return s.client.HSet(ctx, s.suspendedKey(), endpoint, address).Err()
}

// Suspended returns the address that Suspend was given last.
func (s *Store) Suspended(ctx context.Context, endpoint string) (string, error) {
	address, err := s.client.HGet(ctx, s.suspendedKey(), endpoint).Result()
	if errors.Is(err, goredis.Nil) {
		err = nil
	}
	return address, err
}

// Resume makes the messages of an endpoint due.
func (s *Store) Resume(ctx context.Context, endpoint string) (resumed int, err error) {
	if err := s.client.HDel(ctx, s.suspendedKey(), endpoint).Err(); err != nil {
		return 0, err
	}
	var all []store.Pending
	for _, key := range []string{s.deadKey(endpoint), s.dueKey(endpoint)} {
		if err := s.each(ctx, key, func(p store.Pending) { all = append(all, p) }); err != nil {
			return 0, err
		}
	}
	for len(all) > 0 {
		some := all[:min(letters, len(all))]
		all = all[len(some):]
		n, err := s.resume(ctx, some)
		resumed += n
		if err != nil {
			return resumed, err
		}
	}
	s.tellPosted()
	return resumed, nil
}

// resume returns how many were still there and not lent.
func (s *Store) resume(ctx context.Context, list []store.Pending) (resumed int, err error) {
	now := s.options.Now()
	pipe := s.client.Pipeline()
	replies := make([]*goredis.Cmd, len(list))
	for i, p := range list {
		progress, err := store.Progress{First: p.First, Next: now, Trouble: p.Trouble}.MarshalBinary()
		if err != nil {
			return 0, err
		}
		replies[i] = pipe.Eval(ctx, resume, s.keysOf(p.ID, p.Endpoint), p.ID, progress, now.UnixMilli())
	}
	_, err = pipe.Exec(ctx)
	for _, reply := range replies {
		if n, ok := reply.Val().(int64); ok && n > 0 {
			resumed++
		}
	}
	return resumed, err
}
