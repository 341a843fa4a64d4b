package provider

import (
	"encoding/json"
	"errors"
	"net/url"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// Friendly Captcha, version 2: https://developer.friendlycaptcha.com/docs/v2/api/siteverify

func askFriendly(p *Provider, q *question) (body []byte, contentType string) {
	body, _ = json.Marshal(map[string]string{"response": q.Token, "sitekey": p.config.SiteKey}) // of texts alone
	return body, "application/json"
}

// friendlyAnswer is what of one matters here.
type friendlyAnswer struct {
	success bool
	code    string
	origin  string
}

func readFriendly(p *Provider, r *reply, q *question) result {
	a, err := readFriendlyAnswer(r.text)
	switch {
	case err != nil:
		return unreadable(err.Error())
	case a.code != "":
		return byCodes(friendlyCodes, []string{a.code})
	case !a.success: // a plain no is about the token
		return visitor(captcha.Malformed)
	}
	made, err := url.Parse(a.origin)
	if err != nil || p.elsewhere(q, made.Hostname(), "") {
		return visitor(captcha.Elsewhere)
	}
	return p.passed(nil)
}

func readFriendlyAnswer(text []byte) (a friendlyAnswer, err error) {
	o, err := readObject(text)
	if err != nil {
		return a, err
	}
	if o.must("success", &a.success) != nil {
		return a, errJSON
	}
	fault, err := o.object("error")
	if err != nil || fault.get("error_code", &a.code) != nil || fault != nil && a.code == "" {
		return a, errJSON
	}
	if !a.success {
		return a, nil
	}
	data, dataErr := o.object("data")
	challenge, err := data.object("challenge")
	if errors.Join(dataErr, err) != nil || challenge.get("origin", &a.origin) != nil {
		return a, errJSON
	}
	return a, nil
}
