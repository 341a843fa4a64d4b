package provider

import "net/url"

// Browser is what the script of a protected form must know to make tokens. Written as JSON
// it is what the challenge's answer carries for visitors who agreed to the provider, and
// nothing in it is secret.
type Browser struct {
	Name   string `json:"name"`            // stands before tokens, with a colon, so that they find back to this Provider
	Script string `json:"script"`          // the address to load, once per page
	API    string `json:"api"`             // the object that the script makes: grecaptcha, or grecaptcha.enterprise
	Waits  bool   `json:"waits,omitempty"` // until the object calls back what it is given by ready
	// Shows is empty where tokens are made by execute(site key, action); "always" where a widget is
	// to be rendered, which calls back; "late" where a rendered widget shows itself by execute(id) alone.
	Shows   string         `json:"shows,omitempty"`
	Options map[string]any `json:"options"` // for the widget, or those of execute: sitekey, action

	// Sources are what a page's own policy must allow.
	Sources Sources `json:"-"`
	// Fields are the names under which the script puts tokens into forms by itself, which the
	// site does not know.
	Fields []string `json:"-"`
	// Service is the identifier in the catalogue of the service that the visitor must have
	// agreed to before anything of this is used.
	Service string `json:"-"`
}

// Sources are sources of a Content-Security-Policy, by directive.
type Sources struct {
	Script, Frame, Connect, Style []string
}

// Browser answers for one protected form. Action is the form's identifier, as it will be in
// captcha.Answer.
func (p *Provider) Browser(action string) Browser {
	b := p.kind.page(&p.config)
	b.Name, b.Service = p.kind.name, p.kind.service
	b.Options["sitekey"] = p.config.SiteKey
	if p.kind.acts {
		b.Options["action"] = action
	}
	return b
}

// Sources: https://developers.google.com/recaptcha/docs/faq, on Content-Security-Policy.
func pageRecaptcha(c *Config) Browser {
	folder := c.loads() + "/recaptcha/"
	b := Browser{
		Script:  folder + "api.js?render=explicit",
		API:     "grecaptcha",
		Waits:   true,
		Options: map[string]any{},
		Sources: Sources{
			Script:  []string{folder, "https://www.gstatic.com/recaptcha/"},
			Frame:   []string{folder, "https://recaptcha.google.com/recaptcha/"},
			Connect: []string{folder},
		},
		Fields: []string{"g-recaptcha-response"},
	}
	switch c.Kind {
	case RecaptchaV2:
		b.Shows = "always"
	case RecaptchaInvisible:
		b.Shows, b.Options["size"] = "late", "invisible"
	case RecaptchaV3:
		b.Script = folder + "api.js?render=" + url.QueryEscape(c.SiteKey)
	case RecaptchaEnterprise:
		b.Script = folder + "enterprise.js?render=" + url.QueryEscape(c.SiteKey)
		b.API = "grecaptcha.enterprise"
	}
	return b
}

// Sources: https://docs.hcaptcha.com/#content-security-policy-settings.
func pageHCaptcha(c *Config) Browser {
	all := []string{"https://hcaptcha.com", "https://*.hcaptcha.com"}
	if c.ScriptHost != "" {
		all = []string{c.loads()}
	}
	return Browser{
		Script:  c.loads() + "/1/api.js?render=explicit&recaptchacompat=off",
		API:     "hcaptcha",
		Shows:   "always",
		Options: map[string]any{},
		Sources: Sources{Script: all, Frame: all, Connect: all, Style: all},
		Fields:  []string{"h-captcha-response", "g-recaptcha-response"},
	}
}

// Sources: https://developers.cloudflare.com/turnstile/reference/content-security-policy.
func pageTurnstile(c *Config) Browser {
	all := []string{c.loads()}
	return Browser{
		Script:  c.loads() + "/turnstile/v0/api.js?render=explicit",
		API:     "turnstile",
		Shows:   "always",
		Options: map[string]any{"response-field": false},
		Sources: Sources{Script: all, Frame: all},
		Fields:  []string{"cf-turnstile-response"},
	}
}

// friendlyScript is the release that the protocol was read from. Its file is an ordinary
// package of npm: the mirror can serve it from the site's own address.
const friendlyScript = "/npm/@friendlycaptcha/sdk@1.0.2/site.compat.min.js"

// Sources: https://developer.friendlycaptcha.com/docs/v2/sdk/advanced/csp, and of the hosts
// that the two words stand for the script itself.
func pageFriendly(c *Config) Browser {
	endpoint, frames := "global", []string{"https://global.frcapi.com", "https://global0.frcapi.com", "https://global1.frcapi.com"}
	switch {
	case c.Host != "":
		endpoint, frames = c.asks(), []string{c.asks()}
	case c.EU:
		endpoint, frames = "eu", []string{"https://eu.frcapi.com", "https://eu0.frcapi.com", "https://eu1.frcapi.com"}
	}
	script := c.loads() + friendlyScript
	return Browser{
		Script: script,
		API:    "frcaptcha",
		Shows:  "always",
		// A widget of its own beside the form's button does not see the form being touched.
		Options: map[string]any{"apiEndpoint": endpoint, "formFieldName": nil, "startMode": "auto"},
		Sources: Sources{Script: []string{script}, Frame: frames},
		Fields:  []string{"frc-captcha-response"},
	}
}
