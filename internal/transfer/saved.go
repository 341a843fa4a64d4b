package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// saved is a register as it is kept over a restart. What are numbers in the
// program are words here, which mean the same to every version of it.
type saved struct {
	Version int         `json:"v"`
	Lost    uint64      `json:"lost,omitempty"`
	Lines   []savedLine `json:"lines,omitempty"`
}

type savedLine struct {
	Recipient string  `json:"recipient,omitempty"`
	Host      string  `json:"host,omitempty"`
	Country   Country `json:"country,omitempty"`
	Basis     Basis   `json:"basis,omitempty"`
	Outcome   string  `json:"outcome"`
	Reason    string  `json:"reason"`
	Database  string  `json:"database,omitempty"`
	First     int64   `json:"first"` // unix seconds
	Last      int64   `json:"last"`
	Count     uint64  `json:"count"`
}

const savedVersion = 1

// maxSaved bounds a saved register, in bytes: more than all its lines can take.
const maxSaved = maxEntries * 8000

// maxWord bounds the texts of a line that is read, in bytes.
const maxWord = 1000

var (
	errSavedLarge   = errors.New("the saved register of transfers is larger than any that was written")
	errSavedVersion = errors.New("the saved register of transfers is of another version of this module")
)

// Unsaved tells whether there are lines that were never saved, or, with counts,
// whether anything was counted since.
func (r *Register) Unsaved(counts bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.learnt || counts && r.counted
}

// Save returns the register as Load reads it. It then counts as saved.
func (r *Register) Save() []byte {
	r.mu.Lock()
	r.learnt, r.counted = false, false
	r.mu.Unlock()
	entries, lost := r.Snapshot()
	s := saved{Version: savedVersion, Lost: lost}
	for i := range entries {
		s.Lines = append(s.Lines, entries[i].saved())
	}
	text, _ := json.Marshal(s) // strings and numbers: it cannot fail
	return text
}

// SaveAgain says that what Save returned could not be kept.
func (r *Register) SaveAgain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counted = true
}

func (e *Entry) saved() savedLine {
	return savedLine{
		Recipient: e.Recipient, Host: e.Host, Country: e.Country, Basis: e.Basis, Outcome: e.Outcome.String(), Reason: e.Reason.String(),
		Database: e.Database, First: e.First.Unix(), Last: e.Last.Unix(), Count: e.Count,
	}
}

// Load adds what Save returned to what was counted since. Lines that this version
// cannot have written are left out.
func (r *Register) Load(text []byte) error {
	if len(text) > maxSaved {
		return errSavedLarge
	}
	var s saved
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("the saved register of transfers is damaged: %w", err)
	}
	if s.Version != savedVersion {
		return errSavedVersion
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost += s.Lost
	for i := range s.Lines {
		if at, ok := s.Lines[i].line(); ok {
			r.add(at, &s.Lines[i])
		}
	}
	return nil
}

// add counts a line that was read.
func (r *Register) add(at line, l *savedLine) {
	first, last := time.Unix(l.First, 0).UTC(), time.Unix(l.Last, 0).UTC()
	entry := r.enter(at, first)
	if entry == nil {
		r.lost += l.Count
		return
	}
	entry.Count += l.Count
	if first.Before(entry.First) {
		entry.First = first
	}
	if entry.Database == "" || last.After(entry.Last) {
		entry.Database, entry.Last = l.Database, last
	}
}

// line tells which line this is, and whether it can be one.
func (l *savedLine) line() (line, bool) {
	outcome, known1 := indexOf[Outcome](Outcomes, l.Outcome)
	reason, known2 := indexOf[Reason](Reasons, l.Reason)
	_, isCode := l.Country.index()
	ok := known1 && known2 && (isCode || l.Country == "") && (l.Basis == "" || slices.Contains(bases, l.Basis)) &&
		0 <= l.First && l.First <= l.Last && max(len(l.Recipient), len(l.Host), len(l.Database)) <= maxWord
	return line{l.Recipient, l.Host, l.Country, l.Basis, outcome, reason}, ok
}

// indexOf finds the value that a word stands for.
func indexOf[T interface {
	~uint8
	fmt.Stringer
}](number int, word string) (T, bool) {
	for value := range T(number) {
		if value.String() == word {
			return value, true
		}
	}
	return 0, false
}
