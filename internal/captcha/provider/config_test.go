package provider

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// nowhere is a transport that must not be used.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nothing may be sent")
}

func TestConfigurationsSayWhatIsWrong(t *testing.T) {
	for says, change := range map[string]func(*Config){
		`the provider "recaptcha" is unknown: write friendly, hcaptcha`: func(c *Config) { c.Kind = "recaptcha" },
		`the provider "none" is unknown`:                                func(c *Config) { c.Kind = "none" },
		"there is no site key":                                          func(c *Config) { c.SiteKey = "" },
		"there is no secret":                                            func(c *Config) { c.Secret = "" },
		"the secret has characters":                                     func(c *Config) { c.Secret = "a\n" },
		"the site key has characters":                                   func(c *Config) { c.SiteKey = "a b" },
		"are the same":                                                  func(c *Config) { c.Secret = Secret(c.SiteKey) },
		"it gives no scores":                                            func(c *Config) { c.MinScore = 0.5 },
		"min_score 1.5 is none":                                         func(c *Config) { c.Kind, c.MinScore = RecaptchaV3, 1.5 },
		"min_score -1 is none":                                          func(c *Config) { c.Kind, c.MinScore = RecaptchaV3, -1 },
		"there is no project":                                           func(c *Config) { c.Kind = RecaptchaEnterprise },
		`the project "a/b" is none`:                                     func(c *Config) { c.Kind, c.Project = RecaptchaEnterprise, "a/b" },
		"it has no projects":                                            func(c *Config) { c.Project = "p" },
		"no choice of servers in the European Union":                    func(c *Config) { c.EU = true },
		"eu and host exclude each other":                                func(c *Config) { c.Kind, c.EU, c.Host = Friendly, true, "x.example" },
		"write www.recaptcha.net":                                       func(c *Config) { c.Host = "recaptcha.net" },
		`the host "www.google.com/recaptcha" cannot be read`:            func(c *Config) { c.Host = "www.google.com/recaptcha" },
		`the host "a@b.example" cannot be read`:                         func(c *Config) { c.Host = "a@b.example" },
		`the host "ftp://b.example" cannot be read`:                     func(c *Config) { c.Host = "ftp://b.example" },
		`the script host "b.example?" cannot be read`:                   func(c *Config) { c.ScriptHost = "b.example?" },
		"would get secrets unencrypted":                                 func(c *Config) { c.Host = "http://b.example" },
		"would get  secrets unencrypted"[:10]:                           func(c *Config) { c.Host = "http://127.evil.example" },
	} {
		c := account(HCaptcha)
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("the error is %v, want %s", err, says)
		}
		if p, err := New(c, nowhere{}); err == nil || p != nil {
			t.Errorf("%s: a provider was made all the same", says)
		}
	}
	for _, name := range Kinds() {
		c := account(Kind(name))
		for _, host := range []string{"", "captcha.example.fr", "captcha.example.fr:8443", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://b.example"} {
			c.Host = host
			if _, err := New(c, nowhere{}); err != nil {
				t.Errorf("%s at %q: %v", name, host, err)
			}
		}
	}
	if _, err := New(account(HCaptcha), nil); err == nil {
		t.Error("a provider without a transport was made")
	}
}

func TestProvidersAreAskedAtTheirOwnAddresses(t *testing.T) {
	for kind, want := range map[Kind]string{
		RecaptchaV2:         "https://www.recaptcha.net/recaptcha/api/siteverify",
		RecaptchaInvisible:  "https://www.recaptcha.net/recaptcha/api/siteverify",
		RecaptchaV3:         "https://www.recaptcha.net/recaptcha/api/siteverify",
		RecaptchaEnterprise: "https://recaptchaenterprise.googleapis.com/v1/projects/project-1/assessments?key=key-enterprise",
		HCaptcha:            "https://api.hcaptcha.com/siteverify",
		Turnstile:           "https://challenges.cloudflare.com/turnstile/v0/siteverify",
		Friendly:            "https://global.frcapi.com/api/v2/captcha/siteverify",
	} {
		p, err := New(account(kind), nowhere{})
		if err != nil || p.address != want {
			t.Errorf("%s is asked at %s (%v), want %s", kind, p.address, err, want)
		}
		if !strings.Contains(want, "://"+p.Host()+"/") {
			t.Errorf("%s: the host is %s", kind, p.Host())
		}
	}
	c := account(Friendly)
	c.EU = true
	if p, err := New(c, nowhere{}); err != nil || p.address != "https://eu.frcapi.com/api/v2/captcha/siteverify" {
		t.Errorf("in the EU it is asked at %s (%v)", p.address, err)
	}
}

