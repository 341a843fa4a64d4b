package caddymodule

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// now is the clock; tests replace it.
var now = time.Now

// Gateway keeps a site's privacy promises: no cookie before consent, none older
// than thirteen months, and a choice that visitors can make, change and withdraw.
// It stands in front of a site that does not change.
//
// Cookies of known services and of the site's own rules are let through, cut
// short, or kept back by the visitor's choice, in responses, in requests and in
// scripts. Pages get a notice that asks for the choice, in the visitor's
// language and without needing JavaScript, and a link back to it. The page
// `/.privacy/` shows what is enforced.
//
// With no options at all it enforces. Responses of the site pass as they are
// except for the cookies, the notice and what these entail.
//
// The origin is told the choice in the request header `Privacy-Consent`, which
// clients cannot forge: the state (`signal`, `refused`, `partial`, `accepted`)
// and the purposes, as in `partial; purposes="necessary statistics"`. As long as
// there is no choice, there is no header.
//
// Placeholder | Description
// ------------|------------
// `{http.vars.privacy}` | The same, and `none; purposes="necessary"` without a choice
type Gateway struct {
	// Mode is `enforce` or `observe`. An observing gateway changes nothing and
	// reports what it would have done. Default: `enforce`.
	Mode string `json:"mode,omitempty"`

	// ConsentLifetime is how long a choice, yes or no, is kept before the visitor
	// is asked again. At most thirteen months, which is 393 days. Default: `393d`.
	ConsentLifetime caddy.Duration `json:"consent_lifetime,omitempty"`

	// UnknownCookies says what happens to cookies that neither your rules nor the
	// catalogue know, until a visitor accepts everything: `block`, `session`
	// (they pass, but end with the browser session) or `allow`. Default: `session`.
	UnknownCookies string `json:"unknown_cookies,omitempty"`

	// Purposes are your own, beside `necessary`, `functional`, `statistics` and
	// `marketing`. Default: none.
	Purposes []Purpose `json:"purposes,omitempty"`

	// Cookies assign cookies to purposes. They outrank the catalogue; among them
	// the longest match wins. Default: none.
	Cookies []CookieRule `json:"cookies,omitempty"`

	// Hosts assign other hosts, each with all below it, to purposes: what pages load
	// from them waits for consent to that purpose. They outrank the catalogue.
	// Default: none.
	Hosts []HostRule `json:"hosts,omitempty"`

	// OwnHosts belong to the site although they are not of its registrable domain,
	// such as the publisher's own image server. Default: none.
	OwnHosts []string `json:"own_hosts,omitempty"`

	// Mirror is `on` or `off`. When it is on, libraries and fonts that pages take
	// from public networks are fetched by the gateway, with nothing of the visitor,
	// and served from the site's own address. Default: `on`.
	Mirror string `json:"mirror,omitempty"`

	// ConsentTool is `keep` or `replace`: what happens to the script of another
	// consent tool that the site still brings. Replaced, it is held back for
	// everybody. Default: `keep`.
	ConsentTool string `json:"consent_tool,omitempty"`

	// Identifiers is `keep` or `remove`: what happens to parameters that name a visitor, such
	// as click numbers and e-mail addresses, in redirects of the site to companies that data
	// may not go to. Default: `keep`.
	Identifiers string `json:"identifiers,omitempty"`

	// Captcha protects forms: what is sent to their paths must come with a proof that a person
	// sent it. Default: none.
	Captcha []*Captcha `json:"captcha,omitempty"`

	// Controller is who publishes the site. It is named on the privacy page and
	// in receipts. Default: the name of the site.
	Controller *Controller `json:"controller,omitempty"`

	// Language is the one used when a visitor's browser asks for none of the 24
	// that the gateway speaks. Default: `en`.
	Language string `json:"language,omitempty"`

	// Revision is any text. Changing it asks every visitor again; do so when what
	// you use personal data for has changed. Default: empty.
	Revision string `json:"revision,omitempty"`

	// ShareSubdomains makes one choice hold for all hosts of the site's
	// registrable domain, such as www.example.fr and shop.example.fr. Default: `false`.
	ShareSubdomains bool `json:"share_subdomains,omitempty"`

	// Pages says which pages are left as they are, and which load nothing from others.
	// Default: none.
	Pages *Pages `json:"pages,omitempty"`

	app    *App
	policy *policy.Policy
	names  recordNames
	logger *zap.Logger
	// edition changes with the configuration and with what is inserted for it.
	edition string
	// strangers are the visitors without a record: those whose browser says
	// nothing, and those whose browser says no.
	strangers [2]policy.Visitor
	panels    *panels
	guards    *guards
	reaches   *reaches
	lately    *lately
	// protection is that of the forms; nil where none is protected.
	protection *protection
}

// CaddyModule returns the Caddy module information.
func (Gateway) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.privacy",
		New: func() caddy.Module { return new(Gateway) },
	}
}

