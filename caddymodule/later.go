package caddymodule

import (
	"context"
	"sync"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// later holds the proofs of refusals that the store did not take in. The refusal holds
// all the same, and recipients must still be told: the store is asked again until it
// takes them.
type later struct {
	mu      sync.Mutex
	waiting []proof
}

// maxLater bounds them. The disk has then been broken or full for a long time, and the
// log has said so at each.
const maxLater = 10_000

func (l *later) add(p proof) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.receipt.ID != "" && len(l.waiting) < maxLater {
		l.waiting = append(l.waiting, p)
	}
}

// retry gives the store what waits, in its order, until it takes one of them not.
func (l *later) retry(in store.Store) {
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	for {
		p, ok := l.first()
		if !ok || in.Append(ctx, p.receipt, p.messages...) != nil {
			return
		}
		l.drop()
	}
}

func (l *later) first() (p proof, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return p, false
	}
	return l.waiting[0], true
}

func (l *later) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = l.waiting[1:]
}
