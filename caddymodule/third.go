package caddymodule

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/provider"
	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

const onErrorDefault = "challenge"

// third is a third party that checks forms of visitors who have agreed to it.
type third struct {
	*provider.Provider
	breaker *provider.Breaker
	service *catalogue.Service
	onError captcha.OnError
	address bool // the provider gets the visitor's
}

// agreed is the configuration as the provider reads it, its secret as it is written.
func (c *CaptchaProvider) agreed() provider.Config {
	return provider.Config{
		Kind: provider.Kind(c.Kind), SiteKey: c.SiteKey, Secret: provider.Secret(c.Secret), Project: c.Project,
		MinScore: c.MinScore, EU: c.EU, Host: c.Host, ScriptHost: c.ScriptHost,
	}
}

// third makes the provider of a block; nil where there is none.
func (g *Gateway) third(c *Captcha) (*third, error) {
	if c.Provider == nil {
		return nil, nil
	}
	agreed := c.Provider.agreed()
	secret, err := caddy.NewReplacer().ReplaceOrErr(c.Provider.Secret, true, true)
	if err != nil {
		return nil, err
	}
	agreed.Secret = provider.Secret(strings.TrimSpace(secret))
	p, err := provider.New(agreed, g.app.guard.Dialer(transfer.DialerOptions{}).Transport())
	if err != nil {
		return nil, err
	}
	service, _ := catalogue.Default().Service(p.Service())
	onError, err := captcha.ParseOnError(cmp.Or(c.OnError, onErrorDefault))
	if err != nil {
		return nil, err
	}
	if testing := agreed.Testing(); testing != "" {
		g.logger.Warn("captcha is only tried out", zap.String("keys", testing))
	}
	if d := g.app.guard.Declared(p.Host()); !d.Allowed {
		g.logger.Warn("captcha provider is never asked, since data may not go there: forms do with proof of work",
			zap.String("host", p.Host()), zap.String("line", declaration(p.Host(), service)))
	}
	return &third{p, provider.NewBreaker(p.Name(), p, now), service, onError, c.SendAddress}, nil
}

// serves tells whether the provider is to be used for a visitor: he has agreed to it, data may
// go there, it works, and it was of help before.
func (t *third) serves(r *http.Request, v *visit) bool {
	if t == nil || !v.gateway.policy.Agreed(t.service, v.visitor) {
		return false
	}
	return t.breaker.Report() == "" && !v.gateway.protection.doubted.has(browserOf(r), v.now.Unix()/60)
}

// sources are where its script loads from, as policies write it.
func (t *third) sources() []string {
	s := t.Browser("").Sources
	sources := slices.Concat(s.Script, s.Frame, s.Connect, s.Style)
	slices.Sort(sources)
	return slices.Compact(sources)
}

// loadsFrom are the hosts in its sources.
func (t *third) loadsFrom() []string {
	var hosts []string
	for _, source := range t.sources() {
		if u, err := url.Parse(strings.Replace(source, "://*.", "://", 1)); err == nil {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// token cuts a provider's token out of what a form brought.
func (t *third) token(text string) (token string, ok bool) {
	if t == nil {
		return "", false
	}
	return strings.CutPrefix(text, t.Name()+":")
}

// captchaFailed is the event of Caddy's events app that tells of a provider which cannot say
// whether an answer is good.
const captchaFailed = "captcha_failed"

// tellFault tells the owner, at most once an hour, why a provider does not check.
func (g *Gateway) tellFault(t *third, v captcha.Verdict) {
	app := g.app
	if !app.shared.border.warns("captcha "+t.Name(), now()) {
		return
	}
	g.logger.Warn("captcha provider does not check: forms do with proof of work, unless on_error says otherwise",
		zap.String("provider", t.Name()), zap.String("reason", v.Reason.String()), zap.String("fault", t.Fault()))
	if app.events != nil && app.events.ShouldEmit(captchaFailed) {
		app.events.Emit(app.ctx, captchaFailed, map[string]any{"provider": t.Name(), "reason": v.Reason.String()})
	}
}

// browserOf tells browsers apart for a few minutes, in memory.
func browserOf(r *http.Request) string {
	return clientAddress(r).String() + " " + r.Header.Get("User-Agent")
}

// thirds are the providers of a site's forms, each once.
func (p *protection) thirds() []*third {
	var list []*third
	if p == nil {
		return nil
	}
	for _, path := range p.routes.Patterns() {
		t := p.forms[path].third
		if t != nil && !slices.ContainsFunc(list, func(other *third) bool { return other.service == t.service }) {
			list = append(list, t)
		}
	}
	return list
}

// services are those of the catalogue that check the site's forms: the site uses them although
// none of its pages names them.
func (p *protection) services() []*catalogue.Service {
	var services []*catalogue.Service
	for _, t := range p.thirds() {
		services = append(services, t.service)
	}
	return services
}

// withProvider adds to a challenge what the forms' script needs to know of a provider.
func (t *third) withProvider(challenge []byte, form string) []byte {
	return client.WithProvider(challenge, t.Browser(captcha.Identifier(form)))
}
