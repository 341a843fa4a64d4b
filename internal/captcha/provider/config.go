package provider

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Config is what the owner has agreed with a provider.
type Config struct {
	// Kind is the provider and its way of checking. Required.
	Kind Kind
	// SiteKey is the public key, which pages name. Required.
	SiteKey string
	// Secret is the key of the site's own server: the secret key, of Friendly Captcha and of
	// reCAPTCHA Enterprise the API key. Required.
	Secret Secret
	// Project is the identifier of the Google Cloud project. Required for reCAPTCHA
	// Enterprise, and for nothing else.
	Project string
	// MinScore is the least score of who passes, above 0 up to 1. Default 0.5. Only reCAPTCHA v3
	// and Enterprise give scores.
	MinScore float64
	// EU asks Friendly Captcha's servers in the European Union, which its larger plans
	// include. Default: its servers everywhere.
	EU bool
	// Host is where answers are checked: a host, with a port if that is not 443. http:// may
	// stand before a loopback address. Default: the provider's own, of reCAPTCHA
	// www.recaptcha.net, where the browser has no other cookies of Google.
	Host string
	// ScriptHost is where browsers load the provider's script from, written as Host is. Default:
	// the same Host for those that use one for both, the provider's own for the others.
	ScriptHost string
}

// defaultScore is Google's own advice for a start.
const defaultScore = 0.5

// Check tells what is wrong with a Config, and what to write instead.
func (c *Config) Check() error {
	k, known := kinds[c.Kind]
	switch {
	case !known:
		return fmt.Errorf("the provider %q is unknown: write %s", string(c.Kind), strings.Join(Kinds(), ", "))
	case c.SiteKey == "":
		return c.wrong("there is no site key: copy the public one of the two keys from the provider's page for this site")
	case c.Secret == "":
		return c.wrong("there is no secret: without it no answer can be checked; write it as {env.NAME} or {file./path}, and see that the variable or file is there and not empty")
	case !isKey(c.SiteKey):
		return c.wrong("the site key has characters that no key has: copy it again, without quotes and spaces")
	case !isKey(string(c.Secret)):
		return c.wrong("the secret has characters that no key has: copy it again, without quotes, spaces and line breaks")
	case c.SiteKey == string(c.Secret):
		return c.wrong("the site key and the secret are the same: the site key is public, the secret is the other of the two")
	}
	return errors.Join(c.checkExtras(k), c.checkHost("host", c.Host), c.checkHost("script host", c.ScriptHost))
}

func (c *Config) checkExtras(k *kind) error {
	enterprise := c.Kind == RecaptchaEnterprise
	switch {
	case !k.scores && c.MinScore != 0:
		return c.wrong("it gives no scores: leave out min_score")
	case !(c.MinScore >= 0 && c.MinScore <= 1):
		return c.wrong("min_score %v is none: write a number above 0 up to 1, such as 0.5", c.MinScore)
	case enterprise && c.Project == "":
		return c.wrong("there is no project: write the identifier of the Google Cloud project that the key belongs to")
	case enterprise && !isProject(c.Project):
		return c.wrong("the project %q is none: its identifier has small letters, digits and hyphens", c.Project)
	case !enterprise && c.Project != "":
		return c.wrong("it has no projects: leave out the project, or use %s", RecaptchaEnterprise)
	case c.EU && c.Kind != Friendly:
		return c.wrong("it offers no choice of servers in the European Union: leave out eu")
	case c.EU && c.Host != "":
		return c.wrong("eu and host exclude each other: leave out one")
	}
	return nil
}

func (c *Config) checkHost(field, host string) error {
	switch host {
	case "":
		return nil
	case "recaptcha.net", "google.com":
		return c.wrong("the %s %s only leads elsewhere: write www.%s", field, host, host)
	}
	u, err := url.Parse(origin(host))
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Scheme+"://"+u.Host != origin(host):
		return c.wrong("the %s %q cannot be read: write a host alone, such as www.recaptcha.net", field, host)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return c.wrong("the %s %q would get secrets unencrypted: leave out http://", field, host)
	case u.Scheme != "http" && u.Scheme != "https":
		return c.wrong("the %s %q cannot be read: write a host alone", field, host)
	}
	return nil
}

// Testing names the public test keys that are in use, if any are: with them everybody
// passes, or nobody. It is empty where the keys are the owner's own.
func (c *Config) Testing() string {
	if t, ok := testKeys[string(c.Secret)]; ok && c.kind() != nil && c.kind().service == t.service {
		return t.what
	}
	return ""
}

// testKey is a secret that a provider publishes for trying things out.
type testKey struct{ service, what string }

// Sources: the providers' pages on testing.
var testKeys = map[string]testKey{
	"6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe":   {recaptcha, "Google's public test keys, by which everybody passes"},
	"0x0000000000000000000000000000000000000000": {hcaptcha, "hCaptcha's public test keys, by which everybody passes"},
	"1x0000000000000000000000000000000AA":        {turnstile, "Cloudflare's public test secret by which everybody passes"},
	"2x0000000000000000000000000000000AA":        {turnstile, "Cloudflare's public test secret by which nobody passes"},
	"3x0000000000000000000000000000000AA":        {turnstile, "Cloudflare's public test secret by which every answer was used before"},
}

func (c *Config) wrong(format string, args ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{c.Kind}, args...)...)
}

func (c *Config) kind() *kind { return kinds[c.Kind] }

func (c *Config) minScore() float64 {
	if c.MinScore == 0 {
		return defaultScore
	}
	return c.MinScore
}

// Secret is a text that is not shown: printed, logged and marshalled it is a mask.
type Secret string

const mask = "[secret]"

func (Secret) String() string               { return mask }
func (Secret) GoString() string             { return mask }
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }

// isKey tells whether a text can stand in a form field, a header field and an address.
func isKey(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '"' {
			return false
		}
	}
	return len(s) <= 512
}

// isProject is the rule for identifiers of projects; those of domains have a colon.
func isProject(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.:") == ""
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.") && strings.Trim(host, "0123456789.") == ""
}

// origin completes a host as the owner writes it.
func origin(host string) string {
	if strings.Contains(host, "://") {
		return host
	}
	return "https://" + host
}
