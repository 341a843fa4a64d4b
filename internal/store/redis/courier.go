package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// letters is how many receipts, or messages, travel in one pipeline.
const letters = 500

// courier goes to the server: regularly, whenever something waits, and after a
// failure only when the pause is over, whatever waits. met is called after the
// first attempt.
func (s *Store) courier(ctx context.Context, met func()) {
	defer close(s.done)
	share := time.NewTicker(s.options.Share)
	defer share.Stop()
	failures := 0
	for everything := true; ctx.Err() == nil; {
		err := s.exchange(ctx, everything)
		met()
		if ctx.Err() != nil {
			return
		}
		s.note(err)
		if err != nil {
			failures++
			everything = true
			sleep(ctx, s.options.pause(failures))
			continue
		}
		failures = 0
		select {
		case <-ctx.Done():
		case <-s.queued:
			everything = false
		case <-s.keyed:
			everything = true
		case <-share.C:
			everything = true
		}
	}
}

// exchange delivers what waits; with everything, it first looks at the servers
// and compares keys, and which messages have arrived. One master of a Cluster being
// away does not keep receipts from the others.
func (s *Store) exchange(ctx context.Context, everything bool) error {
	var err error
	if everything {
		if err = s.meetServers(ctx); err == nil {
			err = errors.Join(s.shareKeys(ctx), s.dropCopies(ctx))
		}
	}
	return errors.Join(err, s.emptyOutbox(ctx), s.shareMessages(ctx), s.payOwed(ctx))
}

// emptyOutbox delivers receipts, oldest first, until none is left. A receipt
// leaves the outbox only when the server has it; a crash in between repeats the
// delivery, which then changes nothing.
func (s *Store) emptyOutbox(ctx context.Context) error {
	for ctx.Err() == nil {
		receipts, err := s.local.Queue(ctx, letters)
		if err != nil || len(receipts) == 0 {
			return err
		}
		arrived, failure := s.send(ctx, receipts)
		if len(arrived) > 0 {
			if err := s.local.Delivered(ctx, arrived); err != nil {
				return err
			}
		}
		if failure != nil {
			return failure
		}
	}
	return ctx.Err()
}

// send delivers receipts in one pipeline. It returns those that the server
// confirmed, and the first failure among the others.
func (s *Store) send(ctx context.Context, receipts []store.Receipt) (arrived []store.Receipt, failure error) {
	pipe := s.client.Pipeline()
	replies := make([]*goredis.Cmd, len(receipts))
	for i, r := range receipts {
		record, err := r.MarshalBinary()
		if err != nil {
			return nil, err
		}
		keys := []string{s.receiptKey(r.Subject, r.ID), s.indexKey(r.Subject)}
		replies[i] = pipe.Eval(ctx, deliver, keys, record, r.Expires.UnixMilli(), r.Time.UnixMilli(), r.ID)
	}
	_, failure = pipe.Exec(ctx)
	for i, reply := range replies {
		// The script answers with a number. When the server turned down the
		// connection itself, a reply has neither that nor an error.
		if reply.Err() == nil && reply.Val() != nil {
			arrived = append(arrived, receipts[i])
		}
	}
	return arrived, failure
}

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
