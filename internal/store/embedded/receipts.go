package embedded

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Append keeps a receipt durably: it is on disk when Append returns nil, with the
// messages that go with it.
func (s *Store) Append(ctx context.Context, r store.Receipt, messages ...store.Message) error {
	return s.append(ctx, r, messages, false)
}

// append shares one fsync with all receipts that arrive at the same time. The
// receipt, its messages and their places among what is not shared yet become durable
// together or not at all.
func (s *Store) append(ctx context.Context, r store.Receipt, messages []store.Message, queue bool) error {
	record, err := r.MarshalBinary()
	if err != nil {
		return err
	}
	letters, err := newLetters(messages)
	if err != nil {
		return err
	}
	err = s.batch(ctx, func(tx *bolt.Tx) error {
		if tx.Bucket(bucketReceipts).Get([]byte(r.ID)) != nil {
			return nil
		}
		if err := put(tx, r, record, queue); err != nil {
			return err
		}
		return putLetters(tx, letters, queue)
	})
	if err != nil {
		return fmt.Errorf("the receipt cannot be kept: %w", err)
	}
	s.tellPosted(len(messages))
	return nil
}

func put(tx *bolt.Tx, r store.Receipt, record []byte, queue bool) error {
	if err := tx.Bucket(bucketReceipts).Put([]byte(r.ID), record); err != nil {
		return err
	}
	place := timeKey(r.Time, r.ID)
	entry := append(subjectPrefix(r.Subject), place...)
	if err := tx.Bucket(bucketSubjects).Put(entry, nil); err != nil {
		return err
	}
	if err := tx.Bucket(bucketExpiry).Put(timeKey(r.Expires, r.ID), entry); err != nil {
		return err
	}
	if !queue {
		return nil
	}
	return tx.Bucket(bucketOutbox).Put(place, nil)
}

// History returns the unexpired receipts of a subject, oldest first.
func (s *Store) History(ctx context.Context, subject string) ([]store.Receipt, error) {
	var history []store.Receipt
	prefix := subjectPrefix(subject)
	now := s.now()
	err := s.view(ctx, func(tx *bolt.Tx) error {
		receipts := tx.Bucket(bucketReceipts)
		c := tx.Bucket(bucketSubjects).Cursor()
		for entry, _ := c.Seek(prefix); bytes.HasPrefix(entry, prefix); entry, _ = c.Next() {
			_, id := splitTimeKey(entry[len(prefix):])
			var r store.Receipt
			if r.UnmarshalBinary(receipts.Get(id)) != nil {
				s.warn("a receipt does not read as it was written: check the disk that holds " + s.db.Path())
				continue
			}
			if r.Expires.After(now) {
				history = append(history, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("receipts cannot be read: %w", err)
	}
	return history, nil
}

// Count returns how many receipts are kept. It visits every page of them: it is
// for reports, not for requests.
func (s *Store) Count(ctx context.Context) (int, error) {
	count := 0
	err := s.view(ctx, func(tx *bolt.Tx) error {
		count = tx.Bucket(bucketReceipts).Stats().KeyN
		return nil
	})
	return count, err
}
