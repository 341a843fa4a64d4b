// Package throttle bounds how often a network may ask. It is in memory only, bounded,
// and gone with the process: what it keeps of a network is a number that nobody can
// turn back into an address, made with a secret that is drawn anew at each start.
package throttle

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Throttle has a bucket for each network: each question takes a token, and the bucket
// fills up again with time. Its methods may be called from several goroutines.
type Throttle struct {
	now   func() time.Time
	rate  float64 // tokens a second
	burst float64
	seed  maphash.Seed
	sets  [sets]set
}

const (
	// Networks are told apart by these bits of an address: those that one subscriber, or
	// one small company, has.
	bits4, bits6 = 24, 48

	// The memory is that of so many networks, some 400 KB. A network has its place in
	// one set; when that is full, it takes the place of the one that has asked least.
	sets   = 4096
	places = 4

	maxPerMinute, maxBurst = 6000, 6000
)

type set struct {
	mu      sync.Mutex
	at      time.Time // when its buckets were as they are
	buckets [places]bucket
}

// bucket is that of a network. The zero bucket is nobody's, and full by the time that
// somebody needs it.
type bucket struct {
	network uint64
	tokens  float64
}

// New lets a network ask so often a minute in the long run, and burst times at once;
// both up to 6,000.
func New(perMinute, burst int, now func() time.Time) (*Throttle, error) {
	if perMinute < 1 || perMinute > maxPerMinute || burst < 1 || burst > maxBurst {
		return nil, fmt.Errorf("a network cannot be held to %d a minute, %d at once: write numbers from 1 to %d", perMinute, burst, maxPerMinute)
	}
	return &Throttle{now: now, rate: float64(perMinute) / 60, burst: float64(burst), seed: maphash.MakeSeed()}, nil
}

// Allow takes a token of the network that an address is in. Without one left, it says how
// long it takes until there is.
func (t *Throttle) Allow(addr netip.Addr) (ok bool, wait time.Duration) {
	network := maphash.Comparable(t.seed, networkOf(addr))
	s := &t.sets[network%sets]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fill(t.now(), t.rate, t.burst)
	b := s.find(network, t.burst)
	if b.tokens < 1 {
		return false, time.Duration((1 - b.tokens) / t.rate * float64(time.Second))
	}
	b.tokens--
	return true, 0
}

// fill lets the buckets fill up to now. A clock that was set back fills nothing.
func (s *set) fill(now time.Time, rate, burst float64) {
	passed := max(now.Sub(s.at).Seconds(), 0)
	for i := range s.buckets {
		b := &s.buckets[i]
		b.tokens = min(b.tokens+passed*rate, burst)
	}
	s.at = now
}

// find is the bucket of a network. One that has none takes over the fullest.
func (s *set) find(network uint64, burst float64) *bucket {
	fullest := &s.buckets[0]
	for i := range s.buckets {
		b := &s.buckets[i]
		if b.network == network {
			return b
		}
		if b.tokens > fullest.tokens {
			fullest = b
		}
	}
	*fullest = bucket{network, burst}
	return fullest
}

// networkOf cuts an address off. What is no address is in a network of its own.
func networkOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap()
	bits := bits6
	if addr.Is4() {
		bits = bits4
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}
