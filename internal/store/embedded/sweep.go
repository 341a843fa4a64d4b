package embedded

import (
	"bytes"
	"context"
	"time"

	bolt "go.etcd.io/bbolt"
)

// portion bounds the entries one background transaction touches: it holds the
// write lock, and visitors' receipts wait for that.
const portion = 1000

// sweepEvery deletes what has expired, at once and then regularly, until Close.
func (s *Store) sweepEvery(interval time.Duration) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		s.sweep()
		select {
		case <-s.closing:
			return
		case <-tick.C:
		}
	}
}

// sweep deletes all that has expired. What fails is tried again next time.
func (s *Store) sweep() {
	for more := true; more; {
		select {
		case <-s.closing:
			return
		default:
		}
		err := s.update(context.Background(), func(tx *bolt.Tx) error {
			receipts, err := sweepPortion(tx, s.now())
			if err != nil {
				return err
			}
			messages, err := sweepMessages(tx, s.now())
			if err != nil {
				return err
			}
			spent, err := sweepSpent(tx, s.now())
			more = receipts || messages || spent
			return err
		})
		if err != nil {
			return
		}
	}
}

// sweepPortion deletes the oldest expired receipts, and says whether it may
// have left some. Keys are collected first: bbolt forbids deleting under a cursor.
func sweepPortion(tx *bolt.Tx, now time.Time) (more bool, err error) {
	expiry := tx.Bucket(bucketExpiry)
	expired, entries := over(expiry, now)
	for i, key := range expired {
		if err := expiry.Delete(key); err != nil {
			return false, err
		}
		if err := forget(tx, entries[i]); err != nil {
			return false, err
		}
	}
	return len(expired) == portion, nil
}

// sweepSpent does the same for what may be forgotten that it was spent.
func sweepSpent(tx *bolt.Tx, now time.Time) (more bool, err error) {
	spent := tx.Bucket(bucketSpent)
	expired, _ := over(spent, now)
	for _, key := range expired {
		if err := spent.Delete(key); err != nil {
			return false, err
		}
	}
	return len(expired) == portion, nil
}

// over copies the entries of a bucket, ordered by their end, that have reached it; a
// portion at most.
func over(b *bolt.Bucket, now time.Time) (keys, values [][]byte) {
	c := b.Cursor()
	for key, value := c.First(); key != nil && len(keys) < portion; key, value = c.Next() {
		if end, _ := splitTimeKey(key); end.After(now) {
			break
		}
		keys = append(keys, bytes.Clone(key))
		values = append(values, bytes.Clone(value))
	}
	return keys, values
}

// forget deletes the receipt behind an entry of the subjects bucket.
func forget(tx *bolt.Tx, entry []byte) error {
	_, place, _ := bytes.Cut(entry, []byte{0})
	_, id := splitTimeKey(place)
	if err := tx.Bucket(bucketSubjects).Delete(entry); err != nil {
		return err
	}
	if err := tx.Bucket(bucketOutbox).Delete(place); err != nil {
		return err
	}
	return tx.Bucket(bucketReceipts).Delete(id)
}

// sweepMessages is sweepPortion for messages.
func sweepMessages(tx *bolt.Tx, now time.Time) (more bool, err error) {
	ends := tx.Bucket(bucketEnds)
	var expired [][]byte
	c := ends.Cursor()
	for key, _ := c.First(); key != nil && len(expired) < portion; key, _ = c.Next() {
		if end, _ := splitTimeKey(key); end.After(now) {
			break
		}
		expired = append(expired, bytes.Clone(key))
	}
	for _, key := range expired {
		_, id := splitTimeKey(key)
		if err := dropMessage(tx, id); err != nil {
			return false, err
		}
		if err := ends.Delete(key); err != nil {
			return false, err
		}
	}
	return len(expired) == portion, nil
}
