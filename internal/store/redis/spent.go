package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Spend says whether this is the first time on all gateways. What was spent here
// before needs no question to the server. With the server away, it is the first time
// here that counts, and the server is told when it is back.
func (s *Store) Spend(ctx context.Context, kind, id string, life time.Duration) (first bool, err error) {
	if first, err = s.local.Spend(ctx, kind, id, life); err != nil || !first {
		return first, err
	}
	key, end := s.spentKey(kind, id), s.options.Now().Add(life)
	if !s.reachable() {
		s.owed.add(key, end)
		return true, nil
	}
	bounded, cancel := context.WithTimeout(ctx, spendTimeout)
	defer cancel()
	first, err = firstOf(s.client.SetArgs(bounded, key, "", once(life)))
	if err == nil {
		return first, nil
	}
	s.owed.add(key, end)
	if ctx.Err() != nil {
		return false, ctx.Err() // whoever asked has gone
	}
	// The next visitors need not wait too: the courier says when it is back.
	s.note(err)
	nudge(s.keyed)
	return true, nil
}

// once asks for a key to be made that is not there, and for how long.
func once(life time.Duration) goredis.SetArgs {
	return goredis.SetArgs{Mode: "NX", TTL: max(life, time.Millisecond)}
}

// firstOf reads the answer: nil where the key was there already. When the server turned
// down the connection of a pipeline, a reply has neither a value nor an error.
func firstOf(reply *goredis.StatusCmd) (bool, error) {
	switch err := reply.Err(); {
	case errors.Is(err, goredis.Nil):
		return false, nil
	case err != nil:
		return false, err
	case reply.Val() != "OK":
		return false, errNoReply
	}
	return true, nil
}

var errNoReply = errors.New("no reply")

// payOwed tells the server what was spent while it was away.
func (s *Store) payOwed(ctx context.Context) error {
	for ctx.Err() == nil {
		now := s.options.Now()
		debts := s.owed.some(now)
		if len(debts) == 0 {
			return nil
		}
		pipe := s.client.Pipeline()
		replies := make(map[string]*goredis.StatusCmd)
		for key, end := range debts {
			replies[key] = pipe.SetArgs(ctx, key, "", once(end.Sub(now)))
		}
		_, failure := pipe.Exec(ctx)
		for key, reply := range replies {
			_, err := firstOf(reply)
			if err != nil {
				failure = err
				continue
			}
			s.owed.drop(key)
		}
		if failure != nil && !errors.Is(failure, goredis.Nil) {
			return failure
		}
	}
	return ctx.Err()
}