// Provision compiles the site's rules.
func (g *Gateway) Provision(ctx caddy.Context) error {
	g.logger = ctx.Logger()
	app, err := ctx.App("privacy")
	if err != nil {
		return fmt.Errorf("loading the privacy app: %v", err)
	}
	g.app = app.(*App)
	g.names = recordNames{shared: g.ShareSubdomains}
	if g.Pages != nil {
		for name, paths := range g.Pages.lists() {
			if err := paths.Provision(ctx); err != nil {
				return fmt.Errorf("pages %s: %v", name, err)
			}
		}
	}
	rules := g.rules()
	rules.Border = g.app
	if g.policy, err = policy.New(rules, catalogue.Default()); err != nil {
		return err
	}
	g.panels, g.guards, g.reaches, g.lately = new(panels), new(guards), new(reaches), new(lately)
	if err := g.protect(ctx); err != nil {
		return err
	}
	g.edition = g.digest()
	g.strangers = [2]policy.Visitor{{State: policy.None}, {State: policy.Signal}}
	for i := range g.strangers {
		g.strangers[i].Header = g.policy.Header(&g.strangers[i])
	}
	return nil
}

// rules is the configuration as the policy reads it.
func (g *Gateway) rules() policy.Config {
	c := policy.Config{
		Unknown:  policy.Unknown(g.UnknownCookies),
		Lifetime: time.Duration(g.ConsentLifetime),
		Revision: g.Revision,
	}
	for _, p := range g.Purposes {
		c.Purposes = append(c.Purposes, policy.Purpose(p))
	}
	for _, r := range g.Cookies {
		c.Cookies = append(c.Cookies, policy.Rule(r))
	}
	for _, r := range g.Hosts {
		c.Hosts = append(c.Hosts, policy.Rule(r))
	}
	c.OwnHosts = g.OwnHosts
	return c
}

// digest sums up the configuration and what this version of the gateway inserts
// into pages.
func (g *Gateway) digest() string {
	configuration, err := json.Marshal(g)
	if err != nil {
		return ""
	}
	_, style := ui.Style(true)
	sum := sha256.Sum256(append(configuration, strings.Join(ui.Scripts(), "")+style+client.Integrity...))
	return string(sum[:])
}

// Validate refuses values that mean nothing.
func (g *Gateway) Validate() error {
	switch g.Mode {
	case "", modeEnforce, modeObserve:
	default:
		return fmt.Errorf("mode %q: write enforce or observe", g.Mode)
	}
	switch g.Mirror {
	case "", mirrorOn, mirrorOff:
	default:
		return fmt.Errorf("mirror %q: write on or off", g.Mirror)
	}
	switch g.ConsentTool {
	case "", toolKeep, toolReplace:
	default:
		return fmt.Errorf("consent_tool %q: write keep or replace", g.ConsentTool)
	}
	for _, c := range g.Captcha {
		if err := c.check(); err != nil {
			return err
		}
	}
	switch g.Identifiers {
	case "", identifiersKeep, identifiersRemove:
	default:
		return fmt.Errorf("identifiers %q: write keep or remove", g.Identifiers)
	}
	return checkLanguage(g.Language)
}

const (
	modeEnforce = "enforce"
	modeObserve = "observe"

	mirrorOn  = "on"
	mirrorOff = "off"

	toolKeep    = "keep"
	toolReplace = "replace"
)

func checkLanguage(tag string) error {
	if tag == "" {
		return nil
	}
	if slices.Contains(ui.Languages(), tag) {
		return nil
	}
	return fmt.Errorf("language %q: write the two-letter code of an official language of the European Union, one of %v", tag, ui.Languages())
}

// ServeHTTP takes one request to the site and its response back, as the policy
// decides.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if err := g.app.ready(r.Context()); err != nil {
		return caddyhttp.Error(http.StatusServiceUnavailable, err)
	}
	if g.Mode == modeObserve {
		return g.observe(w, r, next)
	}
	v := g.meet(r)
	if page := g.ownPage(v.address.Path); page != nil {
		delete(w.Header(), "Set-Cookie") // of directives that come before: these pages are not the site's
		return page(w, r, v)
	}
	if v.document {
		g.importChoice(r, v)
	}
	if answered, err := g.checkForm(w, r, v); answered || err != nil {
		return err
	}
	g.governRequest(r, v)
	rw := v.response(w, r)
	ended := false
	defer func() {
		if !ended { // the site broke off by a panic, as reverse_proxy does: what came of a page is shown
			_ = rw.sendPage()
		}
	}()
	err := next.ServeHTTP(rw, r)
	ended = true
	if err != nil {
		rw.abandon()
		return err
	}
	return rw.finish()
}

// Interface guards.
var (
	_ caddy.Provisioner           = (*Gateway)(nil)
	_ caddy.Validator             = (*Gateway)(nil)
	_ caddyhttp.MiddlewareHandler = (*Gateway)(nil)
	_ caddyfile.Unmarshaler       = (*Gateway)(nil)
)
