package embedded

import (
	"bytes"
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// The outbox lists the receipts that the shared store does not have yet. The
// receipts themselves stay here until they expire, delivered or not: a shared
// server that comes back empty, or without its last second, gets them again.

// Enqueue is Append, and lists the receipt in the outbox, and its messages as not yet
// shared, in the same transaction.
func (s *Store) Enqueue(ctx context.Context, r store.Receipt, messages ...store.Message) error {
	return s.append(ctx, r, messages, true)
}

// Queue returns at most n receipts of the outbox, oldest first.
func (s *Store) Queue(ctx context.Context, n int) ([]store.Receipt, error) {
	var queue []store.Receipt
	err := s.view(ctx, func(tx *bolt.Tx) error {
		receipts := tx.Bucket(bucketReceipts)
		c := tx.Bucket(bucketOutbox).Cursor()
		for place, _ := c.First(); place != nil && len(queue) < n; place, _ = c.Next() {
			_, id := splitTimeKey(place)
			var r store.Receipt
			if r.UnmarshalBinary(receipts.Get(id)) == nil {
				queue = append(queue, r)
			}
		}
		return nil
	})
	return queue, err
}

// Delivered takes receipts off the outbox.
func (s *Store) Delivered(ctx context.Context, receipts []store.Receipt) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		outbox := tx.Bucket(bucketOutbox)
		for _, r := range receipts {
			if err := outbox.Delete(timeKey(r.Time, r.ID)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Requeue lists every receipt in the outbox again, and every message as not shared,
// unless all these servers are known already. Servers are named by the run id they draw at each start, so an
// unknown one may have lost anything: it was restarted, promoted, or replaced.
func (s *Store) Requeue(ctx context.Context, servers []string) error {
	known, err := s.knows(ctx, servers)
	if known || err != nil {
		return err
	}
	for _, list := range []func(*bolt.Tx, []byte, int) ([]byte, error){requeueFrom, reshareFrom} {
		// In portions, so that visitors' receipts get their turn in between.
		for next := []byte{}; next != nil; {
			if err := s.update(ctx, func(tx *bolt.Tx) (err error) {
				next, err = list(tx, next, portion)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return s.meet(ctx, servers)
}

// requeueFrom lists n receipts from an entry of the subjects bucket on, and
// returns the entry to go on with.
func requeueFrom(tx *bolt.Tx, from []byte, n int) (next []byte, err error) {
	outbox := tx.Bucket(bucketOutbox)
	c := tx.Bucket(bucketSubjects).Cursor()
	for entry, _ := c.Seek(from); entry != nil; entry, _ = c.Next() {
		if n == 0 {
			return bytes.Clone(entry), nil
		}
		n--
		_, place, _ := bytes.Cut(entry, []byte{0})
		if err := outbox.Put(place, nil); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *Store) knows(ctx context.Context, servers []string) (bool, error) {
	known := true
	err := s.view(ctx, func(tx *bolt.Tx) error {
		met := tx.Bucket(bucketServers)
		for _, id := range servers {
			known = known && met.Get([]byte(id)) != nil
		}
		return nil
	})
	return known, err
}

// meet replaces the known servers by these.
func (s *Store) meet(ctx context.Context, servers []string) error {
	return s.update(ctx, func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket(bucketServers); err != nil {
			return err
		}
		met, err := tx.CreateBucket(bucketServers)
		for _, id := range servers {
			if err == nil {
				err = met.Put([]byte(id), nil)
			}
		}
		return err
	})
}

// backlog returns how many receipts wait in the outbox, and the time of the oldest.
func (s *Store) backlog() (queued int, oldest time.Time) {
	err := s.db.View(func(tx *bolt.Tx) error {
		outbox := tx.Bucket(bucketOutbox)
		queued = outbox.Stats().KeyN
		if place, _ := outbox.Cursor().First(); place != nil {
			oldest, _ = splitTimeKey(place)
		}
		return nil
	})
	if err != nil {
		return 0, time.Time{}
	}
	return queued, oldest
}
