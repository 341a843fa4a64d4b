package catalogue

import (
	"regexp"
	"strings"
	"testing"
)

// matches is the slow and plain reading of one entry.
func matches(c *Cookie, name string) bool {
	switch c.Match {
	case Prefix:
		return strings.HasPrefix(name, c.Name)
	case Pattern:
		return strings.HasPrefix(name, c.literal) && regexp.MustCompile(c.Name).MatchString(name)
	default:
		return name == c.Name
	}
}

func embeddedCatalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Parse(embedded)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Parse refuses unknown fields and purposes, entities without an explicit null, necessary services
// without an exempt class, duplicates, short names that are not distinctive and lifetimes it cannot
// read. What it cannot see is checked here.
func TestEmbeddedCatalogueHoldsItsInvariants(t *testing.T) {
	c := embeddedCatalogue(t)
	if len(c.services) < 300 {
		t.Fatalf("only %d services", len(c.services))
	}
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for i := range c.services {
		s := &c.services[i]
		if !id.MatchString(s.ID) {
			t.Errorf("id %q", s.ID)
		}
		if i > 0 && c.services[i-1].ID >= s.ID {
			t.Errorf("%s comes before %s: keep services sorted by id", c.services[i-1].ID, s.ID)
		}
		if len(s.Cookies) == 0 && len(s.Hosts) == 0 {
			t.Errorf("%s: nothing to recognise it by", s.ID)
		}
		checkCookies(t, s)
	}
}

func checkCookies(t *testing.T, s *Service) {
	for i := range s.Cookies {
		k := &s.Cookies[i]
		if k.Lifetime < 0 && k.Lifetime != Endless {
			t.Errorf("%s: %s lives %v", s.ID, k, k.Lifetime)
		}
		if k.ThirdParty && k.Script {
			t.Errorf("%s: scripts of the page cannot write the third-party cookie %s", s.ID, k)
		}
		for j := range s.Cookies[:i] {
			if o := &s.Cookies[j]; o.Match == Prefix && o.String() == k.String() && o.Storage == k.Storage {
				t.Errorf("%s: %s is there twice", s.ID, k)
			}
		}
	}
}

// A path may only relax what its host is, so that a path that is not understood is judged strictly.
func TestPathsAreNeverStricterThanTheirHost(t *testing.T) {
	c := embeddedCatalogue(t)
	for name, h := range c.hosts {
		for _, p := range c.pathsOf(h) {
			whole, ok := c.Host(name)
			if service := &c.services[p.service]; !ok || service.Purpose.Stricter(whole.Purpose) {
				t.Errorf("%s%s (%s) is stricter than its host", name, p.text, service.ID)
			}
		}
	}
}

// A name that a tracker also uses must not be kept as necessary by accident.
func TestNecessaryNamesAreNobodyElses(t *testing.T) {
	c := embeddedCatalogue(t)
	for i := range c.services {
		s := &c.services[i]
		for j := range s.Cookies {
			k := &s.Cookies[j]
			if s.Purpose != Necessary || !k.visible() || k.Match == Pattern {
				continue
			}
			if claim, ok := c.Cookie(k.Name); !ok || claim.Service.Purpose != Necessary {
				t.Errorf("%s of %s is %s by %v", k, s.ID, claim.Service.Purpose, claim.Service.ID)
			}
		}
	}
}
