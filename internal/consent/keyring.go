package consent

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Keyring signs with its newest settled key and verifies with every key that a
// record can still be signed with. It is immutable; a nil Keyring verifies nothing.
type Keyring struct {
	keys    []store.Key // newest first
	signing int         // which of them signs
}

const (
	// KeyLife is the age at which a new key is made.
	KeyLife = 200 * 24 * time.Hour
	// keyAge is the age up to which a key verifies: a record that it signed at
	// the end of its life has ended too. With one gateway that is the present
	// key and the previous two; gateways that meet late have more at first.
	keyAge = KeyLife + cookie.Term + 24*time.Hour
	// settling is how long a new key waits before it signs, where there is an
	// older one: until then other gateways may not have heard of it.
	settling = time.Minute
	// keySize is that of the hash, as RFC 2104 section 3 advises.
	keySize = 32
)

// NewKeyring takes those of the given keys that are not too old, in whatever order
// they come.
func NewKeyring(keys []store.Key, now time.Time) *Keyring {
	sorted := slices.DeleteFunc(slices.Clone(keys), func(k store.Key) bool { return now.Sub(k.Created) > keyAge })
	slices.SortFunc(sorted, func(a, b store.Key) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID) // the same order on every gateway
	})
	k := &Keyring{keys: sorted}
	if len(k.keys) > 1 && now.Sub(k.keys[0].Created) < settling {
		k.signing = 1
	}
	return k
}

// Secrets are those of the keys, that of the signing one first: for whatever else the
// gateways of a store sign together, with keys derived from them.
func (k *Keyring) Secrets() [][]byte {
	if k == nil || len(k.keys) == 0 {
		return nil
	}
	secrets := [][]byte{k.keys[k.signing].Secret}
	for i := range k.keys {
		if i != k.signing {
			secrets = append(secrets, k.keys[i].Secret)
		}
	}
	return secrets
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
