// Package disclosure decides what a site is told of its visitors: their network
// address, where they come from, and by what browsers can be told apart. It edits
// the header of a request on its way to the site.
package disclosure

import (
	"fmt"
	"net/http"
	"slices"
)

// Amount is how much of something a site is told.
type Amount string

// The amounts. The empty one is Full.
const (
	Full      Amount = "full"      // as the browser, or a proxy, sent it
	Truncated Amount = "truncated" // an address: its network, 16 bits of IPv4, 48 of IPv6
	Origin    Amount = "origin"    // a referrer on another site: the site alone
	Family    Amount = "family"    // a browser: its name and major version, its system
	First     Amount = "first"     // languages: the first one, without its region
	None      Amount = "none"      // nothing
)

// Rules say how much of each.
type Rules struct {
	Address   Amount // Full, Truncated or None
	Referrer  Amount // Full, Origin or None
	Browser   Amount // Full, Family or None
	Languages Amount // Full, First or None
}

// Check refuses amounts that mean nothing for what they are of.
func (r *Rules) Check() error {
	for _, one := range []struct {
		name   string
		amount Amount
		middle Amount
	}{
		{"client_address", r.Address, Truncated}, {"referer", r.Referrer, Origin}, {"user_agent", r.Browser, Family}, {"languages", r.Languages, First},
	} {
		if !slices.Contains([]Amount{"", Full, one.middle, None}, one.amount) {
			return fmt.Errorf("%s %q: write full, %s or none", one.name, one.amount, one.middle)
		}
	}
	return nil
}

// Everything tells whether nothing is held back.
func (r *Rules) Everything() bool {
	for _, a := range []Amount{r.Address, r.Referrer, r.Browser, r.Languages} {
		if a != "" && a != Full {
			return false
		}
	}
	return true
}

// Apply edits the header of a request to a host. Values are replaced, never changed
// in place.
func (r *Rules) Apply(h http.Header, host string) {
	switch r.Address {
	case Truncated:
		truncateAddresses(h)
	case None:
		dropAddresses(h)
	}
	reduce(h, "Referer", r.Referrer, func(value string) string { return originOf(value, host) })
	reduce(h, "User-Agent", r.Browser, familyOf)
	if r.Browser == Family || r.Browser == None {
		dropHints(h)
	}
	reduce(h, "Accept-Language", r.Languages, firstLanguage)
}

// reduce replaces the values of a field by what less says of them; nothing removes
// the field. An empty User-Agent stays, lest net/http write its own name.
func reduce(h http.Header, name string, a Amount, less func(string) string) {
	values := h[name]
	if a == "" || a == Full || len(values) == 0 {
		return
	}
	value := ""
	if a != None {
		value = less(values[0])
	}
	switch {
	case value != "":
		h[name] = []string{value}
	case name == "User-Agent":
		h[name] = []string{""}
	default:
		delete(h, name)
	}
}
