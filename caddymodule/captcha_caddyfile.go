package caddymodule

import (
	"github.com/caddyserver/caddy/v2"
)

// captcha reads a block that protects forms:
//
//	captcha <paths...> {
//	    ignore_case
//	    life     <duration>
//	    min_fill <duration>
//	}
func (p *gatewayParser) captcha() error {
	c := &Captcha{Paths: p.RemainingArgs()}
	durations := map[string]*caddy.Duration{"life": &c.Life, "min_fill": &c.MinFill}
	for nesting := p.Nesting(); p.NextBlock(nesting); {
		name := p.Val()
		if name == "ignore_case" {
			c.IgnoreCase = true
			if err := p.end(); err != nil {
				return err
			}
			continue
		}
		if durations[name] == nil {
			return p.Errf("captcha: unrecognized option %q: it knows ignore_case, life and min_fill", name)
		}
		var text string
		if !p.Args(&text) {
			return p.Errf("captcha: %s needs a duration, such as 10m", name)
		}
		d, err := caddy.ParseDuration(text)
		if err != nil || d <= 0 {
			return p.Errf("captcha: %s %q: write a duration, such as 10m", name, text)
		}
		*durations[name] = caddy.Duration(d)
	}
	if err := c.check(); err != nil {
		return p.Errf("captcha: %v", err)
	}
	p.gateway.Captcha = append(p.gateway.Captcha, c)
	return nil
}
