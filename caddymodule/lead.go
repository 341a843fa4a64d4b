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

// noteRedirect tells the owner where his site leads visitors although data may not go there, and
// takes out of the address what they would be recognised by, if he wants that. The visitor
// is led there all the same: it may be a bank, or where he signs in.
func (v *visit) noteRedirect(h http.Header) {
	lines := h["Location"]
	if len(lines) == 0 {
		return
	}
	u, ok := weburl.Parse(lines[0], v.pageAddress())
	if !ok || !u.Network() || !v.noteLead(&u) || v.gateway.Identifiers != identifiersRemove {
		return
	}
	if without, removed := fields.WithoutParameters(lines[0], fields.Identifiers()); removed > 0 {
		h["Location"] = []string{without}
	}
}

// noteLead tells the owner of an address that his site leads to, if data may not go there, and
// reports whether that is so.
func (v *visit) noteLead(address *weburl.URL) bool {
	if address.Host == v.host {
		return false
	}
	d := v.gateway.policy.Address(v.site(), address.Host, address.Path, &v.gateway.strangers[0])
	if d.Reason != policy.Outside {
		return false
	}
	v.inventory().Note(&policy.Sight{Kind: policy.LeadKind, Name: address.Host, Decision: &d, Now: v.now.Unix()})
	return true
}
