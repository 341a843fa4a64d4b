package caddymodule

import "github.com/caddyserver/caddy/v2/modules/caddyhttp"

// Purpose is a reason of your own for which your site uses cookies.
type Purpose struct {
	// ID names the purpose in rules: lower-case letters, digits, underscores.
	ID string `json:"id"`
	// Name is the title that visitors read.
	Name string `json:"name"`
	// Description tells visitors in a sentence what it does.
	Description string `json:"description"`
}

// CookieRule assigns cookies to a purpose, and what scripts keep under the same
// names in localStorage, sessionStorage or as databases.
type CookieRule struct {
	// Name of the cookie. With a star at its end it stands for all names that begin so.
	Name string `json:"name"`
	// Purpose is the ID of one of the site's purposes.
	Purpose string `json:"purpose"`
}

// HostRule assigns a host to a purpose.
type HostRule struct {
	// Name of the host; it stands for all hosts below it too.
	Name string `json:"name"`
	// Purpose is the ID of one of the site's purposes.
	Purpose string `json:"purpose"`
}

// Controller is the person or company that decides what personal data are used for.
type Controller struct {
	// Name of the person or company.
	Name string `json:"name"`
	// Address is the postal address. Default: empty.
	Address string `json:"address,omitempty"`
	// Contact is an e-mail address or a page for questions on personal data. Default: empty.
	Contact string `json:"contact,omitempty"`
	// Country is the two-letter code of the member state. Default: empty.
	Country string `json:"country,omitempty"`
}

// Pages says which pages the gateway may change, and where less loads than visitors
// have accepted.
type Pages struct {
	// Except lists paths, as in the `path` matcher, whose pages pass as the site
	// wrote them, such as the administration of an application. Their cookies
	// are governed all the same.
	Except caddyhttp.MatchPath `json:"except,omitempty"`

	// Confidential lists paths on whose pages nothing loads from others, whatever
	// visitors have accepted, such as pages about health. Default: none.
	Confidential caddyhttp.MatchPath `json:"confidential,omitempty"`

	// Unprofiled lists paths on whose pages nothing loads that is there for marketing,
	// whatever visitors have accepted, such as those about politics. Default: none.
	Unprofiled caddyhttp.MatchPath `json:"unprofiled,omitempty"`
}

// lists are the options that list paths, by name.
func (p *Pages) lists() map[string]*caddyhttp.MatchPath {
	return map[string]*caddyhttp.MatchPath{"except": &p.Except, "confidential": &p.Confidential, "unprofiled": &p.Unprofiled}
}
