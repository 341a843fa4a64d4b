// Package catalogue knows the services that web sites use: what they keep in the browser and under
// which name, which hosts they answer from, what for, who receives the data and in which country.
//
// The knowledge is data: catalogue.json, reviewed and embedded. What it does not
// know stays unknown; nothing is guessed to be harmless. Where two services use the same
// name or host, the stricter purpose wins.
package catalogue

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed catalogue.json
var embedded []byte

// Catalogue answers which service a cookie or a host belongs to. It is never changed after Parse and
// may be shared.
type Catalogue struct {
	services []Service
	sorted   []*Service   // by name
	names    *Index[span] // of claims, the strictest first and the most particular first among equals
	entries  *Index[span] // likewise, of what is kept in other storages than that of cookies
	claims   []claim
	hosts    map[string]host
	owners   []uint16 // of hosts
	paths    []path   // of hosts
}

// Default returns the embedded catalogue, compiled at the first call.
func Default() *Catalogue { return compiled() }

var compiled = sync.OnceValue(func() *Catalogue {
	c, err := Parse(embedded)
	if err != nil {
		panic(err) // a fault of the build, which the tests of the data exclude
	}
	return c
})

// Cookie returns the service that claims a first-party cookie name, the one with the strictest
// purpose if there are several. Third-party cookies are never matched: a site cannot receive them,
// so the same name is the site's own.
func (c *Catalogue) Cookie(name string) (Claim, bool) {
	claims, _ := c.names.Longest(name)
	for _, claim := range c.claims[claims.from:claims.to] {
		if cookie := c.cookie(claim); cookie.matches(name) {
			return Claim{&c.services[claim.service], cookie}, true
		}
	}
	return Claim{}, false
}

// Entry returns the service that claims the name of an entry of localStorage or sessionStorage, or of a
// database, of the site's own pages: the one with the strictest purpose. Scripts keep the same names
// here and there, so those of cookies count too.
func (c *Catalogue) Entry(name string) (Claim, bool) {
	asCookie, known := c.Cookie(name)
	claims, _ := c.entries.Longest(name)
	for _, claim := range c.claims[claims.from:claims.to] {
		service, entry := &c.services[claim.service], c.cookie(claim)
		switch {
		case !entry.matches(name):
		case known && asCookie.Service.Purpose.Stricter(service.Purpose):
			return asCookie, true
		default:
			return Claim{service, entry}, true
		}
	}
	return asCookie, known
}

// Claims returns every claim on a first-party cookie name, the strictest purpose first.
func (c *Catalogue) Claims(name string) []Claim {
	var all []Claim
	claims, _ := c.names.Longest(name)
	for _, claim := range c.claims[claims.from:claims.to] {
		if cookie := c.cookie(claim); cookie.matches(name) {
			all = append(all, Claim{&c.services[claim.service], cookie})
		}
	}
	return all
}

func (c *Catalogue) cookie(claim claim) *Cookie {
	return &c.services[claim.service].Cookies[claim.cookie]
}

// Service returns the service with an identifier.
func (c *Catalogue) Service(id string) (*Service, bool) {
	for i := range c.services {
		if c.services[i].ID == id {
			return &c.services[i], true
		}
	}
	return nil, false
}

// Services returns all services, sorted by name. The slice is the caller's, the services are not.
func (c *Catalogue) Services() []*Service { return slices.Clone(c.sorted) }

// claim is a Claim by its place in the catalogue, without pointers.
type claim struct{ service, cookie uint16 }

// span is a part of a slice.
type span struct{ from, to uint32 }

func appendTo[E any](all *[]E, part []E) span {
	from := len(*all)
	*all = append(*all, part...)
	return span{uint32(from), uint32(len(*all))}
}

// compile builds what look-ups need from c.services.
func (c *Catalogue) compile() {
	cookies, entries := make(map[string][]claim, 2048), make(map[string][]claim)
	for i := range c.services {
		service := &c.services[i]
		c.sorted = append(c.sorted, service)
		for j := range service.Cookies {
			cookie, patterns := &service.Cookies[j], cookies
			if cookie.Storage != InCookie {
				patterns = entries
			}
			if text := cookie.String(); !cookie.ThirdParty {
				patterns[text] = append(patterns[text], claim{uint16(i), uint16(j)})
			}
		}
	}
	slices.SortFunc(c.sorted, func(a, b *Service) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	c.names, c.entries = c.indexClaims(cookies), c.indexClaims(entries)
	c.indexHosts()
}

// indexClaims gives each pattern its own claims and those of all shorter patterns that match where
// it does.
func (c *Catalogue) indexClaims(patterns map[string][]claim) *Index[span] {
	spans := make(map[string]span, len(patterns))
	for text, own := range patterns {
		all := slices.Clone(own)
		beginning, begins := strings.CutSuffix(text, "*")
		for n := len(beginning); n >= 0; n-- {
			if n < len(beginning) || !begins {
				all = append(all, patterns[beginning[:n]+"*"]...)
			}
		}
		slices.SortStableFunc(all, func(a, b claim) int {
			return c.byStrictness(a.service, b.service)
		})
		spans[text] = appendTo(&c.claims, all)
	}
	return NewIndex(spans)
}

// matches completes the search by the beginning of a name for the few cookies that are known by a
// pattern.
func (c *Cookie) matches(name string) bool { return c.expr == nil || c.expr.MatchString(name) }

// visible reports whether a gateway in front of the site meets the cookie.
func (c *Cookie) visible() bool { return !c.ThirdParty && c.Storage == InCookie }
