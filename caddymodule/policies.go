package caddymodule

import (
	"net/http"
	"slices"

	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	"github.com/caddy-privacy/caddy-privacy/internal/mirror"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

const (
	enforced = "Content-Security-Policy"
	reported = "Content-Security-Policy-Report-Only"
)

// allow lets what is inserted, and what comes from the mirror, pass the site's own
// policies, by hashes and exact addresses, and nothing else. It returns those that
// bind the page, as the site wrote them.
func (v *visit) allow(h http.Header) csp.Policies {
	written := h[enforced]
	if len(written)+len(h[reported]) == 0 {
		return csp.Policies{}
	}
	needs := v.needs()
	for _, name := range []string{enforced, reported} {
		lines := slices.Clone(h[name])
		for i := range lines {
			lines[i] = csp.Allow(lines[i], needs)
		}
		if lines != nil {
			h[name] = lines
		}
	}
	return csp.Read(written, v.scheme())
}

// needs is what the gateway needs from the site's policies.
func (v *visit) needs() csp.Grants {
	_, style := ui.Style(!v.visitor.Silent())
	origin := v.origin()
	grants := csp.Grants{
		Origin: origin, Scripts: ui.Scripts(), Styles: []string{style},
		Connect: []string{origin + choicePath}, FormAction: origin + choicePath, Frame: origin + heldPath,
	}
	if v.asksEntries() {
		grants.Connect = append(grants.Connect, origin+toldPath)
	}
	v.grantForms(&grants)
	if v.gateway.mirrors() && !v.unbound() {
		grants.Mirror, grants.Hosts = origin+mirror.Prefix, mirror.Hosts()
	}
	return grants
}

// Policy lets the same pass a policy that the page brings in a meta element.
func (v *visit) Policy(content string) string { return csp.Allow(content, v.needs()) }

// passes tells whether the policies of the answer in work let an address pass that
// one of its fields names. A field says less than markup of what it is for.
func (v *visit) passes(address *weburl.URL) bool {
	policies := csp.Read(v.answer.Header()[enforced], v.scheme())
	return policies.Pass(csp.Load{Kind: csp.KindOf(address)}, address)
}

func (v *visit) scheme() string {
	if v.secure {
		return "https"
	}
	return "http"
}
