package redis

import (
	"context"
	"slices"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// History returns the receipts of a subject, whichever gateway made them. With
// the server away, those made here: a visitor is not made to wait for the others.
func (s *Store) History(ctx context.Context, subject string) ([]store.Receipt, error) {
	own, err := s.local.History(ctx, subject)
	if err != nil || !s.reachable() {
		return own, err
	}
	bounded, cancel := context.WithTimeout(ctx, historyTimeout)
	defer cancel()
	shared, err := s.sharedHistory(bounded, subject)
	if err == nil {
		return merge(own, shared), nil
	}
	if ctx.Err() == nil {
		// The next visitors need not try too: the courier says when it is back.
		s.note(err)
		nudge(s.keyed)
	}
	return own, nil
}

// sharedHistory returns what the server has of a subject, expired ones left out.
func (s *Store) sharedHistory(ctx context.Context, subject string) ([]store.Receipt, error) {
	ids, err := s.client.ZRange(ctx, s.indexKey(subject), 0, -1).Result()
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = s.receiptKey(subject, id)
	}
	records, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, err
	}
	now := s.options.Now()
	var history []store.Receipt
	for _, record := range records {
		text, there := record.(string)
		var r store.Receipt
		if there && r.UnmarshalBinary([]byte(text)) == nil && r.Subject == subject && r.Expires.After(now) {
			history = append(history, r)
		}
	}
	return history, nil
}

// merge returns every receipt once, oldest first. Where both sides have one,
// this gateway's is taken: it was there first.
func merge(own, shared []store.Receipt) []store.Receipt {
	all := slices.Clone(own)
	for _, r := range shared {
		if !slices.ContainsFunc(own, func(o store.Receipt) bool { return o.ID == r.ID }) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, store.Receipt.Compare)
	return all
}
