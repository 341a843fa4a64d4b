package transfer

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Register counts what came of connections: to whom, to which country, on what
// basis. Its Note is what a Guard is told by. Methods are safe for concurrent
// use.
type Register struct {
	mu      sync.Mutex
	entries map[line]*Entry
	refused int // of the entries, those about nothing but refusals
	lost    uint64
}

// maxEntries bounds the register. Names that are refused get half of it, so that
// they cannot hide where data really went.
const maxEntries = 1000

// Entry is one line of the register.
type Entry struct {
	Recipient string // its name; "" when none is declared
	Host      string
	Country   Country // of the address; "" when it is unknown or was not asked for
	Basis     Basis
	Outcome   Outcome
	Reason    Reason

	Database    string // the country was last known from
	First, Last time.Time
	Count       uint64
}

// line is what makes entries different.
type line struct {
	recipient, host string
	country         Country
	basis           Basis
	outcome         Outcome
	reason          Reason
}

// Note counts an event.
func (r *Register) Note(e Event) {
	d := &e.Decision
	at := line{host: e.Host, country: d.Country, basis: d.Basis, outcome: e.Outcome, reason: d.Reason}
	if d.Recipient != nil {
		at.recipient = d.Recipient.Name
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.entries[at]
	if entry == nil {
		if entry = r.enter(at, e.At); entry == nil {
			r.lost++
			return
		}
	}
	entry.Count++
	entry.Database = e.Database
	if e.At.After(entry.Last) {
		entry.Last = e.At
	}
}

// enter makes room for a line, nil when there is none.
func (r *Register) enter(at line, now time.Time) *Entry {
	isRefused := at.outcome == Refused
	if len(r.entries) >= maxEntries || isRefused && r.refused >= maxEntries/2 {
		return nil
	}
	if isRefused {
		r.refused++
	}
	if r.entries == nil {
		r.entries = make(map[line]*Entry)
	}
	entry := &Entry{
		Recipient: at.recipient, Host: at.host, Country: at.country, Basis: at.basis, Outcome: at.outcome, Reason: at.reason,
		First: now, Last: now,
	}
	r.entries[at] = entry
	return entry
}

// Snapshot lists the entries by recipient, host and country, and how many events
// had no room.
func (r *Register) Snapshot() (entries []Entry, lost uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries = make([]Entry, 0, len(r.entries))
	for _, entry := range r.entries {
		entries = append(entries, *entry)
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(a.Recipient, b.Recipient), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Country, b.Country),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Basis, b.Basis),
		)
	})
	return entries, r.lost
}
