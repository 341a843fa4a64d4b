package webhook

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Backlog is what an endpoint has not been told yet, of one type of message. It says
// nothing about anybody the messages are about.
type Backlog struct {
	Endpoint  string
	Type      string
	Waiting   int       // messages, dead letters not counted
	Overdue   int       // of these, tried in vain or older than a minute
	Dead      int       // messages that were given up
	Posted    time.Time // when the oldest happened
	First     time.Time // attempt at any of them; zero if none was tried
	Attempts  int       // that failed, of the message tried most often
	Trouble   Trouble   // of the last attempt at the oldest that was tried
	Suspended bool      // the endpoint wants no more messages at its address
}

// soon is when a message must have arrived, or is overdue.
const soon = time.Minute

// Review lists what has not arrived, by endpoint and type.
func Review(ctx context.Context, messages store.Messages, now time.Time) ([]Backlog, error) {
	all := make(map[[2]string]*Backlog)
	if err := messages.Pending(ctx, func(p store.Pending) {
		key := [2]string{p.Endpoint, p.Type}
		if all[key] == nil {
			all[key] = &Backlog{Endpoint: p.Endpoint, Type: p.Type, Posted: p.Time}
		}
		all[key].add(p, now)
	}); err != nil {
		return nil, err
	}
	list := make([]Backlog, 0, len(all))
	for _, b := range all {
		address, err := messages.Suspended(ctx, b.Endpoint)
		if err != nil {
			return nil, err
		}
		b.Suspended = address != ""
		list = append(list, *b)
	}
	slices.SortFunc(list, func(a, b Backlog) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Type, b.Type))
	})
	return list, nil
}

func (b *Backlog) add(p store.Pending, now time.Time) {
	tried := !p.First.IsZero()
	switch {
	case p.Dead():
		b.Dead++
	default:
		b.Waiting++
		if tried || now.Sub(p.Time) > soon {
			b.Overdue++
		}
	}
	if p.Time.Before(b.Posted) {
		b.Posted = p.Time
	}
	if tried && (b.First.IsZero() || p.First.Before(b.First)) {
		b.First, b.Trouble = p.First, Trouble(p.Trouble)
	}
	b.Attempts = max(b.Attempts, p.Attempts)
}
