package caddymodule

import (
	"errors"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

func parseGateway(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	g := new(Gateway)
	return g, g.UnmarshalCaddyfile(h.Dispenser)
}

// UnmarshalCaddyfile sets up the handler from Caddyfile tokens. Syntax:
//
//	privacy [<matcher>] {
//	    mode             enforce|observe
//	    consent_lifetime <duration>
//	    unknown_cookies  block|session|allow
//	    cookie           <name> <purpose>
//	    host             <name> <purpose>
//	    own_hosts        <names...>
//	    mirror           on|off
//	    consent_tool     keep|replace
//	    purpose <id> {
//	        name        <text>
//	        description <text>
//	    }
//	    controller <name> {
//	        address <text>
//	        contact <text>
//	        country <code>
//	    }
//	    language         <code>
//	    revision         <text>
//	    share_subdomains
//	    pages {
//	        except <paths...>
//	    }
//	}
func (g *Gateway) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume directive name
	if d.NextArg() {
		return d.Errf("privacy takes no argument, but found %q: write its options in a block, { … }", d.Val())
	}
	p := gatewayParser{Dispenser: d, gateway: g, seen: make(map[string]bool)}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := p.option(); err != nil {
			return err
		}
	}
	return p.check()
}

// gatewayParser reads the options of one `privacy` block.
type gatewayParser struct {
	*caddyfile.Dispenser
	gateway *Gateway
	seen    map[string]bool
	rules   []*caddyfile.Dispenser // where each cookie rule stands
	hosts   []*caddyfile.Dispenser // where each host stands, those of own_hosts last
	own     []*caddyfile.Dispenser
}

func (p *gatewayParser) option() error {
	g, name := p.gateway, p.Val()
	switch name {
	case "cookie":
		return p.cookie()
	case "host":
		return p.host()
	case "own_hosts":
		return p.ownHosts()
	case "purpose":
		return p.purpose()
	case "captcha":
		return p.captcha()
	}
	if p.seen[name] {
		return p.Errf("%s is written twice: keep one line", name)
	}
	p.seen[name] = true
	switch name {
	case "mode":
		return p.oneOf(&g.Mode, modeEnforce, modeObserve)
	case "consent_lifetime":
		return p.lifetime()
	case "unknown_cookies":
		return p.oneOf(&g.UnknownCookies, string(policy.BlockUnknown), string(policy.SessionUnknown), string(policy.AllowUnknown))
	case "mirror":
		return p.oneOf(&g.Mirror, mirrorOn, mirrorOff)
	case "consent_tool":
		return p.oneOf(&g.ConsentTool, toolKeep, toolReplace)
	case "identifiers":
		return p.oneOf(&g.Identifiers, identifiersKeep, identifiersRemove)
	case "controller":
		return p.controller()
	case "language":
		return p.language()
	case "revision":
		return p.text(&g.Revision)
	case "share_subdomains":
		g.ShareSubdomains = true
		return p.end()
	case "pages":
		return p.pages()
	default:
		return p.Errf("unrecognized option %q: privacy knows mode, consent_lifetime, unknown_cookies, cookie, host, own_hosts, mirror, consent_tool, captcha, identifiers, purpose, controller, language, revision, share_subdomains and pages", name)
	}
}

// check refuses what is wrong in the whole rather than in one line, and points
// to the line all the same where there is one.
func (p *gatewayParser) check() error {
	_, err := policy.New(p.gateway.rules(), catalogue.Default())
	if rule, ok := errors.AsType[*policy.RuleError](err); ok {
		lines := p.rules
		if rule.Host {
			lines = append(p.hosts, p.own...)
		}
		return lines[rule.Rule].Errf("%v", rule)
	}
	if err != nil {
		return p.Errf("%v", err)
	}
	return nil
}

func (p *gatewayParser) cookie() error {
	var r CookieRule
	at, err := p.rule("cookie my_cart necessary", &r.Name, &r.Purpose)
	p.rules = append(p.rules, at)
	p.gateway.Cookies = append(p.gateway.Cookies, r)
	return err
}

func (p *gatewayParser) host() error {
	var r HostRule
	at, err := p.rule("host maps.example.com functional", &r.Name, &r.Purpose)
	p.hosts = append(p.hosts, at)
	p.gateway.Hosts = append(p.gateway.Hosts, r)
	return err
}

