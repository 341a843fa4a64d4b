package policy

import (
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Script is what the in-page guard must know to decide as the policy does
// about cookies that scripts write. Names are separated by spaces; one that
// ends in `*` stands for all that begin so.
type Script struct {
	Drop  string // not to be written
	Keep  string // may keep a lifetime, cut to the bound
	Other Action // for every other name
}

// Standing is all of a visitor that decides what scripts may write. Visitors who
// made the same choice have the same.
type Standing struct {
	granted Set
	other   Action
}

// Standing tells that of a visitor.
func (p *Policy) Standing(v *Visitor) Standing {
	return Standing{v.Granted, p.unknownAction(v)}
}

// Script works out the guard's rules. It goes through the whole catalogue, which
// takes about a millisecond: keep the result.
func (p *Policy) Script(st Standing) Script {
	var drop, keep []string
	sort := func(name string, i purposeIndex, persistent bool) {
		allowed := i == necessary || st.granted.Has(i)
		switch {
		case !allowed:
			drop = append(drop, name)
		case st.other == Drop, st.other == Session && persistent:
			keep = append(keep, name)
		}
	}
	for _, r := range p.written {
		sort(r.Name, purposeIndex(indexOf(p.purposes, r.Purpose)), true)
	}
	for _, s := range p.known.Services() {
		for i := range s.Cookies {
			c := &s.Cookies[i]
			name, ok := scriptName(c)
			if !ok || p.overruled(name) {
				continue
			}
			claim, _ := p.known.Cookie(strings.TrimSuffix(name, "*"))
			if claim.Service != s {
				continue // a stricter service claims the name as well
			}
			if s.Purpose == catalogue.Necessary && !c.Script {
				continue // only servers write it
			}
			sort(name, builtin(s.Purpose), c.Lifetime != 0)
		}
	}
	slices.Sort(drop)
	slices.Sort(keep)
	return Script{Drop: join(drop), Keep: join(keep), Other: st.other}
}

// scriptName is the name of a first-party cookie as the guard reads it. Regular
// expressions are left to the gateway, which sees the cookie at the next request.
func scriptName(c *catalogue.Cookie) (string, bool) {
	if c.ThirdParty || c.Storage != "" {
		return "", false
	}
	switch c.Match {
	case catalogue.Exact:
		return c.Name, true
	case catalogue.Prefix:
		return c.Name + "*", true
	default:
		return "", false
	}
}

// overruled tells whether the owner has a rule for exactly this pattern or one
// that covers it; the guard is then told the owner's.
func (p *Policy) overruled(name string) bool {
	if p.rules == nil {
		return false
	}
	_, ok := p.rules.Longest(strings.TrimSuffix(name, "*"))
	return ok
}

func join(names []string) string {
	return strings.Join(slices.Compact(names), " ")
}
