package client

import (
	"encoding/json"
	"fmt"
)

// Provider is what the script needs to know of one: where its script is, and how that
// is used.
type Provider struct {
	Name   string `json:"name"`   // by which its tokens begin
	Script string `json:"script"` // absolute
	API    string `json:"api"`    // the object that the script leaves behind
	// Waits says that the object is of use only once its function ready says so.
	Waits bool `json:"waits,omitempty"`
	// Shows is how visitors meet it: not at all, by what it shows when they come to the
	// form (early), or when they send it (late).
	Shows string `json:"shows,omitempty"`
	// Options are those of its widget, or of its execute.
	Options map[string]string `json:"options"`
}

// The kinds of Provider, which are the names by which their tokens begin, too.
const (
	RecaptchaV2         = "recaptcha-v2"
	RecaptchaInvisible  = "recaptcha-invisible"
	RecaptchaV3         = "recaptcha-v3"
	RecaptchaEnterprise = "recaptcha-enterprise"
	HCaptcha            = "hcaptcha"
	Turnstile           = "turnstile"
	FriendlyCaptcha     = "friendly-captcha"
)

// NewProvider describes a provider to the script. Base is where its script comes from,
// an absolute address without a slash at its end, such as https://www.recaptcha.net;
// empty: where the provider says. Key is the site's public one, action names the form.
// The error says that there is no such kind.
func NewProvider(kind, base, key, action string) (*Provider, error) {
	p := &Provider{Name: kind, API: "grecaptcha", Waits: true, Options: map[string]string{"sitekey": key}}
	script := ""
	switch kind {
	case RecaptchaV2:
		base, script, p.Shows = either(base, google), "/recaptcha/api.js?render=explicit", "early"
	case RecaptchaInvisible:
		base, script, p.Shows = either(base, google), "/recaptcha/api.js?render=explicit", "late"
		p.Options["size"] = "invisible"
	case RecaptchaV3:
		base, script = either(base, google), "/recaptcha/api.js?render="+key
		p.Options["action"] = action
	case RecaptchaEnterprise:
		base, script, p.API = either(base, google), "/recaptcha/enterprise.js?render="+key, "grecaptcha.enterprise"
		p.Options["action"] = action
	case HCaptcha:
		base, script, p.API, p.Waits, p.Shows = either(base, "https://js.hcaptcha.com"), "/1/api.js?render=explicit&recaptchacompat=off", "hcaptcha", false, "early"
	case Turnstile:
		base, script, p.API, p.Waits, p.Shows = either(base, "https://challenges.cloudflare.com"), "/turnstile/v0/api.js?render=explicit", "turnstile", false, "early"
		p.Options["action"] = action
	case FriendlyCaptcha:
		base, script, p.API, p.Waits, p.Shows = either(base, "https://cdn.jsdelivr.net/npm/@friendlycaptcha/sdk@1.0.2"), "/site.min.js", "frcaptcha", false, "early"
		p.Options["startMode"], p.Options["apiEndpoint"] = "auto", "eu"
	default:
		return nil, fmt.Errorf("no provider is called %q: write one of %s, %s, %s, %s, %s, %s, %s", kind,
			RecaptchaV2, RecaptchaInvisible, RecaptchaV3, RecaptchaEnterprise, HCaptcha, Turnstile, FriendlyCaptcha)
	}
	p.Script = base + script
	return p, nil
}

// google is where reCAPTCHA comes from without the cookies of Google accounts.
const google = "https://www.recaptcha.net"

func either(base, otherwise string) string {
	if base != "" {
		return base
	}
	return otherwise
}

// WithProvider adds a provider, in the form of Provider, to a challenge, a JSON object.
func WithProvider(challenge []byte, p any) []byte {
	text, _ := json.Marshal(p) // strings, bools and maps of those never fail
	out := append([]byte(nil), challenge[:len(challenge)-1]...)
	return append(append(append(out, `,"provider":`...), text...), '}')
}