// rule reads a line that gives a name a purpose, and keeps where it stands.
func (p *gatewayParser) rule(example string, name, purpose *string) (*caddyfile.Dispenser, error) {
	at := p.NewFromNextSegment()
	at.Next()
	option := at.Val()
	if !at.AllArgs(name, purpose) {
		return at, at.Errf("%s takes a name and a purpose, as in: %s", option, example)
	}
	return at, nil
}

func (p *gatewayParser) ownHosts() error {
	at := p.NewFromNextSegment()
	at.Next()
	names := at.RemainingArgs()
	if len(names) == 0 {
		return at.Errf("own_hosts takes names, as in: own_hosts images.example.net")
	}
	for range names {
		p.own = append(p.own, at)
	}
	p.gateway.OwnHosts = append(p.gateway.OwnHosts, names...)
	return nil
}

func (p *gatewayParser) purpose() error {
	if !p.NextArg() {
		return p.Errf("purpose needs a name, as in: purpose newsletter { … }")
	}
	own := Purpose{ID: p.Val()}
	err := p.block("purpose "+own.ID, map[string]*string{"name": &own.Name, "description": &own.Description})
	p.gateway.Purposes = append(p.gateway.Purposes, own)
	return err
}

func (p *gatewayParser) controller() error {
	if !p.NextArg() {
		return p.Errf("controller needs the name of the person or company that publishes the site, in quotes")
	}
	c := &Controller{Name: p.Val()}
	p.gateway.Controller = c
	return p.block("controller", map[string]*string{"address": &c.Address, "contact": &c.Contact, "country": &c.Country})
}

// block reads a block of named texts, each at most once.
func (p *gatewayParser) block(of string, texts map[string]*string) error {
	if p.NextArg() {
		return p.Errf("%s: unexpected %q: put a text of several words in quotes", of, p.Val())
	}
	for nesting := p.Nesting(); p.NextBlock(nesting); {
		if err := oneText(p.Dispenser, of, texts); err != nil {
			return err
		}
	}
	return nil
}

func (p *gatewayParser) pages() error {
	if p.NextArg() {
		return p.Errf("pages takes a block, as in: pages { except /admin/* }")
	}
	p.gateway.Pages = new(Pages)
	lists := p.gateway.Pages.lists()
	for nesting := p.Nesting(); p.NextBlock(nesting); {
		name := p.Val()
		if lists[name] == nil {
			return p.Errf("pages: unrecognized option %q: write except and the paths to leave as they are, or confidential or unprofiled and the paths where less is loaded", name)
		}
		paths := p.RemainingArgs()
		if len(paths) == 0 {
			return p.Errf("pages %s needs paths, as in: %s /admin/*", name, name)
		}
		*lists[name] = append(*lists[name], paths...)
	}
	return nil
}

func (p *gatewayParser) lifetime() error {
	var text string
	if err := p.text(&text); err != nil {
		return err
	}
	lifetime, err := caddy.ParseDuration(text)
	if err != nil {
		return p.Errf("consent_lifetime %q: write a number of days, such as 182d or 393d", text)
	}
	if err := policy.CheckLifetime(lifetime); err != nil {
		return p.Errf("%v", err)
	}
	p.gateway.ConsentLifetime = caddy.Duration(lifetime.Truncate(time.Second))
	return nil
}

func (p *gatewayParser) language() error {
	if err := p.text(&p.gateway.Language); err != nil {
		return err
	}
	if err := checkLanguage(p.gateway.Language); err != nil {
		return p.Errf("%v", err)
	}
	return nil
}

func (p *gatewayParser) oneOf(target *string, values ...string) error {
	name := p.Val()
	if err := p.text(target); err != nil {
		return err
	}
	if slices.Contains(values, *target) {
		return nil
	}
	return p.Errf("%s %q: write one of %v", name, *target, values)
}

// text reads the one argument of an option.
func (p *gatewayParser) text(target *string) error {
	name := p.Val()
	if !p.NextArg() || p.Val() == "" {
		return p.Errf("%s needs a value", name)
	}
	*target = p.Val()
	return p.end()
}

func (p *gatewayParser) end() error {
	if p.NextArg() {
		return p.Errf("unexpected %q at the end of the line: put a text of several words in quotes", p.Val())
	}
	return nil
}
