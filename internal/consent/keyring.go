package consent

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Keyring signs with its newest settled key and verifies with the newest three.
// It is immutable; a nil Keyring verifies nothing.
type Keyring struct {
	keys    []store.Key // newest first
	signing int         // which of them signs
}

const (
	// keptKeys verify: the present one and the previous two.
	keptKeys = 3
	// KeyLife is the age at which a new key is made. Two of these are longer
	// than thirteen months, so a record outlives none of the keys it needs.
	KeyLife = 200 * 24 * time.Hour
	// settling is how long a new key waits before it signs, where there is an
	// older one: until then other gateways may not have heard of it.
	settling = time.Minute
	// keySize is that of the hash, as RFC 2104 section 3 advises.
	keySize = 32
)

// NewKeyring takes the newest of the given keys, in whatever order they come.
func NewKeyring(keys []store.Key, now time.Time) *Keyring {
	sorted := slices.Clone(keys)
	slices.SortFunc(sorted, func(a, b store.Key) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID) // the same order on every gateway
	})
	k := &Keyring{keys: sorted[:min(len(sorted), keptKeys)]}
	if len(k.keys) > 1 && now.Sub(k.keys[0].Created) < settling {
		k.signing = 1
	}
	return k
}

// Stale tells whether a new key is due.
func (k *Keyring) Stale(now time.Time) bool {
	return k == nil || len(k.keys) == 0 || now.Sub(k.keys[0].Created) >= KeyLife
}

// Retired lists those of the given keys that no longer verify anything.
func (k *Keyring) Retired(keys []store.Key) []store.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(key store.Key) bool {
		return slices.ContainsFunc(k.keys, func(kept store.Key) bool { return kept.ID == key.ID })
	})
}

// NewKey makes a signing key.
func NewKey(now time.Time) (store.Key, error) {
	b := make([]byte, keySize+4)
	if _, err := rand.Read(b); err != nil {
		return store.Key{}, err
	}
	return store.Key{ID: hex.EncodeToString(b[keySize:]), Secret: b[:keySize:keySize], Created: now}, nil
}

// Same tells whether two keyrings hold the same keys and sign alike.
func (k *Keyring) Same(other *Keyring) bool {
	return other != nil && k.signing == other.signing && slices.EqualFunc(k.keys, other.keys, func(a, b store.Key) bool { return a.ID == b.ID })
}
