package caddymodule

import (
	"net/http"

	"github.com/caddy-privacy/caddy-privacy/internal/fields"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

const (
	identifiersKeep   = "keep"
	identifiersRemove = "remove"
)

// noteLead tells the owner where his site leads visitors although data may not go there, and
// takes out of the address what they would be recognised by, if he wants that. The visitor
// is led there all the same: it may be a bank, or where he signs in.
func (v *visit) noteLead(h http.Header) {
	lines := h["Location"]
	if len(lines) == 0 {
		return
	}
	g := v.gateway
	u, ok := weburl.Parse(lines[0], v.pageAddress())
	if !ok || !u.Network() || u.Host == v.host {
		return
	}
	d := g.policy.Address(v.site(), u.Host, u.Path, &g.strangers[0])
	if d.Reason != policy.Outside {
		return
	}
	v.inventory().Note(&policy.Sight{Kind: policy.LeadKind, Name: u.Host, Decision: &d, Now: v.now.Unix()})
	if g.Identifiers != identifiersRemove {
		return
	}
	if without, removed := fields.WithoutParameters(lines[0], fields.Identifiers()); removed > 0 {
		h["Location"] = []string{without}
	}
}
