package provider

import (
	"slices"
	"strings"
)

// Kind is a provider and its way of checking, in the owner's words.
type Kind string

// The kinds.
const (
	RecaptchaV2         Kind = "recaptcha v2"           // the checkbox
	RecaptchaInvisible  Kind = "recaptcha v2 invisible" // pictures only for those whom Google doubts
	RecaptchaV3         Kind = "recaptcha v3"           // a score
	RecaptchaEnterprise Kind = "recaptcha enterprise"   // a score, by assessments of Google Cloud
	HCaptcha            Kind = "hcaptcha"
	Turnstile           Kind = "turnstile"
	Friendly            Kind = "friendly" // Friendly Captcha, version 2
)

// Kinds lists them in alphabetical order.
func Kinds() []string {
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, string(k))
	}
	slices.Sort(names)
	return names
}

// The services, by their identifiers in the catalogue.
const (
	recaptcha = "google-recaptcha"
	hcaptcha  = "hcaptcha"
	turnstile = "cloudflare-turnstile"
	friendly  = "friendly-captcha"
)

// kind is what is known of a Kind before the owner has said anything.
type kind struct {
	service string
	name    string // in a word: a label of metrics, the beginning of tokens
	asked   string // the origin that checks answers
	path    string // below it
	loaded  string // the origin of the script; empty: the one that checks
	maxima  int    // bytes of a token
	protocol
	scores bool // answers have a score
	acts   bool // answers name the action
	page   func(*Config) Browser
}

// protocol is how one asks and what one reads.
type protocol struct {
	ask  func(*Provider, *question) (body []byte, contentType string)
	read func(*Provider, *reply, *question) result
}

var (
	siteverify  = protocol{askSiteverify, readSiteverify}
	assessments = protocol{askAssessment, readAssessment}
	friendlyV2  = protocol{askFriendly, readFriendly}
)

const (
	google     = "https://www.recaptcha.net"
	googlePath = "/recaptcha/api/siteverify"
)

var kinds map[Kind]*kind

// The table names functions that read it.
func init() {
	kinds = map[Kind]*kind{
		RecaptchaV2: {service: recaptcha, name: "recaptcha_v2", asked: google, path: googlePath, maxima: 8 << 10,
			protocol: siteverify, page: pageRecaptcha},
		RecaptchaInvisible: {service: recaptcha, name: "recaptcha_invisible", asked: google, path: googlePath, maxima: 8 << 10,
			protocol: siteverify, page: pageRecaptcha},
		RecaptchaV3: {service: recaptcha, name: "recaptcha_v3", asked: google, path: googlePath, maxima: 8 << 10,
			protocol: siteverify, scores: true, acts: true, page: pageRecaptcha},
		RecaptchaEnterprise: {service: recaptcha, name: "recaptcha_enterprise", asked: "https://recaptchaenterprise.googleapis.com", path: "/v1/projects/", loaded: google, maxima: 8 << 10,
			protocol: assessments, scores: true, acts: true, page: pageRecaptcha},
		HCaptcha: {service: hcaptcha, name: "hcaptcha", asked: "https://api.hcaptcha.com", path: "/siteverify", loaded: "https://js.hcaptcha.com", maxima: 8 << 10,
			protocol: siteverify, page: pageHCaptcha},
		Turnstile: {service: turnstile, name: "turnstile", asked: "https://challenges.cloudflare.com", path: "/turnstile/v0/siteverify", maxima: 2048,
			protocol: siteverify, acts: true, page: pageTurnstile},
		Friendly: {service: friendly, name: "friendly", asked: "https://global.frcapi.com", path: "/api/v2/captcha/siteverify", loaded: "https://cdn.jsdelivr.net", maxima: 16 << 10,
			protocol: friendlyV2, page: pageFriendly},
	}
}

// asks is the origin that checks answers.
func (c *Config) asks() string {
	switch {
	case c.Host != "":
		return origin(c.Host)
	case c.EU:
		return "https://eu.frcapi.com"
	}
	return c.kind().asked
}

// loads is the origin of the script that browsers load.
func (c *Config) loads() string {
	k := c.kind()
	switch {
	case c.ScriptHost != "":
		return origin(c.ScriptHost)
	case k.loaded != "":
		return k.loaded
	}
	return c.asks()
}

// host is that of an origin, without scheme and port.
func host(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return strings.Trim(host, "[]")
}
