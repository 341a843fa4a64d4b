package redis

import (
	"context"
	"errors"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Post returns once the messages are durable on this machine. They are lent once the
// server has them.
func (s *Store) Post(ctx context.Context, messages ...store.Message) error {
	if err := s.local.EnqueueMessages(ctx, messages...); err != nil {
		return err
	}
	nudge(s.queued)
	return nil
}

// Take lends messages that the server has, whichever gateway posted them.
func (s *Store) Take(ctx context.Context, endpoint string, n int, lease time.Duration) ([]store.Lent, error) {
	keys := []string{s.dueKey(endpoint), s.lentKey(endpoint)}
	reply, err := s.client.Eval(ctx, take, keys, s.options.Now().UnixMilli(), n, lease.Milliseconds()).StringSlice()
	if err != nil || len(reply) < 2 {
		return nil, err
	}
	end, ids := reply[0], reply[1:]
	number, err := strconv.ParseInt(end, 10, 64)
	if err != nil {
		return nil, err
	}
	list, gone, err := s.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	if len(gone) > 0 {
		if err := s.client.ZRem(ctx, s.lentKey(endpoint), gone...).Err(); err != nil {
			return nil, err
		}
	}
	lent := make([]store.Lent, len(list))
	for i, p := range list {
		lent[i] = store.Lent{Pending: p, Lease: number}
	}
	return lent, nil
}

// read returns messages as far as they are there, and the ids of those that have
// expired meanwhile, or do not read as they were written.
func (s *Store) read(ctx context.Context, ids []string) (list []store.Pending, gone []any, err error) {
	pipe := s.client.Pipeline()
	replies := make([]*goredis.SliceCmd, len(ids))
	for i, id := range ids {
		replies[i] = pipe.HMGet(ctx, s.messageKey(id), fieldMessage, fieldProgress)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, nil, err
	}
	for i, reply := range replies {
		if p, ok := pending(reply.Val()); ok && p.ID == ids[i] {
			list = append(list, p)
		} else {
			gone = append(gone, ids[i])
		}
	}
	return list, gone, nil
}

// pending decodes the two fields of a message. Without the second nobody has tried yet.
func pending(fields []any) (p store.Pending, ok bool) {
	if len(fields) != 2 {
		return p, false
	}
	message, there := fields[0].(string)
	if !there || p.Message.UnmarshalBinary([]byte(message)) != nil {
		return p, false
	}
	progress, tried := fields[1].(string)
	if !tried {
		p.Next = p.Time
		return p, true
	}
	return p, p.Progress.UnmarshalBinary([]byte(progress)) == nil
}

// Done forgets a message, everywhere. A mark keeps out copies that are still under way.
func (s *Store) Done(ctx context.Context, l store.Lent) error {
	err := s.client.Eval(ctx, done, s.keysOf(l.ID, l.Endpoint), l.ID, doneMark.Milliseconds()).Err()
	if err != nil {
		return err
	}
	return s.local.Forget(ctx, []string{l.ID})
}

// doneMark is how long it is remembered that a message is done: longer than a gateway
// that still has a copy will be away.
const doneMark = 30 * 24 * time.Hour

// Return keeps the progress of a message, unless somebody else is lent it by now.
func (s *Store) Return(ctx context.Context, l store.Lent) error {
	progress, err := l.Progress.MarshalBinary()
	if err != nil {
		return err
	}
	next := int64(0)
	if !l.Dead() {
		next = l.Next.UnixMilli()
	}
	return s.client.Eval(ctx, giveBack, s.keysOf(l.ID, l.Endpoint), l.ID, l.Lease, progress, next, s.options.Now().UnixMilli()).Err()
}

// Posted returns a channel that is closed when messages become due at once.
func (s *Store) Posted() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posted
}

func (s *Store) tellPosted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.posted)
	s.posted = make(chan struct{})
}

// shareMessages brings messages to the server, oldest first, until none is left.
func (s *Store) shareMessages(ctx context.Context) error {
	for ctx.Err() == nil {
		messages, err := s.local.Unshared(ctx, letters)
		if err != nil || len(messages) == 0 {
			return err
		}
		arrived, failure := s.sendMessages(ctx, messages)
		if len(arrived) > 0 {
			s.tellPosted()
			failure = errors.Join(failure, s.local.Shared(ctx, arrived))
		}
		if failure != nil {
			return failure
		}
	}
	return ctx.Err()
}

// sendMessages returns those that the server confirmed, and the first failure among the
// others.
func (s *Store) sendMessages(ctx context.Context, messages []store.Message) (arrived []store.Message, failure error) {
	pipe := s.client.Pipeline()
	replies := make([]*goredis.Cmd, len(messages))
	for i, m := range messages {
		record, err := m.MarshalBinary()
		if err != nil {
			return nil, err
		}
		keys := []string{s.messageKey(m.ID), s.dueKey(m.Endpoint), s.endpointsKey()}
		replies[i] = pipe.Eval(ctx, post, keys, m.ID, m.Endpoint, record, m.Expires.UnixMilli(), m.Time.UnixMilli())
	}
	_, failure = pipe.Exec(ctx)
	for i, reply := range replies {
		if reply.Err() == nil && reply.Val() != nil { // as for receipts
			arrived = append(arrived, messages[i])
		}
	}
	return arrived, failure
}

// dropCopies forgets the messages posted here that have arrived by the hands of other
// gateways, and brings those again that the server has lost.
func (s *Store) dropCopies(ctx context.Context) error {
	for after := ""; ; {
		ids, err := s.local.Copies(ctx, after, letters)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		arrived, lost, err := s.lookUp(ctx, ids)
		if err != nil {
			return err
		}
		if len(arrived) > 0 {
			err = s.local.Forget(ctx, arrived)
		}
		if len(lost) > 0 {
			err = errors.Join(err, s.local.Reshare(ctx, lost))
		}
		if err != nil {
			return err
		}
	}
}

// lookUp tells which messages are done, and which the server does not know.
func (s *Store) lookUp(ctx context.Context, ids []string) (arrived, lost []string, err error) {
	pipe := s.client.Pipeline()
	replies := make([]*goredis.SliceCmd, len(ids))
	for i, id := range ids {
		replies[i] = pipe.HMGet(ctx, s.messageKey(id), fieldDone, fieldEndpoint)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, nil, err
	}
	for i, reply := range replies {
		switch fields := reply.Val(); {
		case len(fields) != 2:
		case fields[0] != nil:
			arrived = append(arrived, ids[i])
		case fields[1] == nil:
			lost = append(lost, ids[i])
		}
	}
	return arrived, lost, nil
}
