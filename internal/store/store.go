// Package store says what a gateway must remember when it is switched off: the
// keys that sign visitors' records, the receipts that prove what visitors chose,
// the messages that others have not got yet, and what may be used once and was.
// Package embedded keeps all of it in one file beside the gateway; package redis
// shares it between several gateways.
package store

import (
	"context"
	"errors"
	"time"
)

// ErrClosed is returned by every method of a store after Close.
var ErrClosed = errors.New("the store is closed")

// Store is all that lasts. Its methods may be called from several goroutines.
type Store interface {
	Keys
	Receipts
	Messages
	Spent
	Health() Health
	Close() error
}

// Keys keeps the keys that sign visitors' records. Gateways that share a store
// end up with the union of their keys, less those that any of them dropped.
type Keys interface {
	// Keys returns every key still kept, newest first.
	Keys(context.Context) ([]Key, error)

	// AddKey keeps a key durably. Adding an ID that is there already changes
	// nothing; an ID that was once dropped stays dropped.
	AddKey(context.Context, Key) error

	// DropKey forgets a key for good. Dropping an unknown one is no error.
	DropKey(ctx context.Context, id string) error

	// Changed returns a channel that is closed at the next change of Keys,
	// whoever makes it. To miss nothing, call it before calling Keys.
	Changed() <-chan struct{}
}

// Receipts keeps evidence: it is written once, read rarely, never changed, and
// gone when it expires.
type Receipts interface {
	// Append has made the receipt durable on this machine when it returns nil, and
	// with it the messages that the choice entails: all or nothing. It never waits for
	// the network. The same ID twice is kept once, as first given, with its messages.
	Append(context.Context, Receipt, ...Message) error

	// History returns the unexpired receipts of a subject, oldest first.
	History(ctx context.Context, subject string) ([]Receipt, error)

	// Count returns how many receipts this gateway itself has written and still keeps.
	Count(context.Context) (int, error)
}

// Spent remembers what may be used once, such as the proof that protects a form.
type Spent interface {
	// Spend uses something up, and says whether it was there to be used: of all that
	// spend it, at once or within its life, the first alone. After its life it may be
	// forgotten. The id must not tell anything about a person.
	//
	// It never waits for the disk: a crash may forget what was spent in the last
	// second, closing forgets nothing. It waits for a shared server a tenth of a second
	// at most. While that is away, as Health says, each gateway has its own first; it
	// tells the server afterwards.
	Spend(ctx context.Context, kind, id string, life time.Duration) (first bool, err error)
}

// SecretSize is the length of a key's secret in bytes: as long as the digest of
// the HMAC-SHA256 it is for (RFC 2104, section 3).
const SecretSize = 32

// Key signs visitors' records.
type Key struct {
	ID      string // the kid of the token, 1 to 64 of A–Z a–z 0–9 - _
	Secret  []byte // SecretSize random bytes
	Created time.Time
}

// Receipt is one immutable piece of evidence.
type Receipt struct {
	ID      string // of this record, unique; 1 to 64 of A–Z a–z 0–9 - _
	Subject string // random id of the visitor's choice, same alphabet
	Time    time.Time
	Expires time.Time
	Body    []byte // JSON made elsewhere, kept byte for byte, at most MaxBody
}

// MaxBody bounds the body of a receipt, in bytes.
const MaxBody = 64 << 10

// Check reports why a key cannot be kept.
func (k Key) Check() error {
	switch {
	case !validID(k.ID):
		return errors.New("a key needs an id of 1 to 64 letters, digits, hyphens or underscores")
	case len(k.Secret) != SecretSize:
		return errors.New("a key needs a secret of exactly 32 bytes")
	case !datable(k.Created):
		return errors.New("a key needs the time it was created at")
	}
	return nil
}

// Check reports why a receipt cannot be kept.
func (r Receipt) Check() error {
	switch {
	case !validID(r.ID):
		return errors.New("a receipt needs an id of 1 to 64 letters, digits, hyphens or underscores")
	case !validID(r.Subject):
		return errors.New("a receipt needs a subject of 1 to 64 letters, digits, hyphens or underscores")
	case !datable(r.Time):
		return errors.New("a receipt needs the time of the choice")
	case !datable(r.Expires) || !r.Expires.After(r.Time):
		return errors.New("a receipt must expire, later than it was made")
	case len(r.Body) == 0 || len(r.Body) > MaxBody:
		return errors.New("the body of a receipt must be 1 to 65536 bytes long")
	}
	return nil
}

// MaxLife bounds how long something is remembered as spent.
const MaxLife = 48 * time.Hour

// CheckSpend reports why something cannot be spent.
func CheckSpend(kind, id string, life time.Duration) error {
	switch {
	case !validID(kind) || !validID(id):
		return errors.New("what is spent needs a kind and an id of 1 to 64 letters, digits, hyphens or underscores")
	case life <= 0 || life > MaxLife:
		return errors.New("what is spent must be remembered, and for 48 hours at most")
	}
	return nil
}

// Compare orders receipts by time, then by ID so that the order is total.
func (r Receipt) Compare(other Receipt) int {
	if order := r.Time.Compare(other.Time); order != 0 {
		return order
	}
	switch {
	case r.ID < other.ID:
		return -1
	case r.ID > other.ID:
		return 1
	}
	return 0
}

// validID keeps identifiers free of anything that means something in a
// database key: separators, or the braces of a Redis hash tag.
func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alphanumeric && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// datable holds for times that fit the 64-bit nanoseconds which order records:
// 1970 to 2262.
func datable(t time.Time) bool {
	return t.Unix() > 0 && t.Year() < 2262
}
