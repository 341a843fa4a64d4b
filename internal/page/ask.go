package page

import "github.com/caddy-privacy/caddy-privacy/internal/weburl"

// Ask answers whether a page may contact an address. The address and its parts
// are valid until Ask returns.
type Ask func(address *weburl.URL) Answer

// Answer is what becomes of an address. The zero Answer refuses it.
type Answer struct {
	// OK says that it may be contacted.
	OK bool
	// Instead is where to load it from, when not from there: an address of the
	// site's own. Only where OK is set.
	Instead string
	// Held is the page that a frame shows as long as the address is refused, an
	// address of the site's own; empty for an empty frame.
	Held string
	// Known says that the address is that of a service which is known to load
	// scripts of its own, so that inline code with this address in it is taken
	// for the service's snippet.
	Known bool
}

var allowed = Answer{OK: true}

// Rules are what a page is held to.
type Rules struct {
	Ask     Ask
	Address *weburl.URL // of the page, absolute
}
