package store

import (
	"context"
	"errors"
	"time"
	"unicode"
	"unicode/utf8"
)

// Messages keeps what others must be told until they have it. Gateways that share
// a store send each other's messages.
type Messages interface {
	// Post has made the messages durable on this machine when it returns nil, all
	// of them or none. It never waits for the network. The same ID twice is kept
	// once, as first given.
	Post(context.Context, ...Message) error

	// Posted returns a channel that is closed when messages become due at once. To
	// miss nothing, call it before calling Take.
	Posted() <-chan struct{}

	// Take lends messages of an endpoint that are due, the longest due first, at
	// most n. Nobody else is lent them until the lease has passed: whoever crashes
	// gives them back by that.
	Take(ctx context.Context, endpoint string, n int, lease time.Duration) ([]Lent, error)

	// Done forgets a message: its endpoint has it. The same ID is not taken in again
	// for as long as some gateway may still hold a copy.
	Done(context.Context, Lent) error

	// Return gives a message back with the Progress it has made; without a Next it is
	// a dead letter from now on. It changes nothing if the lease has passed and
	// somebody else was lent the message, or if it is done.
	Return(context.Context, Lent) error

	// Pending shows every message that is not done, in no order and without its body.
	Pending(ctx context.Context, show func(Pending)) error

	// Suspend notes that an endpoint wants no more messages at an address, which is
	// given as a digest. They are kept: whoever sends must ask Suspended first.
	Suspend(ctx context.Context, endpoint, address string) error

	// Suspended returns the address that Suspend was given last, empty if there is none.
	Suspended(ctx context.Context, endpoint string) (address string, err error)

	// Resume makes all messages of an endpoint that nobody is lent due at once, dead
	// letters among them, with their attempts counted anew, and ends its suspension.
	Resume(ctx context.Context, endpoint string) (resumed int, err error)
}

// Message is something that somebody must be told. It never changes.
type Message struct {
	ID       string    // unique, the same at every attempt; 1 to 64 of A–Z a–z 0–9 - _
	Endpoint string    // name of who is to be told, at most MaxEndpoint bytes
	Type     string    // what it is about, such as consent.withdrawn
	Time     time.Time // when it happened
	Expires  time.Time // when it is forgotten, told or not
	Body     []byte    // as it is sent, byte for byte, at most MaxMessage
}

// Progress is what has become of a message so far.
type Progress struct {
	Attempts int       // that failed
	First    time.Time // attempt; zero before it
	Next     time.Time // when it is due; zero for a dead letter
	Trouble  string    // class of the last failure, a fixed word; empty before it
}

// Dead tells whether the message was given up.
func (p Progress) Dead() bool { return p.Next.IsZero() }

// Pending is a message that is not done.
type Pending struct {
	Message
	Progress
}

// Lent is a message in the hands of one sender.
type Lent struct {
	Pending
	Lease int64 // tells this loan from earlier and later ones
}

// Bounds in bytes. Standard Webhooks 1.0.0 ("Payload size") asks for bodies below
// 20 kB.
const (
	MaxMessage  = 20 << 10
	MaxEndpoint = 100
	maxType     = 64
)

// Check reports why a message cannot be kept.
func (m Message) Check() error {
	switch {
	case !validID(m.ID):
		return errors.New("a message needs an id of 1 to 64 letters, digits, hyphens or underscores")
	case !ValidEndpoint(m.Endpoint):
		return errors.New("a message needs an endpoint: a name of 1 to 100 bytes without control characters")
	case !validType(m.Type):
		return errors.New("a message needs a type of lower-case words joined by full stops, such as consent.withdrawn")
	case !datable(m.Time):
		return errors.New("a message needs the time of what happened")
	case !datable(m.Expires) || !m.Expires.After(m.Time):
		return errors.New("a message must expire, later than it was made")
	case len(m.Body) == 0 || len(m.Body) > MaxMessage:
		return errors.New("the body of a message must be 1 to 20480 bytes long")
	}
	return nil
}

// ValidEndpoint tells whether a name can be that of an endpoint.
func ValidEndpoint(name string) bool {
	if name == "" || len(name) > MaxEndpoint || !utf8.ValidString(name) {
		return false
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// validType holds for what Standard Webhooks 1.0.0 ("Event types") recommends.
func validType(name string) bool {
	if len(name) > maxType {
		return false
	}
	before := byte('.')
	for i := range len(name) {
		c := name[i]
		word := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_'
		if !word && (c != '.' || before == '.') {
			return false
		}
		before = c
	}
	return before != '.'
}

// check reports what no sender leaves behind.
func (p Progress) check() error {
	switch {
	case p.Attempts < 0 || p.Attempts > 0 && !datable(p.First):
		return errors.New("attempts need the time of the first")
	case !p.Dead() && !datable(p.Next):
		return errors.New("the next attempt needs a time")
	case len(p.Trouble) > maxType || p.Trouble != "" && !validType(p.Trouble):
		return errors.New("a trouble is one fixed word")
	}
	return nil
}
