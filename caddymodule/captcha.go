package caddymodule

import (
	"fmt"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/route"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/work"
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
}

// protection is what the forms of a site are protected by.
type protection struct {
	routes *route.Routes
	works  map[string]*work.Work // by the path as the owner wrote it
	app    *App
	keys   keys
}

// protect compiles the protection of a site's forms; it is nil where none is.
func (g *Gateway) protect() error {
	if len(g.Captcha) == 0 {
		return nil
	}
	p := &protection{works: make(map[string]*work.Work), app: g.app}
	var paths []string
	for _, c := range g.Captcha {
		w, err := work.New(work.Options{
			Keys: noKeys, Spent: spender{g.app}, Now: now, Life: time.Duration(c.Life), MinFill: time.Duration(c.MinFill),
		})
		if err != nil {
			return fmt.Errorf("captcha: %v", err)
		}
		for _, path := range c.Paths {
			p.works[path] = w
		}
		paths = append(paths, c.Paths...)
	}
	folds := slices.ContainsFunc(g.Captcha, func(c *Captcha) bool { return c.IgnoreCase })
	var err error
	if p.routes, err = route.New(paths, folds); err != nil {
		return fmt.Errorf("captcha: %v", err)
	}
	g.protection = p
	return nil
}

// check refuses what could not be provisioned, with what to write instead.
func (c *Captcha) check() error {
	if len(c.Paths) == 0 {
		return fmt.Errorf("captcha needs the paths that forms are sent to, as in: captcha /contact /comments*")
	}
	if _, err := route.New(c.Paths, c.IgnoreCase); err != nil {
		return err
	}
	_, err := work.New(work.Options{
		Keys: noKeys, Spent: spender{}, Now: now, Life: time.Duration(c.Life), MinFill: time.Duration(c.MinFill),
	})
	return err
}
