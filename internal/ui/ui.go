// Package ui is the visitor's side of the gateway: the panel that asks, the page that shows and
// changes, the pages that answer, and the guard that holds a page's own scripts to the answer.
//
// Everything here works without JavaScript. A choice is a form sent by POST to [ChoicePath]:
//
//	choice   refuse | accept | save | allow | remove
//	purpose  with save, the ID of each purpose granted; the field repeats
//	service  with allow and remove, the ID of the one service that is meant, or
//	host     the host of a service that nobody knows
//	lang     the language the form was shown in
//	back     where the visitor was, as a request URI; to be checked before redirecting to it
//
// The panel's script sends its form itself and asks for application/json. The answer it expects is an
// [Answer]. Any other makes it send the form as a browser would, to be answered by a 303.
//
// Element ids, classes and paths are neutral on purpose: lists that hide consent panels would
// otherwise hide the way to withdraw as well.
package ui

import "time"

// The addresses at which the gateway serves what this package makes. Links and forms point there.
const (
	PagePath    = "/.privacy/"
	ChoicePath  = "/.privacy/choice"
	ReceiptPath = "/.privacy/receipt"
)

// Purpose is one thing a visitor may allow. For the built-in ones (necessary, functional, statistics,
// marketing) an empty Name or Description is filled in the visitor's language; an owner's own purpose
// brings its text with it.
type Purpose struct {
	ID, Name, Description string
	Required              bool     // always active, not up for choice
	Granted               bool     // by this visitor; shown on the page, never in the panel
	Own                   []Cookie // of the site itself, which no service below claims
	Services              []Service
}

// Service is a tool the site uses and the company that receives data through it.
type Service struct {
	Name    string
	Entity  string
	Country string // ISO 3166-1 alpha-2, shown in the visitor's language; anything else is shown as it is
	Cookies []Cookie
	Hosts   []string
	Basis   string // of a transfer to where the site's data do not go otherwise, as it is shown; "" without one
	Outside bool   // the site sends it no data, whoever accepts: it is named on the page, not in the panel
}

// Cookie is a cookie, or what is like it: a name, or the beginning of one followed by a star, and how long it is kept at most.
type Cookie struct {
	Name     string
	Lifetime time.Duration // 0 for the browser session
	Storage  bool          // it is kept in another storage of the browser than that of cookies
}

// Choice is what a visitor decided. ID is the receipt's number, empty when there is none.
type Choice struct {
	State        string // none, refused, partial, accepted or signal
	Given, Until time.Time
	ID           string
}
