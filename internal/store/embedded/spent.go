package embedded

import (
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// saveDelay is how long what was spent waits for company on its way to the disk: one
// fsync serves all of it, and a crash forgets no more than this.
const saveDelay = 250 * time.Millisecond

// Spend says whether this is the first time. It waits for nothing.
func (s *Store) Spend(ctx context.Context, kind, id string, life time.Duration) (first bool, err error) {
	if err := store.CheckSpend(kind, id, life); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	now := s.now()
	return s.used.spend(kind+":"+id, now, now.Add(life))
}

// recallUsed reads what was spent before the last start, and is not over.
func (s *Store) recallUsed() error {
	now := s.now()
	return s.view(context.Background(), func(tx *bolt.Tx) error {
		c := tx.Bucket(bucketSpent).Cursor()
		for key, _ := c.Seek(timeKey(now, "")); key != nil; key, _ = c.Next() {
			end, name := splitTimeKey(key)
			s.used.forget(now)
			s.used.add(use{end, string(name)})
		}
		return nil
	})
}

// saveUsed writes what was spent to the disk, until Close, and then the rest. What
// cannot be written waits for the next that is spent.
func (s *Store) saveUsed() {
	for open := true; open; {
		select {
		case <-s.used.news:
		case <-s.closing:
			open = false
		}
		if open {
			s.linger(saveDelay)
		}
		for s.savePortion() {
		}
	}
}

// linger waits, or until Close.
func (s *Store) linger(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.closing:
	}
}

// savePortion writes some of it, and says whether that went well and there may be more.
func (s *Store) savePortion() bool {
	waiting := s.used.waiting()
	if len(waiting) == 0 {
		return false
	}
	err := s.update(context.Background(), func(tx *bolt.Tx) error {
		spent := tx.Bucket(bucketSpent)
		for _, one := range waiting {
			if err := spent.Put(timeKey(one.end, one.name), nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false
	}
	s.used.saved(len(waiting))
	return true
}
