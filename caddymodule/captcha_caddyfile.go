package caddymodule

import (
	"strconv"
	"strings"

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
//	    recaptcha v2|v2 invisible|v3|enterprise | hcaptcha | turnstile | friendly {
//	        site_key    <key>
//	        secret      <secret>
//	        project     <id>
//	        min_score   <number>
//	        host        <host>
//	        script_host <host>
//	        eu
//	    }
//	    on_error challenge|block|allow
//	    send_address
//	    exempt_jwt <key> [<issuer> [<audience>]]
//	    exempt {
//	        <matchers...>
//	    }
//	}
func (p *gatewayParser) captcha() error {
	c := &Captcha{Paths: p.RemainingArgs()}
	options := map[string]func() error{
		"ignore_case":  func() error { c.IgnoreCase = true; return p.end() },
		"life":         func() error { return p.duration(&c.Life) },
		"min_fill":     func() error { return p.duration(&c.MinFill) },
		"pass":         func() error { return p.pass(c) },
		"exempt":       func() error { return p.exempt(c) },
		"exempt_jwt":   func() error { return p.machine(c) },
		"on_error":     func() error { return oneText(p.Dispenser, "captcha", map[string]*string{"on_error": &c.OnError}) },
		"send_address": func() error { c.SendAddress = true; return p.end() },
	}
	for _, kind := range []string{"recaptcha", "hcaptcha", "turnstile", "friendly"} {
		options[kind] = func() error { return p.provider(c) }
	}
	for nesting := p.Nesting(); p.NextBlock(nesting); {
		read := options[p.Val()]
		if read == nil {
			return p.Errf("captcha: unrecognized option %q: it knows recaptcha, hcaptcha, turnstile, friendly, on_error, send_address, ignore_case, life, min_fill, pass, exempt and exempt_jwt", p.Val())
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

// provider reads the block of a third party.
func (p *gatewayParser) provider(c *Captcha) error {
	if c.Provider != nil {
		return p.Errf("captcha: %s is a second provider: keep one", p.Val())
	}
	t := &CaptchaProvider{Kind: strings.Join(append([]string{p.Val()}, p.RemainingArgs()...), " ")}
	c.Provider = t
	texts := map[string]*string{
		"site_key": &t.SiteKey, "secret": &t.Secret, "project": &t.Project, "host": &t.Host, "script_host": &t.ScriptHost,
	}
	for nesting := p.Nesting(); p.NextBlock(nesting); {
		switch p.Val() {
		case "eu":
			t.EU = true
			if err := p.end(); err != nil {
				return err
			}
		case "min_score":
			var text string
			if !p.Args(&text) {
				return p.Errf("captcha: min_score needs a number, such as 0.5")
			}
			score, err := strconv.ParseFloat(text, 64)
			if err != nil || score == 0 {
				return p.Errf("captcha: min_score %q: write a number above 0 up to 1, such as 0.5", text)
			}
			t.MinScore = score
		default:
			if err := oneText(p.Dispenser, "captcha "+t.Kind, texts); err != nil {
				return err
			}
		}
	}
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

// machine reads whose tokens are taken instead of proofs.
func (p *gatewayParser) machine(c *Captcha) error {
	args := p.RemainingArgs()
	if c.ExemptJWT != nil || len(args) == 0 || len(args) > 3 {
		return p.Errf("captcha: write once whose tokens are taken, as in: exempt_jwt {env.MACHINE_KEY} [<issuer> [<audience>]]")
	}
	args = append(args, "", "")
	c.ExemptJWT = &Machine{Key: args[0], Issuer: args[1], Audience: args[2]}
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
