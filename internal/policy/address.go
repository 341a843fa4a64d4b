package policy

import (
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// Border says where data may go. It decides for everybody, whatever visitors agree
// to.
type Border interface {
	// Passes tells whether browsers may be led to a host, which is that of a service,
	// or of nobody known if that is nil. It is asked for every address that a page
	// loads from, and must neither wait nor allocate.
	Passes(host string, service *catalogue.Service) bool
}

// Address decides about whether a page may load something from a host, or report to
// it. host is in ASCII and lower case, without port and final dot, as
// weburl.Parse gives it; path is that of the address. site is the registrable
// domain that the page belongs to: its hosts are the site itself, unless the
// owner says otherwise. A host that nobody knows is there for marketing, the
// strictest purpose. What lies beyond the border is refused whoever agreed, and so
// is what the part of the site forbids that the visitor is at. It does not allocate.
func (p *Policy) Address(site, host, path string, v *Visitor) Decision {
	c, own := p.classifyHost(site, host, path)
	if own {
		return Decision{Reason: Required, Purpose: &p.purposes[c.purpose]}
	}
	return p.reach(host, c, v)
}

// Service decides about a known service as Address does about its hosts, as far as the
// owner has no rule for those.
func (p *Policy) Service(s *catalogue.Service, v *Visitor) Decision {
	return p.reach("", class{purpose: builtin(s.Purpose), known: true, service: s}, v)
}

// Agreed tells whether a visitor has agreed to a service, and data may go there. One that is
// necessary elsewhere, and asked for by nobody here, takes a yes to comfort.
func (p *Policy) Agreed(s *catalogue.Service, v *Visitor) bool {
	d := p.Service(s, v)
	return d.Action == Allow && (d.Reason == Granted || v.Granted.Has(functional))
}

// reach decides about a host of others.
func (p *Policy) reach(host string, c class, v *Visitor) Decision {
	d := Decision{Assumed: !c.known, Purpose: &p.purposes[c.purpose], Service: c.service}
	if reason, ok := v.Route.forbids(c.purpose); ok {
		d.Action, d.Reason = Drop, reason
		return d
	}
	switch {
	case p.border != nil && !p.border.Passes(host, c.service):
		d.Action, d.Reason = Drop, Outside
	case c.purpose == necessary:
		d.Reason = Required
	case v.State == Ended:
		d.Action, d.Reason = Drop, Expired
	case v.Granted.Has(c.purpose), v.allows(c.service), c.service == nil && v.allowsHost(host):
		d.Reason = Granted
	case !c.known:
		d.Action, d.Reason = Drop, Unrecognised
	default:
		d.Action, d.Reason = Drop, v.refusal()
	}
	return d
}

// classifyHost finds what a host is there for: by the owner's rules, because it
// is the site's own, or by the catalogue.
func (p *Policy) classifyHost(site, host, path string) (c class, own bool) {
	for name := host; len(p.hosts) > 0 && name != ""; _, name, _ = strings.Cut(name, ".") {
		if rule, ok := p.hosts[name]; ok {
			return class{purpose: rule.purpose, known: true}, rule.own || rule.purpose == necessary && within(host, site)
		}
	}
	if within(host, site) {
		return class{purpose: necessary, known: true}, true
	}
	if service, ok := p.known.Address(host, path); ok {
		return class{purpose: builtin(service.Purpose), known: true, service: service}, false
	}
	return class{purpose: marketing}, false
}

// within tells whether a host is a domain or lies below it.
func within(host, domain string) bool {
	rest, ok := strings.CutSuffix(host, domain)
	return ok && domain != "" && (rest == "" || rest[len(rest)-1] == '.')
}

// allows tells whether the visitor agreed to this very service.
func (v *Visitor) allows(s *catalogue.Service) bool {
	return len(v.Services) > 0 && s != nil && slices.Contains(v.Services, s.ID)
}

// allowsHost tells whether the visitor agreed to this very host, or to one above it.
func (v *Visitor) allowsHost(host string) bool {
	return slices.ContainsFunc(v.Services, func(granted string) bool {
		return within(host, granted) && IsHost(granted)
	})
}

// IsHost tells whether a visitor who agreed to a single thing agreed to a host
// that nobody knows, rather than to a service of the catalogue: identifiers of
// services hold no dot. Of the hosts that the URL Standard admits, only those
// count that are plain enough to be written in any header field: it admits quotes,
// commas and semicolons too.
func IsHost(granted string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyz0123456789-_."
	return strings.Contains(granted, ".") && strings.Trim(granted, plain) == ""
}

// Hosts lists where a visitor's pages may load from beside the site itself, for
// a Content-Security-Policy: a host stands for all below it too, a host with a
// path, such as www.google.com/maps, for that path and what is below the path.
// Each is one that Address allows. all is true when Address refuses nothing, which
// takes a policy without a border. Of the services that a purpose opens, those count that are passed.
//
// Such a list knows no exceptions. What is known apart below a host that is
// allowed, as analytics.twitter.com is below twitter.com, it cannot keep out: that
// is left to those who ask Address.
func (p *Policy) Hosts(v *Visitor, used []*catalogue.Service) (hosts []string, all bool) {
	if p.border == nil && v.Route == OpenRoute && p.unbound(v) {
		return nil, true
	}
	add := func(entries ...string) {
		for _, entry := range entries {
			host, path, _ := strings.Cut(entry, "/")
			if d := p.Address("", host, "/"+path, v); d.Action == Allow {
				hosts = append(hosts, entry)
			}
		}
	}
	for host := range p.hosts {
		add(host)
	}
	for _, service := range used {
		add(service.Hosts...)
	}
	for _, granted := range v.Services {
		if IsHost(granted) {
			add(granted)
		} else if service, ok := p.known.Service(granted); ok {
			add(service.Hosts...)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts), false
}

// unbound tells whether a visitor agreed to every purpose that a host can have.
// To have agreed to marketing, and so to all that is unknown, is not enough: no
// list could then say what he refused.
func (p *Policy) unbound(v *Visitor) bool {
	need := Set(1<<functional | 1<<statistics | 1<<marketing)
	for _, rule := range p.hosts {
		need |= 1 << rule.purpose
	}
	return v.State != Ended && need&^(v.Granted|1<<necessary) == 0
}
