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
	sorted   []*Service      // by name
	names    *Index[[]Claim] // that share one whole name or one beginning of a name, the strictest first
	hosts    map[string]host
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
	for claims := range c.names.All(name) {
		for i := range claims {
			if claims[i].Cookie.matches(name) {
				best = stricter(best, claims[i])
				break
			}
		}
	}
	return best, best.Service != nil
}

// Claims returns every claim on a first-party cookie name, the strictest purpose first.
func (c *Catalogue) Claims(name string) []Claim {
	var all []Claim
	for claims := range c.names.All(name) {
		for _, claim := range claims {
			if claim.Cookie.matches(name) {
				all = append(all, claim)
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
	claims := make(map[string][]Claim, 2048)
	for i := range c.services {
		service := &c.services[i]
		c.sorted = append(c.sorted, service)
		for j := range service.Cookies {
			if cookie := &service.Cookies[j]; cookie.visible() {
				key := cookie.String()
				claims[key] = append(claims[key], Claim{service, cookie})
			}
		}
	}
	for _, shared := range claims {
		slices.SortStableFunc(shared, byStrictness)
	}
	slices.SortFunc(c.sorted, func(a, b *Service) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	c.names = NewIndex(packed(claims))
	c.hosts = indexHosts(c.services)
}

// matches completes the search by the beginning of a name for the few cookies that are known by a
// pattern.
func (c *Cookie) matches(name string) bool { return c.expr == nil || c.expr.MatchString(name) }

// visible reports whether a gateway in front of the site meets the cookie.
func (c *Cookie) visible() bool { return !c.ThirdParty && c.Storage == InCookie }
