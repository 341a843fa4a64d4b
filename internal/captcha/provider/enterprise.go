package provider

import (
	"encoding/json"
	"errors"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// Assessments of reCAPTCHA Enterprise:
// https://docs.cloud.google.com/recaptcha/docs/reference/rest/v1/projects.assessments

func askAssessment(p *Provider, q *question) (body []byte, contentType string) {
	type event struct {
		Token   string `json:"token"`
		SiteKey string `json:"siteKey"`
		Action  string `json:"expectedAction"`
		Address string `json:"userIpAddress,omitempty"`
	}
	body, _ = json.Marshal(map[string]event{"event": {q.Token, p.config.SiteKey, q.Form, q.Address}}) // of texts alone
	return body, "application/json; charset=utf-8"
}

// assessment is what of one matters here.
type assessment struct {
	failed           bool   // there is none, but an error
	status           string // google.rpc.Code, with an error
	valid            bool
	invalidReason    string
	hostname, action string
	score            *float64
}

func readAssessment(p *Provider, r *reply, q *question) result {
	a, err := readAssessed(r.text)
	switch {
	case err != nil:
		return unreadable(err.Error())
	case a.failed:
		if known, ok := assessmentStatuses[a.status]; ok {
			return known
		}
		return unreadable("it names an error that is not documented")
	case !a.valid:
		return byCodes(assessmentReasons, []string{a.invalidReason})
	case a.invalidReason != "" && a.invalidReason != "INVALID_REASON_UNSPECIFIED":
		return byCodes(assessmentReasons, []string{a.invalidReason}) // valid, and yet not
	case p.elsewhere(q, a.hostname, a.action):
		return visitor(captcha.Elsewhere)
	}
	return p.passed(a.score)
}

// readAssessed takes missing values as the defaults that Google's interfaces leave out:
// false, nothing, and a score of 0.
func readAssessed(text []byte) (a assessment, err error) {
	o, err := readObject(text)
	if err != nil {
		return a, err
	}
	if o.has("error") {
		a.failed = true
		fault, err := o.object("error")
		if err != nil || fault.get("status", &a.status) != nil {
			return a, errJSON
		}
		return a, nil
	}
	token, err := o.object("tokenProperties")
	if err != nil || token == nil {
		return a, errJSON
	}
	err = errors.Join(
		token.get("valid", &a.valid), token.get("invalidReason", &a.invalidReason),
		token.get("hostname", &a.hostname), token.get("action", &a.action),
	)
	risk, riskErr := o.object("riskAnalysis")
	if err != nil || riskErr != nil || risk.get("score", &a.score) != nil {
		return a, errJSON
	}
	if a.score == nil && risk != nil {
		a.score = new(float64)
	}
	return a, nil
}