func TestPagesAreToldWhatTheyNeed(t *testing.T) {
	for kind, want := range map[Kind]struct{ json, script, frame, fields string }{
		RecaptchaV2: {`{"name":"recaptcha_v2","script":"https://www.recaptcha.net/recaptcha/api.js?render=explicit","api":"grecaptcha","waits":true,"shows":"always","options":{"sitekey":"site-v2"}}`,
			"https://www.recaptcha.net/recaptcha/ https://www.gstatic.com/recaptcha/", "https://www.recaptcha.net/recaptcha/ https://recaptcha.google.com/recaptcha/", "g-recaptcha-response"},
		RecaptchaInvisible: {`{"name":"recaptcha_invisible","script":"https://www.recaptcha.net/recaptcha/api.js?render=explicit","api":"grecaptcha","waits":true,"shows":"late","options":{"sitekey":"site-invisible","size":"invisible"}}`,
			"https://www.recaptcha.net/recaptcha/ https://www.gstatic.com/recaptcha/", "https://www.recaptcha.net/recaptcha/ https://recaptcha.google.com/recaptcha/", "g-recaptcha-response"},
		RecaptchaV3: {`{"name":"recaptcha_v3","script":"https://www.recaptcha.net/recaptcha/api.js?render=site-v3","api":"grecaptcha","waits":true,"options":{"action":"contact_1a2b3c4d","sitekey":"site-v3"}}`,
			"https://www.recaptcha.net/recaptcha/ https://www.gstatic.com/recaptcha/", "https://www.recaptcha.net/recaptcha/ https://recaptcha.google.com/recaptcha/", "g-recaptcha-response"},
		RecaptchaEnterprise: {`{"name":"recaptcha_enterprise","script":"https://www.recaptcha.net/recaptcha/enterprise.js?render=site-enterprise","api":"grecaptcha.enterprise","waits":true,"options":{"action":"contact_1a2b3c4d","sitekey":"site-enterprise"}}`,
			"https://www.recaptcha.net/recaptcha/ https://www.gstatic.com/recaptcha/", "https://www.recaptcha.net/recaptcha/ https://recaptcha.google.com/recaptcha/", "g-recaptcha-response"},
		HCaptcha: {`{"name":"hcaptcha","script":"https://js.hcaptcha.com/1/api.js?render=explicit\u0026recaptchacompat=off","api":"hcaptcha","shows":"always","options":{"sitekey":"site-hcaptcha"}}`,
			"https://hcaptcha.com https://*.hcaptcha.com", "https://hcaptcha.com https://*.hcaptcha.com", "h-captcha-response g-recaptcha-response"},
		Turnstile: {`{"name":"turnstile","script":"https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit","api":"turnstile","shows":"always","options":{"action":"contact_1a2b3c4d","response-field":false,"sitekey":"site-turnstile"}}`,
			"https://challenges.cloudflare.com", "https://challenges.cloudflare.com", "cf-turnstile-response"},
		Friendly: {`{"name":"friendly","script":"https://cdn.jsdelivr.net/npm/@friendlycaptcha/sdk@1.0.2/site.compat.min.js","api":"frcaptcha","shows":"always","options":{"apiEndpoint":"global","formFieldName":null,"sitekey":"site-friendly","startMode":"auto"}}`,
			"https://cdn.jsdelivr.net/npm/@friendlycaptcha/sdk@1.0.2/site.compat.min.js", "https://global.frcapi.com https://global0.frcapi.com https://global1.frcapi.com", "frc-captcha-response"},
	} {
		p, err := New(account(kind), nowhere{})
		if err != nil {
			t.Fatal(err)
		}
		b := p.Browser(form)
		text, err := json.Marshal(b)
		if err != nil || string(text) != want.json {
			t.Errorf("%s: %s (%v)\nwant %s", kind, text, err, want.json)
		}
		if s := b.Sources; strings.Join(s.Script, " ") != want.script || strings.Join(s.Frame, " ") != want.frame || strings.Join(b.Fields, " ") != want.fields {
			t.Errorf("%s: %+v, %v", kind, s, b.Fields)
		}
		if strings.Contains(string(text), string(p.config.Secret)) {
			t.Errorf("%s: the page is told the secret", kind)
		}
		if p.Browser("other").Options["action"] == form {
			t.Errorf("%s: forms share what is said of one", kind)
		}
	}
}

func TestAStandInIsLoadedAndFramedFromItsOwnHost(t *testing.T) {
	for _, name := range Kinds() {
		c := account(Kind(name))
		c.Host, c.ScriptHost = "captcha.example:8443", "captcha.example:8443"
		p, err := New(c, nowhere{})
		if err != nil {
			t.Fatal(err)
		}
		b := p.Browser(form)
		if !strings.HasPrefix(b.Script, "https://captcha.example:8443/") || !strings.HasPrefix(b.Sources.Frame[0], "https://captcha.example:8443") {
			t.Errorf("%s: %s, %v", name, b.Script, b.Sources)
		}
		if p.Host() != "captcha.example" {
			t.Errorf("%s: the host is %s", name, p.Host())
		}
	}
}

// The consent of a service covers an address only if the catalogue knows the address as the
// service's.
func TestTheCatalogueKnowsEveryAddressAsTheServices(t *testing.T) {
	for _, name := range Kinds() {
		for _, eu := range []bool{false, true} {
			c := account(Kind(name))
			c.EU = eu && c.Kind == Friendly
			p, err := New(c, nowhere{})
			if err != nil {
				t.Fatal(err)
			}
			b := p.Browser(form)
			for _, source := range append(append([]string{p.address, b.Script}, b.Sources.Frame...), b.Sources.Script...) {
				u, err := url.Parse(source)
				if err != nil {
					t.Fatal(err)
				}
				if u.Hostname() == "cdn.jsdelivr.net" {
					continue // a library as others are, for the mirror
				}
				host := strings.TrimPrefix(u.Hostname(), "*.")
				if s, ok := catalogue.Default().Address(host, u.Path); !ok || s.ID != b.Service || p.Service() != b.Service {
					t.Errorf("%s: %s does not belong to %s in the catalogue (%v)", name, source, b.Service, s)
				}
			}
		}
	}
}
