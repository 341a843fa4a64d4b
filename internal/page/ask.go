package page

import (
	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// Ask answers whether a page may contact an address. The address and its parts
// are valid until Ask returns.
type Ask func(address *weburl.URL) Answer

// Answer is what becomes of an address. The zero Answer refuses it.
type Answer struct {
	// OK says that it may be contacted.
	OK bool
	// Instead is where the site itself has what is at an address that is refused.
	// It is loaded from there where the site's own policies let the element load
	// the address.
	Instead string
	// Service is the known service behind an address that is refused: letters,
	// digits and hyphens. Inline code that loads from it is taken for its snippet.
	Service string
}

var allowed = Answer{OK: true}

// Rules are what a page is held to.
type Rules struct {
	Ask     Ask         // nil: nothing is refused
	Address *weburl.URL // of the page, absolute
	// Own says that the site's own addresses are asked about too, instead of being
	// taken for allowed at first sight.
	Own bool
	// Fill says that the scripts of other consent tools do not run, so that the
	// boxes that they would fill with frames are filled here.
	Fill bool
	// Waiting is the path of the page on this site that a frame shows as long as its
	// own is refused. It is asked for with ?service= or, where nobody knows the
	// service, ?host=. Frames stay empty without it.
	Waiting string
	// Answers are those that were given to visitors who stand alike, on pages of the
	// same host. With nil, everything is asked anew.
	Answers *Answers
	// Now is in unix seconds; what was answered in another minute is asked again.
	Now int64
	// Grants answers whether the visitor agreed to what a tag waits for that is
	// marked for another consent tool. With nil, such tags stay as they are.
	Grants func(dialect.Demand) bool
	// Policies are the site's own, as its header fields say them. Those in meta
	// elements of the page are added to them.
	Policies csp.Policies
	// Forms are those for which the gateway asks a proof. With nil, no form is looked at.
	Forms *Forms
	// Site is told what the page does with the site's own. It may be nil.
	Site Site
}

// Site is what a page has beside its markup.
type Site interface {
	// Take notes that the page loads Instead.
	Take(instead string)
	// Policy returns the Content-Security-Policy of a meta element as it is to
	// stand in the page.
	Policy(content string) string
}
