package provider

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// The protocol of reCAPTCHA, which hCaptcha and Turnstile have taken over: a form goes
// there, an object comes back.
//
//   - https://developers.google.com/recaptcha/docs/verify
//   - https://docs.hcaptcha.com/#verify-the-user-response-server-side
//   - https://developers.cloudflare.com/turnstile/get-started/server-side-validation/

func askSiteverify(p *Provider, q *question) (body []byte, contentType string) {
	form := url.Values{"secret": {string(p.config.Secret)}, "response": {q.Token}}
	if q.Address != "" {
		form.Set("remoteip", q.Address)
	}
	switch p.config.Kind {
	case HCaptcha: // tokens of the account's other sites are no good here
		form.Set("sitekey", p.config.SiteKey)
	case Turnstile: // so that asking again is not using twice
		form.Set("idempotency_key", uuid())
	}
	return []byte(form.Encode()), "application/x-www-form-urlencoded"
}

// verification is an answer of siteverify.
type verification struct {
	success  bool
	codes    []string
	hostname string
	action   string
	score    *float64
}

func readSiteverify(p *Provider, r *reply, q *question) result {
	v, err := readVerification(r.text)
	switch {
	case err != nil:
		return unreadable(err.Error())
	case len(v.codes) > 0: // with success beside them too: so Google says that the quota is used up
		return byCodes(siteverifyCodes, v.codes)
	case !v.success: // a plain no is about the token
		return visitor(captcha.Malformed)
	case p.elsewhere(q, v.hostname, v.action):
		return visitor(captcha.Elsewhere)
	}
	return p.passed(v.score)
}

func readVerification(text []byte) (v verification, err error) {
	o, err := readObject(text)
	if err != nil {
		return v, err
	}
	err = errors.Join(
		o.must("success", &v.success), o.get("error-codes", &v.codes),
		o.get("hostname", &v.hostname), o.get("action", &v.action),
	)
	if err != nil {
		return v, errJSON
	}
	// hCaptcha has scores of its own, of which higher is worse; only Google's are looked at.
	if o.get("score", &v.score) != nil {
		return v, errJSON
	}
	return v, nil
}

// byCodes answers by the codes of errors, of which several can come. The owner's fault goes
// first, for as long as it lasts nothing can be checked; then the visitor's, since what was
// refused does not get better by a code that nobody knows.
func byCodes(known map[string]result, codes []string) result {
	worst := unreadable("it names an error that is not documented")
	for _, code := range codes {
		r, ok := known[code]
		if !ok && strings.Contains(strings.ToLower(code), "quota") { // a sentence, with an address in it
			r, ok = operator(captcha.OverQuota, "the quota is used up: see the plan and its billing"), true
		}
		if ok && urgency[r.Outcome] >= urgency[worst.Outcome] {
			worst = r
		}
	}
	return worst
}

var urgency = [captcha.Outcomes]int{captcha.ProviderFailed: 0, captcha.VisitorFailed: 1, captcha.OperatorFailed: 2}

// uuid is a random one (RFC 9562, version 4).
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
