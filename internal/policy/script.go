package policy

import (
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Script is what the in-page guard must know to decide as the policy does
// about what scripts store: cookies, and by the same names the entries of
// localStorage and sessionStorage, and databases. Names are separated by spaces;
// one that ends in `*` stands for all that begin so.
type Script struct {
	Drop     string   // not to be stored, and to be deleted
	Keep     string   // may last, cut to the bound
	Other    Action   // for every other name
	Granted  []string // purposes, necessary among them
	Services []string // granted one by one
}

// Standing is all of a visitor that decides what scripts may store and load. Visitors who
// made the same choice have the same, in the same part of a site.
type Standing struct {
	granted  Set
	services string // granted one by one, separated by spaces
	other    Action
	route    Route
}

// Standing tells that of a visitor.
func (p *Policy) Standing(v *Visitor) Standing {
	return Standing{v.Granted, strings.Join(v.Services, " "), p.unknownAction(v), v.Route}
}

// Script works out the guard's rules. It goes through the whole catalogue, which
// takes about a millisecond: keep the result.
func (p *Policy) Script(st Standing) Script {
	var drop, keep []string
	sort := func(name string, allowed, persistent bool) {
		switch {
		case !allowed:
			drop = append(drop, name)
		case st.other == Drop, st.other == Session && persistent:
			keep = append(keep, name)
		}
	}
	for _, r := range p.written {
		sort(r.Name, st.passes(purposeIndex(indexOf(p.purposes, r.Purpose))), true)
	}
	alone := strings.Fields(st.services)
	for _, s := range p.known.Services() {
		allowed := st.passes(builtin(s.Purpose)) || slices.Contains(alone, s.ID)
		for i := range s.Cookies {
			c := &s.Cookies[i]
			if name, ok := p.scriptName(s, c); ok {
				sort(name, allowed, c.Lifetime != 0)
			}
		}
	}
	slices.Sort(drop)
	slices.Sort(keep)
	return Script{Drop: join(drop), Keep: join(keep), Other: st.other, Granted: p.IDs(st.granted), Services: alone}
}

func (st Standing) passes(i purposeIndex) bool { return i == necessary || st.granted.Has(i) }

// scriptName is the name, as the guard reads it, of something that scripts on
// the site's pages store for a service and that no rule of the owner's and no
// stricter service claims. Regular expressions are left to the gateway, which
// sees the cookie at the next request.
func (p *Policy) scriptName(s *catalogue.Service, c *catalogue.Cookie) (string, bool) {
	if c.ThirdParty || c.Match == catalogue.Pattern || p.overruled(c.Name) {
		return "", false
	}
	if c.Storage == catalogue.InCookie {
		if claim, _ := p.known.Cookie(c.Name); claim.Service != s {
			return "", false
		}
		if s.Purpose == catalogue.Necessary && !c.Script {
			return "", false // only servers write it
		}
	}
	return c.String(), true
}

// overruled tells whether the owner has a rule for exactly this name, or this
// beginning of names, or one that covers it; the guard is then told the owner's.
func (p *Policy) overruled(name string) bool {
	if p.rules == nil {
		return false
	}
	_, ok := p.rules.Longest(name)
	return ok
}

func join(names []string) string {
	return strings.Join(slices.Compact(names), " ")
}
