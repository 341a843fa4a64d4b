// Package catalogue knows the services that web sites use: what they keep in the browser and under
// which name, which hosts they answer from, what for, who receives the data and in which country.
//
// The knowledge is data: catalogue.json, reviewed and embedded. What it does not
// know stays unknown; nothing is guessed to be harmless. Where two services use the same
// name or host, the stricter purpose wins.
package catalogue

import (
	_ "embed"
	"regexp"
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
	sorted   []*Service // by name
	names    *Index[*slot]
	hosts    map[string]*host
}

// slot holds the claims that share one whole name or one beginning of a name.
type slot struct {
	claims   []Claim   // the strictest first
	patterns []pattern // run only for names that begin like them
}

type pattern struct {
	claim Claim
	expr  *regexp.Regexp
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
	var best Claim
	for s := range c.names.All(name) {
		if len(s.claims) > 0 {
			best = stricter(best, s.claims[0])
		}
		for i := range s.patterns {
			if p := &s.patterns[i]; p.expr.MatchString(name) {
				best = stricter(best, p.claim)
			}
		}
	}
	return best, best.Service != nil
}

// Claims returns every claim on a first-party cookie name, the strictest purpose first.
func (c *Catalogue) Claims(name string) []Claim {
	var all []Claim
	for s := range c.names.All(name) {
		all = append(all, s.claims...)
		for _, p := range s.patterns {
			if p.expr.MatchString(name) {
				all = append(all, p.claim)
			}
		}
	}
	slices.SortStableFunc(all, byStrictness)
	return all
}

// Services returns all services, sorted by name. The slice is the caller's, the services are not.
func (c *Catalogue) Services() []*Service { return slices.Clone(c.sorted) }

// stricter returns b if its purpose is stricter than a's or there is no a.
func stricter(a, b Claim) Claim {
	if a.Service == nil || b.Service.Purpose.Stricter(a.Service.Purpose) {
		return b
	}
	return a
}

func byStrictness(a, b Claim) int {
	return b.Service.Purpose.strictness() - a.Service.Purpose.strictness()
}

// compile builds what look-ups need from c.services.
func (c *Catalogue) compile() {
	slots := make(map[string]*slot, 2048)
	for i := range c.services {
		service := &c.services[i]
		c.sorted = append(c.sorted, service)
		for j := range service.Cookies {
			if cookie := &service.Cookies[j]; cookie.visible() {
				addClaim(slots, Claim{service, cookie})
			}
		}
	}
	for _, s := range slots {
		slices.SortStableFunc(s.claims, byStrictness)
	}
	slices.SortFunc(c.sorted, func(a, b *Service) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	c.names = NewIndex(slots)
	c.hosts = indexHosts(c.services)
}

func addClaim(slots map[string]*slot, claim Claim) {
	key := claim.Cookie.String()
	s := slots[key]
	if s == nil {
		s = new(slot)
		slots[key] = s
	}
	if claim.Cookie.Match == Pattern {
		s.patterns = append(s.patterns, pattern{claim, regexp.MustCompile(claim.Cookie.Name)})
		return
	}
	s.claims = append(s.claims, claim)
}

// visible reports whether a gateway in front of the site meets the cookie.
func (c *Cookie) visible() bool { return !c.ThirdParty && c.Storage == InCookie }
