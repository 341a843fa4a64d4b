package provider

import (
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/captchatest"
)

// The codes stand here once more, as the providers document them.
func TestEveryDocumentedCodeHasItsOutcome(t *testing.T) {
	type outcome struct {
		captcha.Outcome
		captcha.Reason
	}
	operator := outcome{captcha.OperatorFailed, captcha.Misconfigured}
	visitor := func(r captcha.Reason) outcome { return outcome{captcha.VisitorFailed, r} }
	unknown := outcome{captcha.ProviderFailed, captcha.Unreadable}
	away := outcome{captcha.ProviderFailed, captcha.Unreachable}
	quota := outcome{captcha.OperatorFailed, captcha.OverQuota}
	google := map[string]outcome{
		"missing-input-secret": operator, "invalid-input-secret": operator, "bad-request": operator,
		"missing-input-response": visitor(captcha.Missing), "invalid-input-response": visitor(captcha.Malformed),
		"timeout-or-duplicate": visitor(captcha.Expired), "browser-error": visitor(captcha.Unsolved),
		"Over free quota": quota, "Over Enterprise free quota. Please ensure your project has an active billing account: https://cloud.google.com/recaptcha/docs/billing-information": quota,
		"brand-new": unknown, "": unknown,
		"invalid-input-response,invalid-input-secret": operator, "brand-new,invalid-input-response": visitor(captcha.Malformed),
		"invalid-input-response,brand-new": visitor(captcha.Malformed), "brand-new,internal-error": away,
	}
	for kind, codes := range map[Kind]map[string]outcome{
		RecaptchaV2: google, RecaptchaInvisible: google, RecaptchaV3: google,
		RecaptchaEnterprise: {
			"UNKNOWN_INVALID_REASON": visitor(captcha.Malformed), "MALFORMED": visitor(captcha.Malformed),
			"EXPIRED": visitor(captcha.Expired), "DUPE": visitor(captcha.Spent), "MISSING": visitor(captcha.Missing),
			"SITE_MISMATCH": visitor(captcha.Elsewhere), "BROWSER_ERROR": visitor(captcha.Unsolved), "UNEXPECTED_ACTION": visitor(captcha.Elsewhere),
			"INVALID_ARGUMENT": operator, "UNAUTHENTICATED": operator, "PERMISSION_DENIED": operator, "NOT_FOUND": operator,
			"RESOURCE_EXHAUSTED": quota, "INTERNAL": away, "UNAVAILABLE": away, "DEADLINE_EXCEEDED": away,
			"BRAND_NEW": unknown,
		},
		HCaptcha: {
			"missing-input-secret": operator, "invalid-input-secret": operator, "bad-request": operator,
			"missing-input-response": visitor(captcha.Missing), "invalid-input-response": visitor(captcha.Malformed),
			"expired-input-response": visitor(captcha.Expired), "already-seen-response": visitor(captcha.Spent),
			"invalid-or-already-seen-response": visitor(captcha.Spent), "not-using-dummy-passcode": operator, "not-using-dummy-secret": operator,
			"sitekey-secret-mismatch": operator, "missing-remoteip": operator, "invalid-remoteip": operator, "brand-new": unknown,
		},
		Turnstile: {
			"missing-input-secret": operator, "invalid-input-secret": operator, "bad-request": operator,
			"missing-input-response": visitor(captcha.Missing), "invalid-input-response": visitor(captcha.Malformed),
			"timeout-or-duplicate": visitor(captcha.Expired), "internal-error": away, "brand-new": unknown,
		},
		Friendly: {
			"auth_required": operator, "auth_invalid": operator, "sitekey_invalid": operator, "bad_request": operator, "method_not_allowed": operator,
			"response_missing": visitor(captcha.Missing), "response_invalid": visitor(captcha.Malformed),
			"response_timeout": visitor(captcha.Expired), "response_duplicate": visitor(captcha.Spent), "internal_server_error": away,
		},
	} {
		t.Run(strings.ReplaceAll(string(kind), " ", "_"), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, account(kind))
			for code, want := range codes {
				r.fake.Say(r.service, strings.Split(code, ",")...)
				v := r.Verify(t.Context(), r.answer())
				if (outcome{v.Outcome, v.Reason}) != want {
					t.Errorf("%q is %s, %s, want %s, %s", code, v.Outcome, v.Reason, want.Outcome, want.Reason)
				}
				if blamed := v.Outcome == captcha.OperatorFailed || v.Outcome == captcha.ProviderFailed; blamed != (r.Fault() != "") {
					t.Errorf("%q leaves the fault %q", code, r.Fault())
				}
			}
			r.fake.Say(r.service)
			r.expect(t, r.answer(), captcha.Passed, captcha.Solved)
			if r.Fault() != "" {
				t.Errorf("the fault outlives a good answer: %s", r.Fault())
			}
		})
	}
}

