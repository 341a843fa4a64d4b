package caddymodule

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/pass"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/pressure"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/route"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/throttle"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/work"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Captcha protects forms: what is sent to their paths must come with a proof that a
// person sent it, or it does not reach the site. The forms do not change, and nobody has
// to do anything: the visitor's browser works a moment for it.
type Captcha struct {
	// Paths are those that the forms are sent to, such as `/contact`; with a star at its end,
	// as in `/comments*`, a path stands for all that begin so.
	Paths []string `json:"paths"`

	// IgnoreCase says that the site takes letters of either case for the same in paths.
	// Default: `false`.
	IgnoreCase bool `json:"ignore_case,omitempty"`

	// Life is how long a proof is good for, from `1m` to `24h`. Default: `10m`.
	Life caddy.Duration `json:"life,omitempty"`

	// MinFill is the least time in which a person fills in the form, at most `1m`. Whoever
	// is faster is taken for a program. Default: `0`, none.
	MinFill caddy.Duration `json:"min_fill,omitempty"`

	// Provider checks those visitors who have agreed to it; the others prove work. Default: none.
	Provider *CaptchaProvider `json:"provider,omitempty"`

	// OnError is what happens when the provider cannot say whether an answer is good:
	// `challenge` (the visitor's browser proves work instead), `block` (the form waits until the
	// provider is back) or `allow` (the site gets it, marked as unchecked). Default: `challenge`.
	OnError string `json:"on_error,omitempty"`

	// SendAddress lets the provider have the visitor's address from the gateway as well.
	// Default: `false`.
	SendAddress bool `json:"send_address,omitempty"`

	// Pass spares visitors who have just proved themselves from doing so again. It is a cookie
	// that lasts as long, bound to their browser. Default: none.
	Pass *Pass `json:"pass,omitempty"`

	// Exempt matches requests that need no proof, such as those of machines that send by an
	// address or with a header that only they know. Default: none.
	ExemptRaw caddyhttp.RawMatcherSets `json:"exempt,omitempty" caddy:"namespace=http.matchers"`

	// ExemptJWT says whose tokens spare a request the proof. Default: nobody's.
	ExemptJWT *Machine `json:"exempt_jwt,omitempty"`

	exempt caddyhttp.MatcherSets
}

// CaptchaProvider is a third party that checks forms.
type CaptchaProvider struct {
	// Kind is `recaptcha v2`, `recaptcha v2 invisible`, `recaptcha v3`, `recaptcha enterprise`,
	// `hcaptcha`, `turnstile` or `friendly`.
	Kind string `json:"kind"`
	// SiteKey is the public key.
	SiteKey string `json:"site_key"`
	// Secret is the other one. Write a placeholder such as `{env.RECAPTCHA_SECRET}` or
	// `{file./run/secrets/recaptcha}`, so that it is not kept in the configuration.
	Secret string `json:"secret"`
	// Project is that of Google Cloud, for reCAPTCHA Enterprise alone. Default: none.
	Project string `json:"project,omitempty"`
	// MinScore is the least score of who passes, above 0 up to 1, where there are scores.
	// Default: `0.5`.
	MinScore float64 `json:"min_score,omitempty"`
	// EU asks Friendly Captcha's servers in the European Union. Default: `false`.
	EU bool `json:"eu,omitempty"`
	// Host is where answers are checked. Default: the provider's own, of reCAPTCHA
	// `www.recaptcha.net`.
	Host string `json:"host,omitempty"`
	// ScriptHost is where browsers load the provider's script from. Default: the same host, or
	// the provider's own.
	ScriptHost string `json:"script_host,omitempty"`
}

// Pass says how good a pass is.
type Pass struct {
	// Life is how long it is good for, from `1m` to `24h`. Default: `30m`.
	Life caddy.Duration `json:"life,omitempty"`
	// Uses is for how many forms it is good, from 1 to 20. Default: `5`.
	Uses int `json:"uses,omitempty"`
}

// protection is what the forms of a site are protected by.
type protection struct {
	routes   *route.Routes
	forms    map[string]*protected // by the path as the owner wrote it
	throttle *throttle.Throttle
	doubted  lately // browsers that a provider was no help with
	app      *App
	keys     keys
}

