package consent

import (
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// Reader turns the token of a request into a visitor. It remembers tokens by
// their bytes, because checking a signature costs more than all the rest of a
// request's way through the gateway. Methods are safe for concurrent use.
type Reader struct {
	ring  atomic.Pointer[Keyring]
	seed  maphash.Seed
	slots [readerSlots]atomic.Pointer[slot]
}

// readerSlots bounds the memory: a token whose slot is taken by another
// replaces it.
const readerSlots = 8192

// slot is one remembered token. It holds for one policy, since the same token
// may be brought to several sites, and for one keyring.
type slot struct {
	token   string
	policy  *policy.Policy
	ring    *Keyring
	record  Record
	visitor policy.Visitor
	ended   policy.Visitor
}

// NewReader returns a reader that knows no key yet and so trusts no token.
func NewReader() *Reader {
	return &Reader{seed: maphash.MakeSeed()}
}

// Use changes the keys. What was remembered under others is read again.
func (r *Reader) Use(k *Keyring) { r.ring.Store(k) }

// Keyring is the one in use, nil before the first.
func (r *Reader) Keyring() *Keyring { return r.ring.Load() }

// NoRecord is that of a browser that brings none.
var NoRecord Record

// Read tells who a token stands for: nil, and NoRecord, when it is no valid
// record. What is returned is shared and must not be changed. A token seen before
// costs no allocation.
func (r *Reader) Read(token string, p *policy.Policy, now time.Time) (*policy.Visitor, *Record) {
	ring := r.ring.Load()
	place := &r.slots[maphash.String(r.seed, token)%readerSlots]
	s := place.Load()
	if s == nil || s.token != token || s.policy != p || s.ring != ring {
		record, err := ring.Verify(token, now)
		if err != nil {
			return nil, &NoRecord
		}
		s = &slot{token: token, policy: p, ring: ring, record: record}
		s.visitor = record.Visitor(p, record.First)
		s.visitor.Header = p.Header(&s.visitor)
		s.ended = policy.Visitor{State: policy.Ended}
		s.ended.Header = p.Header(&s.ended)
		place.Store(s)
	}
	if !now.Before(s.record.Until) {
		return &s.ended, &s.record
	}
	return &s.visitor, &s.record
}