func TestAWrongSecretIsTheOwnersToMend(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		config := account(k)
		config.Secret = "a-wrong-one"
		r := newRig(t, config)
		r.expect(t, r.answer(), captcha.OperatorFailed, captcha.Misconfigured)
		if strings.Contains(r.Fault(), "a-wrong-one") {
			t.Error(r.Fault())
		}
	})
}

func TestProvidersThatMisbehave(t *testing.T) {
	for mode, want := range map[captchatest.Mode]struct {
		captcha.Outcome
		captcha.Reason
	}{
		captchatest.Well:     {captcha.Passed, captcha.Solved},
		captchatest.Slow:     {captcha.Passed, captcha.Solved},
		captchatest.Hang:     {captcha.ProviderFailed, captcha.Unreachable},
		captchatest.Cut:      {captcha.ProviderFailed, captcha.Unreachable},
		captchatest.Broken:   {captcha.ProviderFailed, captcha.Unreachable},
		captchatest.HTML:     {captcha.ProviderFailed, captcha.Unreadable},
		captchatest.Huge:     {captcha.ProviderFailed, captcha.Unreadable},
		captchatest.Redirect: {captcha.ProviderFailed, captcha.Unreadable},
		captchatest.Quota:    {captcha.OperatorFailed, captcha.OverQuota},
	} {
		t.Run(string(mode), func(t *testing.T) {
			each(t, func(t *testing.T, k Kind) {
				r := newRig(t, account(k))
				r.fake.Set(r.service, captchatest.Checks, mode)
				r.expect(t, r.answer(), want.Outcome, want.Reason)
				if _, checks := r.fake.Count(r.service); checks != 1 {
					t.Errorf("it was asked %d times", checks)
				}
			})
		})
	}
}

// reading is what a kind makes of an answer for the form.
func reading(t testing.TB, k Kind, status int, text string) result {
	t.Helper()
	p, err := New(account(k), nowhere{})
	if err != nil {
		t.Fatal(err)
	}
	return p.judge(&reply{status, []byte(text)}, &question{Answer: captcha.Answer{Token: "x", Form: form, Host: site}})
}

const (
	goodVerification = `{"success":true,"challenge_ts":"2026-11-28T12:00:00Z","hostname":"www.example.fr","score":0.9,"action":"contact_1a2b3c4d"}`
	goodAssessment   = `{"name":"projects/1/assessments/1","event":{"token":"x","siteKey":"y"},"riskAnalysis":{"score":0.9,"reasons":["AUTOMATION"]},"tokenProperties":{"valid":true,"hostname":"www.example.fr","action":"contact_1a2b3c4d","createTime":"2026-11-28T12:00:00Z"}}`
	goodFriendly     = `{"success":true,"data":{"event_id":"ev_CkK-YXwlFf-15_f","challenge":{"timestamp":"2026-02-05T13:01:25Z","origin":"https://www.example.fr"},"risk_intelligence":null}}`
)

func good(k Kind) string {
	switch k {
	case RecaptchaEnterprise:
		return goodAssessment
	case Friendly:
		return goodFriendly
	}
	return goodVerification
}

