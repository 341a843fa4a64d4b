package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Post keeps messages durably: they are on disk when Post returns nil.
func (s *Store) Post(ctx context.Context, messages ...store.Message) error {
	return s.post(ctx, messages, false)
}

// EnqueueMessages is Post, and lists the messages as not yet in the shared store.
func (s *Store) EnqueueMessages(ctx context.Context, messages ...store.Message) error {
	return s.post(ctx, messages, true)
}

func (s *Store) post(ctx context.Context, messages []store.Message, queue bool) error {
	if len(messages) == 0 {
		return nil
	}
	letters, err := newLetters(messages)
	if err != nil {
		return err
	}
	err = s.batch(ctx, func(tx *bolt.Tx) error { return putLetters(tx, letters, queue) })
	if err != nil {
		return fmt.Errorf("messages cannot be kept: %w", err)
	}
	s.tellPosted(len(messages))
	return nil
}

// letter is a message on its way to the disk.
type letter struct {
	store.Pending
	record []byte
}

// newLetters makes messages due at the time of what they tell.
func newLetters(messages []store.Message) ([]letter, error) {
	letters := make([]letter, len(messages))
	for i, m := range messages {
		l := letter{Pending: store.Pending{Message: m, Progress: store.Progress{Next: m.Time}}}
		var err error
		if l.record, err = encodePending(l.Pending); err != nil {
			return nil, err
		}
		letters[i] = l
	}
	return letters, nil
}

// encodePending writes the progress on a line, and the message below it.
func encodePending(p store.Pending) ([]byte, error) {
	progress, err := p.Progress.MarshalBinary()
	if err != nil {
		return nil, err
	}
	message, err := p.Message.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return append(append(progress, '\n'), message...), nil
}

func decodePending(record []byte) (p store.Pending, ok bool) {
	progress, message, found := bytes.Cut(record, []byte{'\n'})
	ok = found && p.Progress.UnmarshalBinary(progress) == nil && p.Message.UnmarshalBinary(message) == nil
	return p, ok
}

func putLetters(tx *bolt.Tx, letters []letter, queue bool) error {
	messages := tx.Bucket(bucketMessages)
	for _, l := range letters {
		if messages.Get([]byte(l.ID)) != nil {
			continue
		}
		if err := messages.Put([]byte(l.ID), l.record); err != nil {
			return err
		}
		if err := tx.Bucket(bucketDue).Put(dueKey(l.Endpoint, l.Next, l.ID), nil); err != nil {
			return err
		}
		if err := tx.Bucket(bucketEnds).Put(timeKey(l.Expires, l.ID), nil); err != nil {
			return err
		}
		if !queue {
			continue
		}
		if err := tx.Bucket(bucketUnshared).Put(timeKey(l.Time, l.ID), nil); err != nil {
			return err
		}
	}
	return nil
}

// dueKey sorts the messages of an endpoint by the time when they are due. NUL is in
// no endpoint.
func dueKey(endpoint string, due time.Time, id string) []byte {
	return append(subjectPrefix(endpoint), timeKey(due, id)...)
}

// Take lends messages. Who holds which is known in memory alone: no other process
// has this file, and what a crash leaves behind is due again at once.
func (s *Store) Take(ctx context.Context, endpoint string, n int, lease time.Duration) ([]store.Lent, error) {
	now := s.now()
	s.loans.mu.Lock()
	defer s.loans.mu.Unlock()
	var taken []store.Lent
	err := s.view(ctx, func(tx *bolt.Tx) error {
		messages, prefix := tx.Bucket(bucketMessages), subjectPrefix(endpoint)
		c := tx.Bucket(bucketDue).Cursor()
		for entry, _ := c.Seek(prefix); bytes.HasPrefix(entry, prefix) && len(taken) < n; entry, _ = c.Next() {
			due, id := splitTimeKey(entry[len(prefix):])
			if due.After(now) {
				break
			}
			if s.loans.held(string(id), now) {
				continue
			}
			p, ok := decodePending(messages.Get(id))
			if !ok {
				s.warn("a message does not read as it was written: check the disk that holds " + s.db.Path())
				continue
			}
			taken = append(taken, store.Lent{Pending: p})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("messages cannot be read: %w", err)
	}
	for i := range taken {
		taken[i].Lease = s.loans.lend(taken[i].ID, now.Add(lease))
	}
	return taken, nil
}

// Done forgets a message.
func (s *Store) Done(ctx context.Context, l store.Lent) error {
	return s.Forget(ctx, []string{l.ID})
}

// Forget removes messages that have arrived, or that another gateway has sent.
func (s *Store) Forget(ctx context.Context, ids []string) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		for _, id := range ids {
			if err := dropMessage(tx, []byte(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("messages cannot be forgotten: %w", err)
	}
	for _, id := range ids {
		s.loans.end(id)
	}
	return nil
}

// dropMessage removes a message and all that leads to it.
func dropMessage(tx *bolt.Tx, id []byte) error {
	messages := tx.Bucket(bucketMessages)
	p, ok := decodePending(messages.Get(id))
	if !ok {
		return messages.Delete(id)
	}
	return errors.Join(
		tx.Bucket(bucketDue).Delete(dueKey(p.Endpoint, p.Next, p.ID)),
		tx.Bucket(bucketEnds).Delete(timeKey(p.Expires, p.ID)),
		tx.Bucket(bucketUnshared).Delete(timeKey(p.Time, p.ID)),
		messages.Delete(id),
	)
}

// Return keeps the progress of a message, unless somebody else is lent it by now.
func (s *Store) Return(ctx context.Context, l store.Lent) error {
	if !s.loans.is(l.ID, l.Lease) {
		return nil
	}
	err := s.update(ctx, func(tx *bolt.Tx) error { return proceed(tx, []byte(l.ID), l.Progress) })
	if err != nil {
		return fmt.Errorf("the progress of a message cannot be kept: %w", err)
	}
	s.loans.end(l.ID)
	return nil
}

// proceed changes the progress of a message, if it is still there. Dead letters are
// not among those due.
func proceed(tx *bolt.Tx, id []byte, to store.Progress) error {
	messages, due := tx.Bucket(bucketMessages), tx.Bucket(bucketDue)
	p, ok := decodePending(messages.Get(id))
	if !ok {
		return nil
	}
	if err := due.Delete(dueKey(p.Endpoint, p.Next, p.ID)); err != nil {
		return err
	}
	p.Progress = to
	record, err := encodePending(p)
	if err != nil {
		return err
	}
	if err := messages.Put(id, record); err != nil || p.Dead() {
		return err
	}
	return due.Put(dueKey(p.Endpoint, p.Next, p.ID), nil)
}
