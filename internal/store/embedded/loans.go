package embedded

import (
	"sync"
	"time"
)

// loans are the messages that senders in this process hold.
type loans struct {
	mu     sync.Mutex // held during Take, so that no two take the same
	serial int64
	out    map[string]loan // by id of the message
}

type loan struct {
	serial int64
	until  time.Time
}

// held tells whether a message is lent at a time. The lock must be held.
func (l *loans) held(id string, now time.Time) bool {
	out, ok := l.out[id]
	return ok && out.until.After(now)
}

// lend notes a loan and returns its number. The lock must be held.
func (l *loans) lend(id string, until time.Time) int64 {
	if l.out == nil {
		l.out = make(map[string]loan)
	}
	l.serial++
	l.out[id] = loan{l.serial, until}
	return l.serial
}

// is tells whether this loan of a message is the latest, and not ended.
func (l *loans) is(id string, serial int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	out, ok := l.out[id]
	return ok && out.serial == serial
}

func (l *loans) end(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.out, id)
}