func TestAnswersAreReadExactly(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		text := good(k)
		if r := reading(t, k, 200, text); !r.Passed() {
			t.Fatalf("%s: %+v", text, r)
		}
		for _, status := range []int{201, 204, 206, 400, 401, 403, 404, 429, 500, 502, 503} {
			if r := reading(t, k, status, text); r.Passed() || r.Reason == captcha.Solved {
				t.Errorf("it passes with status %d", status)
			}
		}
		for name, other := range map[string]string{
			"nothing": "", "null": "null", "an array": "[" + text + "]", "a text": `"ok"`, "true": "true", "twice": text + text, "a tail": text + "x",
			"cut": text[:len(text)-1], "an empty object": "{}", "success as a text": `{"success":"true","hostname":"www.example.fr"}`,
			"success as a number": `{"success":1}`, "a byte order mark": "\ufeff" + text,
			"success in capitals": strings.NewReplacer(`"success"`, `"Success"`, `"tokenProperties"`, `"TokenProperties"`).Replace(text),
			"the same name twice": strings.Replace(text, "{", `{"success":false,"tokenProperties":{},`, 1),
			"codes as a text":     `{"success":true,"error-codes":"none","hostname":"www.example.fr","error":"x","data":[],"tokenProperties":[]}`,
			"hostname as a list":  `{"success":true,"hostname":["www.example.fr"],"data":{"challenge":[]},"tokenProperties":{"valid":true,"hostname":[]}}`,
		} {
			if r := reading(t, k, 200, other); r.Outcome != captcha.ProviderFailed || r.Reason != captcha.Unreadable {
				t.Errorf("%s is %s, %s: %s", name, r.Outcome, r.Reason, other)
			}
		}
	})
}

func TestAnAnswerWithErrorsNeverPasses(t *testing.T) {
	for _, k := range []Kind{RecaptchaV2, RecaptchaV3, HCaptcha, Turnstile} {
		for _, codes := range []string{`["Over free quota."]`, `["x"]`, `[""]`, `["invalid-input-response"]`} {
			text := strings.Replace(goodVerification, "{", `{"error-codes":`+codes+`,`, 1)
			if r := reading(t, k, 200, text); r.Passed() {
				t.Errorf("%s: %s", k, text)
			}
		}
		for _, codes := range []string{`[]`, `null`} {
			text := strings.Replace(goodVerification, "{", `{"error-codes":`+codes+`,`, 1)
			if r := reading(t, k, 200, text); !r.Passed() {
				t.Errorf("%s: %s", k, text)
			}
		}
		if r := reading(t, k, 200, `{"success":false}`); r.Outcome != captcha.VisitorFailed {
			t.Errorf("a plain no is %s, %s", r.Outcome, r.Reason)
		}
	}
	for k, text := range map[Kind]string{
		Friendly:            strings.Replace(goodFriendly, "{", `{"error":{"error_code":"response_invalid"},`, 1),
		RecaptchaEnterprise: strings.Replace(goodAssessment, `"valid":true`, `"valid":true,"invalidReason":"DUPE"`, 1),
	} {
		if r := reading(t, k, 200, text); r.Passed() {
			t.Errorf("%s: %s", k, text)
		}
	}
	if r := reading(t, RecaptchaEnterprise, 200, strings.Replace(goodAssessment, "{", `{"error":{"status":"INTERNAL"},`, 1)); r.Passed() {
		t.Error("an assessment with an error passes")
	}
}

func TestStatusesWithoutWordsAreMapped(t *testing.T) {
	for status, want := range map[int]captcha.Outcome{
		204: captcha.ProviderFailed, 400: captcha.OperatorFailed, 401: captcha.OperatorFailed, 403: captcha.OperatorFailed, 404: captcha.OperatorFailed,
		408: captcha.ProviderFailed, 429: captcha.OperatorFailed, 500: captcha.ProviderFailed, 502: captcha.ProviderFailed, 503: captcha.ProviderFailed, 504: captcha.ProviderFailed,
	} {
		each(t, func(t *testing.T, k Kind) {
			if r := reading(t, k, status, "<h1>no</h1>"); r.Outcome != want || r.why == "" {
				t.Errorf("%s: %d is %s (%s)", k, status, r.Outcome, r.why)
			}
		})
	}
}
