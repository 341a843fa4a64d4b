package transfer

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Register counts what came of connections: to whom, to which country, on what
// basis. Its Note is what a Guard is told by; Save and Load keep it over a
// restart. Methods are safe for concurrent use.
type Register struct {
	mu      sync.Mutex
	entries map[line]*Entry
	refused int // of the entries, those about nothing but refusals
	lost    uint64

	learnt, counted bool // since it was saved
}

// maxEntries bounds the register. Names that are refused get half of it, so that
// they cannot hide where data really went.
const maxEntries = 1000

// How long a line is kept after it was counted last: what happened to data as
// long as a visitor's choice, what was refused until the owner has seen it.
const (
	keptConnected = 393 * 24 * time.Hour
	keptRefused   = 90 * 24 * time.Hour
)

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
	before := len(r.entries)
	entry := r.enter(at, e.At)
	r.counted, r.learnt = true, r.learnt || len(r.entries) > before
	if entry == nil {
		r.lost++
		return
	}
	entry.Count++
	entry.Database = e.Database
	if e.At.After(entry.Last) {
		entry.Last = e.At
	}
}

// enter finds the entry of a line, or makes one; nil when there is no room.
func (r *Register) enter(at line, first time.Time) *Entry {
	if entry := r.entries[at]; entry != nil {
		return entry
	}
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
		First: first, Last: first,
	}
	r.entries[at] = entry
	return entry
}

// Forget drops lines that were counted last a long time ago.
func (r *Register) Forget(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for at, entry := range r.entries {
		kept := keptConnected
		if at.outcome == Refused {
			kept = keptRefused
		}
		if now.Sub(entry.Last) <= kept {
			continue
		}
		delete(r.entries, at)
		r.counted = true
		if at.outcome == Refused {
			r.refused--
		}
	}
}

// Snapshot lists the entries by recipient, host and country, and how many events
// had no room.
func (r *Register) Snapshot() (entries []Entry, lost uint64) {
	entries, lost = r.copied()
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(a.Recipient, b.Recipient), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Country, b.Country),
			cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Basis, b.Basis),
		)
	})
	return entries, lost
}

// copied does not let those who connect wait for those who sort or write.
func (r *Register) copied() (entries []Entry, lost uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries = make([]Entry, 0, len(r.entries))
	for _, entry := range r.entries {
		entries = append(entries, *entry)
	}
	return entries, r.lost
}
