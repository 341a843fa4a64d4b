package caddymodule

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// recent remembers what was decided about Cookie headers within this second: the
// forty requests that a page entails bring the same one. A longer memory would
// gain little, and as bounds are whole seconds, none of them can pass meanwhile.
// Methods are safe for concurrent use.
type recent struct {
	seed  maphash.Seed
	slots [recentSlots]atomic.Pointer[sifted]
}

// Bounds of the memory: a header whose slot is taken by another replaces it, and one
// longer than maxField bytes is not remembered.
const (
	recentSlots = 4096
	maxField    = 8 << 10
)

func newRecent() *recent { return &recent{seed: maphash.MakeSeed()} }

// sifted is a request's cookies after those that the visitor has not agreed to
// were taken out.
type sifted struct {
	field   string          // as the browser sent it
	visitor *policy.Visitor // who is so under one policy only
	second  int64
	watched bool // the inventory has been told

	changed bool
	kept    []string
	sweep   []string // names to be deleted in the browser too
	begin   bool     // a necessary cookie lasts: its thirteen months must be counted
	tally   tally
}

// sifted sifts the Cookie fields of a request, unless that was just done. Who
// watches wants the inventory to be told.
func (m *recent) sifted(fields []string, v *visit, watch bool) *sifted {
	if len(fields) != 1 || len(fields[0]) > maxField {
		return v.gateway.sift(fields, v, watch)
	}
	field, second := fields[0], v.now.Unix()
	slot := &m.slots[maphash.String(m.seed, field)%recentSlots]
	s := slot.Load()
	if s == nil || s.second != second || s.visitor != v.visitor || s.field != field || watch && !s.watched {
		s = v.gateway.sift(fields, v, watch)
		s.field, s.visitor, s.second, s.watched = field, v.visitor, second, watch
		slot.Store(s)
	}
	return s
}
