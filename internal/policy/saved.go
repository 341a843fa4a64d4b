package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// saved is an inventory as it is kept over a restart. What names are there for
// is saved too, but only to be shown until Judge decides.
type saved struct {
	Version int         `json:"v"`
	Tagged  int64       `json:"tagged_at,omitempty"` // unix seconds
	Cookies []savedName `json:"cookies,omitempty"`
	Hosts   []savedName `json:"hosts,omitempty"`
	Storage []savedName `json:"storage,omitempty"`
	Leads   []savedName `json:"leads,omitempty"`
	Forms   []savedName `json:"forms,omitempty"`
}

type savedName struct {
	Name     string          `json:"name"`
	Purpose  string          `json:"purpose,omitempty"`
	Service  string          `json:"service,omitempty"` // its ID
	Also     []string        `json:"also,omitempty"`
	Reliable bool            `json:"reliable,omitempty"`
	First    int64           `json:"first"` // unix seconds
	Last     int64           `json:"last"`
	Set      bool            `json:"set,omitempty"`
	Asked    int64           `json:"asked,omitempty"` // seconds
	Given    int64           `json:"given,omitempty"`
	Counts   [Actions]uint64 `json:"counts"`
}

const savedVersion = 1

// maxSaved bounds a saved inventory, in bytes: a thousand, which no entry reaches,
// for each of all the names there can be.
const maxSaved = int(kinds) * maxNames * 1000

var (
	errLarge   = errors.New("the saved inventory is larger than any that was written")
	errVersion = errors.New("the saved inventory is of another version of this module")
)

// kind lists the names of a kind.
func (s *saved) kind(kind Kind) *[]savedName {
	return [...]*[]savedName{CookieKind: &s.Cookies, HostKind: &s.Hosts, StorageKind: &s.Storage, LeadKind: &s.Leads, FormKind: &s.Forms}[kind]
}

// Save returns the inventory as ReadInventory reads it. It then counts as saved.
func (i *Inventory) Save() []byte {
	i.learnt.Store(false)
	i.counted.Store(false)
	s := saved{Version: savedVersion, Tagged: i.tagged.Load()}
	for kind := range kinds {
		for _, seen := range i.Sightings(kind) {
			*s.kind(kind) = append(*s.kind(kind), seen.saved())
		}
	}
	text, _ := json.Marshal(s) // strings and numbers: it cannot fail
	return text
}

// Unsaved tells whether a name, or what it is there for, was learnt since the
// inventory was saved, or, with counts, whether anything was counted.
func (i *Inventory) Unsaved(counts bool) bool {
	return i.learnt.Load() || counts && i.counted.Load()
}

// Lost says that what Save returned could not be kept.
func (i *Inventory) Lost() { i.counted.Store(true) }

func (s *Sighting) saved() savedName {
	n := savedName{
		Name: s.Name, Purpose: s.Purpose, Reliable: s.Reliable, First: s.First.Unix(), Last: s.Last.Unix(),
		Set: s.Set, Asked: int64(s.Asked / time.Second), Given: int64(s.Given / time.Second),
		Counts: [Actions]uint64{Allow: s.Allowed, Session: s.Limited, Drop: s.Dropped},
	}
	if s.Service != nil {
		n.Service = s.Service.ID
	}
	for _, service := range s.Also {
		n.Also = append(n.Also, service.ID)
	}
	return n
}

// ReadInventory reads what Save returned. Services that the catalogue does not
// know any more are left out, and so are names that would not be kept today.
func ReadInventory(text []byte, known *catalogue.Catalogue) (*Inventory, error) {
	if len(text) > maxSaved {
		return nil, errLarge
	}
	var s saved
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("the saved inventory is damaged: %w", err)
	}
	if s.Version != savedVersion {
		return nil, errVersion
	}
	i := new(Inventory)
	i.tagged.Store(s.Tagged)
	for kind := range kinds {
		i.names[kind] = make(map[string]*sighting)
		for _, n := range *s.kind(kind) {
			if len(i.names[kind]) < maxNames && n.fits(kind) {
				i.names[kind][n.Name] = n.sighting(known)
			}
		}
	}
	i.services = i.used()
	return i, nil
}

// fits tells whether this could have been noted: what was written by this program
// always does.
func (n *savedName) fits(kind Kind) bool {
	const century = 100 * 366 * 24 * 60 * 60
	var buf [maxName]byte
	return string(keep(buf[:0], kind, n.Name)) == n.Name && n.First >= 0 &&
		n.Asked >= 0 && n.Asked < century && n.Given >= 0 && n.Given <= n.Asked
}

func (n *savedName) sighting(known *catalogue.Catalogue) *sighting {
	s := &sighting{reliable: n.Reliable, first: n.First}
	for _, id := range slices.Concat([]string{n.Service}, n.Also) {
		switch service, ok := known.Service(id); {
		case !ok || s.service == service || slices.Contains(s.also, service):
		case s.service == nil:
			s.service = service
		default:
			s.also = append(s.also, service)
		}
	}
	if purposeID.MatchString(n.Purpose) && (s.service != nil || n.Service == "") {
		s.purpose = n.Purpose
	}
	s.last.Store(max(n.First, n.Last))
	s.asked.Store(notSet)
	if n.Set {
		s.asked.Store(n.Asked)
		s.given.Store(n.Given)
	}
	for action := range n.Counts {
		s.counts[action].Store(n.Counts[action])
	}
	return s
}
