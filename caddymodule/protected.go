package caddymodule

import (
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	"github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// forms are what a page's protected forms get, and who is told where its forms lead.
func (v *visit) forms() *page.Forms {
	if v.gateway.protection == nil {
		return &page.Forms{Protects: v.leads}
	}
	return &page.Forms{
		Protects: v.protects,
		Fields:   []byte(client.Fields),
		Mount:    client.Mount(v.formWords(v.language)),
		Translate: func(lang string) []byte {
			return client.Mount(v.formWords(ui.Negotiate(lang, v.accepted, v.gateway.Language)))
		},
	}
}

// leads protects nothing, and tells the owner of forms that lead visitors where data may not go.
func (v *visit) leads(address *weburl.URL) bool {
	v.noteLead(address)
	return false
}

// formWords are what a visitor reads at protected forms: the offer to use a provider, as long as
// he has not agreed to it and could.
func (v *visit) formWords(language string) client.Words {
	var offered string
	words := client.Words{}
	for _, t := range v.gateway.protection.thirds() {
		if !v.gateway.policy.Agreed(t.service, v.visitor) && v.gateway.app.Passes("", t.service) {
			offered, words.Service = t.service.Name, t.service.ID
			break
		}
	}
	said := ui.NewFormWords(language, offered)
	words.Wait, words.Check, words.Offer, words.Use = said.Wait, said.Check, said.Offer, said.Use
	return words
}

// protects tells whether what is sent to an address needs a proof.
func (v *visit) protects(address *weburl.URL) bool {
	if strings.Trim(address.Host, "[]") != v.host { // an IPv6 address stands in brackets
		return v.leads(address)
	}
	_, ok := v.gateway.protection.routes.Find(address.Path)
	if !ok {
		v.inventory().Note(&policy.Sight{Kind: policy.FormKind, Name: address.Path, Decision: &unprotected, Now: v.now.Unix()})
	}
	return ok
}

// unprotected is what is noted of a path that forms send to without a proof.
var unprotected = policy.Decision{Reason: policy.Unrecognised}

// formsScript is the element of the forms' script, for the end of a page.
func (v *visit) formsScript(language string) []byte {
	p := v.gateway.protection
	if p == nil {
		return nil
	}
	return client.Script(client.Element{Routes: p.routes.Patterns(), Fold: p.routes.Folds(), Words: v.formWords(language)})
}

// grantForms adds what the forms' script needs from the site's own policies.
func (v *visit) grantForms(grants *csp.Grants) {
	if v.gateway.protection == nil {
		return
	}
	origin := v.origin()
	grants.File, grants.FileHash = origin+formsPath, client.Integrity
	grants.Styles = append(grants.Styles, client.StyleHash)
	grants.Connect = append(grants.Connect, origin+challengePath)
	for _, t := range v.gateway.protection.thirds() {
		if v.gateway.policy.Agreed(t.service, v.visitor) {
			sources := t.Browser("").Sources
			grants.Scripting = append(grants.Scripting, sources.Script...)
			grants.Framing = append(grants.Framing, sources.Frame...)
			grants.Connecting = append(grants.Connecting, sources.Connect...)
		}
	}
}
