package caddymodule

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
	"github.com/caddy-privacy/caddy-privacy/internal/fields"
	"github.com/caddy-privacy/caddy-privacy/internal/mirror"
	"github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// unbound tells whether the visitor agreed to everything that a page may load, and
// nothing that the site is known to load is refused to everybody: then nothing about
// the page needs to be judged.
func (v *visit) unbound() bool {
	return v.visitor.State == policy.Accepted && v.reach(v.visitor).free
}

// site is the registrable domain of the site, whose hosts are the site itself.
func (v *visit) site() string {
	if v.domain == "" {
		v.domain = weburl.Site(v.host)
	}
	return v.domain
}

// ask decides about one address on a page of the visitor's.
func (v *visit) ask(address *weburl.URL) page.Answer {
	if v.gateway.otherTool(address.Host, address.Path) {
		return page.Answer{}
	}
	if address.Host == "" || strings.Trim(address.Host, "[]") == v.host { // an IPv6 address stands in brackets
		return page.Answer{OK: true}
	}
	d := v.gateway.policy.Address(v.site(), address.Host, address.Path, v.visitor)
	if d.Reason != policy.Required {
		v.noteHost(address.Host, &d, true)
	}
	if d.Reason == policy.Outside {
		v.noteBeyond(address.Host, d.Service)
	}
	if d.Action == policy.Allow {
		return page.Answer{OK: true}
	}
	if v.gateway.mirrors() {
		if path, ok := mirror.Address(address.String()); ok {
			return page.Answer{Instead: path}
		}
	}
	if d.Service == nil {
		return page.Answer{}
	}
	return page.Answer{Service: d.Service.ID}
}

// rules are what the visitor's page is held to; nil where nothing is refused and
// nothing waits. policies are the site's own.
func (v *visit) rules(policies csp.Policies) *page.Rules {
	rules := &page.Rules{Address: v.pageAddress(), Grants: v.grants, Policies: policies, Site: v, Forms: v.forms()}
	if !v.unbound() || !v.gateway.lately.read(v.host+v.address.RequestURI(), v.now.Unix()/60) {
		rules.Ask, rules.Own, rules.Fill, rules.Waiting = v.ask, v.gateway.replaces(), v.gateway.replaces(), heldPath
		rules.Answers, rules.Now = &v.reach(v.visitor).answers, v.now.Unix()
		return rules
	}
	switch {
	case v.gateway.replaces():
		rules.Ask, rules.Own, rules.Fill = v.askTool, true, true
	case !v.inventory().Tagged() && v.gateway.protection == nil:
		return nil
	}
	return rules
}

// askTool refuses nothing but the script of a consent tool that is to be replaced.
func (v *visit) askTool(address *weburl.URL) page.Answer {
	return page.Answer{OK: !v.gateway.otherTool(address.Host, address.Path)}
}

// grants tells whether the visitor agreed to what a tag waits for that is marked
// for another consent tool: all its purposes, or that of the one service it names.
func (v *visit) grants(d dialect.Demand) bool {
	p := v.gateway.policy
	need := p.Set(d.Purposes)
	if service, ok := catalogue.Default().Service(strings.ToLower(d.Service)); ok {
		need = p.Set([]string{string(service.Purpose)})
		if slices.Contains(v.visitor.Services, service.ID) {
			need = 0
		}
	}
	granted := need&^(v.visitor.Granted|p.Set([]string{string(catalogue.Necessary)})) == 0
	if d.Negated {
		return v.visitor.Chosen() && !granted
	}
	return granted
}

// pageAddress is the address of the page as the browser knows it.
func (v *visit) pageAddress() *weburl.URL {
	u, _ := weburl.Parse(v.origin()+v.address.RequestURI(), nil)
	return &u
}

// judge decides about one address in a header field.
func (v *visit) judge(address string, use fields.Use) (instead string, ok bool) {
	all := v.visitor.State == policy.Accepted
	switch {
	case use == fields.Advertise:
		return address, all // the browser tells nobody yet
	case address == fields.Anybody:
		return address, all && use == fields.Delegate // to frames, which are judged when they load
	}
	u, ok := weburl.Parse(address, v.pageAddress())
	switch {
	case !ok:
		return "", false
	case !u.Network():
		return address, true
	}
	answer := v.ask(&u)
	switch {
	case answer.OK:
		return address, true
	case answer.Instead == "" || use != fields.Load || !v.passes(&u):
		return "", false
	}
	v.Take(answer.Instead)
	return answer.Instead, true
}

// governFields takes out of an answer what makes browsers load from, or report
// to, whom the visitor has not agreed to.
func (v *visit) governFields(h http.Header) {
	if fields.Govern(h, v.judge) > 0 {
		v.held = true
	}
}

// restrict adds a Content-Security-Policy that keeps scripts on a page from
// loading later what its markup may not. It is a policy of its own: browsers
// enforce it together with the site's (CSP 3, 4.2), so it can only forbid. It does not
// reach what is loaded before it is needed: such rules go, they are about speed alone.
func (v *visit) restrict(h http.Header) {
	h[enforced] = append(slices.Clip(h[enforced]), v.reach(v.visitor).header)
	delete(h, "Speculation-Rules")
}
