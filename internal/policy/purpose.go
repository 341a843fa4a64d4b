package policy

import (
	"fmt"
	"regexp"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Purpose is a reason for which the site stores or reads something in the
// visitor's browser. Every cookie serves exactly one.
type Purpose struct {
	// ID names the purpose in rules, records and headers.
	ID string
	// Name and Description are shown to visitors. They are empty for the four
	// built-in purposes, whose texts come with the translations.
	Name        string
	Description string
}

// purposeIndex is the position of a purpose in a policy, and its bit in a Set.
type purposeIndex uint8

// The built-in purposes, in the order of the catalogue's strictness.
const (
	necessary purposeIndex = iota
	functional
	statistics
	marketing
)

// maxPurposes is what a Set can hold.
const maxPurposes = 64

var builtins = []Purpose{
	{ID: string(catalogue.Necessary)},
	{ID: string(catalogue.Functional)},
	{ID: string(catalogue.Statistics)},
	{ID: string(catalogue.Marketing)},
}

// builtin finds the place of a catalogue purpose; what is not known is judged
// as marketing, the strictest.
func builtin(p catalogue.Purpose) purposeIndex {
	switch p {
	case catalogue.Necessary:
		return necessary
	case catalogue.Functional:
		return functional
	case catalogue.Statistics:
		return statistics
	default:
		return marketing
	}
}

var purposeID = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// withOwn appends the owner's purposes to the built-in ones.
func withOwn(own []Purpose) ([]Purpose, error) {
	all := append(make([]Purpose, 0, len(builtins)+len(own)), builtins...)
	for _, p := range own {
		if !purposeID.MatchString(p.ID) {
			return nil, fmt.Errorf("purpose %q: write a short name of lower-case letters, digits and underscores, such as newsletter", p.ID)
		}
		if indexOf(all, p.ID) >= 0 {
			return nil, fmt.Errorf("purpose %q is defined twice or is built in: choose another name", p.ID)
		}
		if p.Name == "" || p.Description == "" {
			return nil, fmt.Errorf("purpose %q: give it a name and a description, visitors must be told what they agree to", p.ID)
		}
		all = append(all, p)
	}
	if len(all) > maxPurposes {
		return nil, fmt.Errorf("%d purposes of your own: at most %d are possible, and visitors read no more than a handful", len(own), maxPurposes-len(builtins))
	}
	return all, nil
}

func indexOf(purposes []Purpose, id string) int {
	for i := range purposes {
		if purposes[i].ID == id {
			return i
		}
	}
	return -1
}

// Set is a set of a policy's purposes.
type Set uint64

// Has tells whether the purpose at i is in the set.
func (s Set) Has(i purposeIndex) bool { return s&(1<<i) != 0 }

// Set translates purpose names into a Set. Names that the policy does not know
// grant nothing.
func (p *Policy) Set(ids []string) Set {
	var s Set
	for _, id := range ids {
		if i := indexOf(p.purposes, id); i >= 0 {
			s |= 1 << i
		}
	}
	return s
}

// All is the set of every purpose of the policy.
func (p *Policy) All() Set { return 1<<len(p.purposes) - 1 }

// IDs names the purposes in a set, necessary always among them.
func (p *Policy) IDs(s Set) []string {
	s |= 1 << necessary
	var ids []string
	for i := range p.purposes {
		if s.Has(purposeIndex(i)) {
			ids = append(ids, p.purposes[i].ID)
		}
	}
	return ids
}