// protected is one path that forms are sent to.
type protected struct {
	work    *work.Work
	gauge   *pressure.Gauge
	passes  *pass.Passes // nil: none are given out
	exempt  caddyhttp.MatcherSets
	machine *machine // nil: none is known
	third   *third   // nil: nobody else is asked
}

// exempts tells whether a request needs no proof.
func (p *protected) exempts(r *http.Request) (bool, error) {
	if p.machine.sends(r) {
		return true, nil
	}
	if len(p.exempt) == 0 {
		return false, nil
	}
	return p.exempt.AnyMatchWithError(r)
}

// calm is how many forms a minute are usual for a path: with more, or with many that fail,
// the work grows.
const calm = 30

// How often a network may ask for work: far more than the people behind one address do.
const (
	asksPerMinute = 60
	asksAtOnce    = 120
)

// protect compiles the protection of a site's forms; it is nil where none is.
func (g *Gateway) protect(ctx caddy.Context) error {
	if len(g.Captcha) == 0 {
		return nil
	}
	p := &protection{forms: make(map[string]*protected), app: g.app}
	var paths []string
	for _, c := range g.Captcha {
		w, err := work.New(c.work(spender{g.app}))
		if err != nil {
			return fmt.Errorf("captcha: %v", err)
		}
		passes, err := c.passes(spender{g.app})
		if err != nil {
			return fmt.Errorf("captcha: %v", err)
		}
		if err := c.provisionExempt(ctx); err != nil {
			return fmt.Errorf("captcha exempt: %v", err)
		}
		machine, err := c.ExemptJWT.machine()
		if err != nil {
			return err
		}
		third, err := g.third(c)
		if err != nil {
			return fmt.Errorf("captcha: %v", err)
		}
		for _, path := range c.Paths {
			p.forms[path] = &protected{w, pressure.New(calm, now), passes, c.exempt, machine, third}
		}
		paths = append(paths, c.Paths...)
	}
	folds := slices.ContainsFunc(g.Captcha, func(c *Captcha) bool { return c.IgnoreCase })
	var err error
	if p.routes, err = route.New(paths, folds); err != nil {
		return fmt.Errorf("captcha: %v", err)
	}
	p.throttle, err = throttle.New(asksPerMinute, asksAtOnce, now)
	g.protection = p
	return err
}

// work says what work is asked for.
func (c *Captcha) work(spent store.Spent) work.Options {
	return work.Options{Keys: noKeys, Spent: spent, Now: now, Life: time.Duration(c.Life), MinFill: time.Duration(c.MinFill)}
}

// passes are given out to who has proved himself; nil where none are.
func (c *Captcha) passes(spent store.Spent) (*pass.Passes, error) {
	if c.Pass == nil {
		return nil, nil
	}
	return pass.New(pass.Options{Keys: noPassKeys, Spent: spent, Now: now, Life: time.Duration(c.Pass.Life), Uses: c.Pass.Uses})
}

func (c *Captcha) provisionExempt(ctx caddy.Context) error {
	if len(c.ExemptRaw) == 0 {
		return nil
	}
	sets, err := ctx.LoadModule(c, "ExemptRaw")
	if err != nil {
		return err
	}
	return c.exempt.FromInterface(sets)
}

// check refuses what could not be provisioned, with what to write instead.
func (c *Captcha) check() error {
	if len(c.Paths) == 0 {
		return fmt.Errorf("captcha needs the paths that forms are sent to, as in: captcha /contact /comments*")
	}
	if _, err := route.New(c.Paths, c.IgnoreCase); err != nil {
		return err
	}
	if _, err := c.passes(spender{}); err != nil {
		return err
	}
	if _, err := captcha.ParseOnError(cmp.Or(c.OnError, onErrorDefault)); err != nil {
		return err
	}
	if c.Provider != nil {
		agreed := c.Provider.agreed()
		if err := agreed.Check(); err != nil {
			return err
		}
	}
	_, err := work.New(c.work(spender{}))
	return err
}
