package caddymodule

import (
	"strconv"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// captcha reads a block that protects forms:
//
//	captcha <paths...> {
//	    ignore_case
//	    life     <duration>
//	    min_fill <duration>
//	    pass     [<duration> [<uses>]]
//	    exempt {
//	        <matchers...>
//	    }
//	}
func (p *gatewayParser) captcha() error {
	c := &Captcha{Paths: p.RemainingArgs()}
	options := map[string]func() error{
		"ignore_case": func() error { c.IgnoreCase = true; return p.end() },
		"life":        func() error { return p.duration(&c.Life) },
		"min_fill":    func() error { return p.duration(&c.MinFill) },
		"pass":        func() error { return p.pass(c) },
		"exempt":      func() error { return p.exempt(c) },
	}
	for nesting := p.Nesting(); p.NextBlock(nesting); {
		read := options[p.Val()]
		if read == nil {
			return p.Errf("captcha: unrecognized option %q: it knows ignore_case, life, min_fill, pass and exempt", p.Val())
		}
		if err := read(); err != nil {
			return err
		}
	}
	if err := c.check(); err != nil {
		return p.Errf("%v", err)
	}
	p.gateway.Captcha = append(p.gateway.Captcha, c)
	return nil
}

func (p *gatewayParser) duration(value *caddy.Duration) error {
	name := p.Val()
	var text string
	if !p.Args(&text) {
		return p.Errf("captcha: %s needs a duration, such as 10m", name)
	}
	d, err := caddy.ParseDuration(text)
	if err != nil || d <= 0 {
		return p.Errf("captcha: %s %q: write a duration, such as 10m", name, text)
	}
	*value = caddy.Duration(d)
	return nil
}

func (p *gatewayParser) pass(c *Captcha) error {
	c.Pass = new(Pass)
	args := p.RemainingArgs()
	if len(args) > 2 {
		return p.Errf("captcha: pass takes a duration and how many forms it is good for, as in: pass 30m 5")
	}
	if len(args) > 0 {
		d, err := caddy.ParseDuration(args[0])
		if err != nil {
			return p.Errf("captcha: pass %q: write a duration, such as 30m", args[0])
		}
		c.Pass.Life = caddy.Duration(d)
	}
	if len(args) > 1 {
		uses, err := strconv.Atoi(args[1])
		if err != nil {
			return p.Errf("captcha: pass %q: write a number of forms, such as 5", args[1])
		}
		c.Pass.Uses = uses
	}
	return nil
}

// exempt reads matchers as in a named one.
func (p *gatewayParser) exempt(c *Captcha) error {
	set, err := caddyhttp.ParseCaddyfileNestedMatcherSet(p.Dispenser)
	if err != nil {
		return err
	}
	c.ExemptRaw = append(c.ExemptRaw, set)
	return nil
}
