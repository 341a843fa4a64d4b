package provider

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// Whatever comes, nothing passes that does not say of itself, in so many words, that it is a
// good answer for this site.
func fuzzReader(f *testing.F, k Kind, seeds ...string) {
	for _, seed := range append(seeds, good(k), "", "{}", "null", `{"success":false}`, `{"a":{"b":[1,"x",null]}}`, "<!doctype html>") {
		f.Add(200, seed)
		f.Add(400, seed)
	}
	f.Fuzz(func(t *testing.T, status int, text string) {
		r := reading(t, k, status, text)
		if r.Outcome >= captcha.Outcomes || r.Reason >= captcha.Reasons {
			t.Fatalf("%+v", r)
		}
		if blamed := r.Outcome == captcha.OperatorFailed || r.Outcome == captcha.ProviderFailed; blamed && r.why == "" {
			t.Errorf("nobody is told why: %+v", r)
		}
		if r.Passed() != (r.Reason == captcha.Solved) {
			t.Errorf("%+v", r)
		}
		if !r.Passed() {
			return
		}
		var whole any
		if status != 200 || json.Unmarshal([]byte(text), &whole) != nil || !strings.Contains(text, "true") {
			t.Errorf("it passes with status %d: %s", status, text)
		}
		if !names(whole) {
			t.Errorf("it passes and does not name the site: %s", text)
		}
	})
}

// names tells whether the site is among the texts of a value.
func names(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(strings.ToLower(v), site)
	case []any:
		for _, e := range v {
			if names(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if names(e) {
				return true
			}
		}
	}
	return false
}

func FuzzVerification(f *testing.F) {
	fuzzReader(f, RecaptchaV3, `{"success":true,"error-codes":["Over free quota"],"score":0.9}`, `{"success":false,"error-codes":["timeout-or-duplicate"]}`)
}

func FuzzAssessment(f *testing.F) {
	fuzzReader(f, RecaptchaEnterprise, `{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[]}}`, `{"tokenProperties":{"valid":false,"invalidReason":"DUPE"}}`)
}

func FuzzFriendlyAnswer(f *testing.F) {
	fuzzReader(f, Friendly, `{"success":false,"error":{"error_code":"response_timeout","detail":"…"}}`)
}

func BenchmarkReading(b *testing.B) {
	for _, k := range []Kind{RecaptchaV3, RecaptchaEnterprise, Turnstile, Friendly} {
		b.Run(strings.ReplaceAll(string(k), " ", "_"), func(b *testing.B) {
			p, err := New(account(k), nowhere{})
			if err != nil {
				b.Fatal(err)
			}
			text := []byte(good(k))
			q := &question{Answer: captcha.Answer{Token: "x", Form: form, Host: site}}
			b.ReportAllocs()
			for b.Loop() {
				if r := p.judge(&reply{200, text}, q); !r.Passed() {
					b.Fatal(r)
				}
			}
		})
	}
}

func BenchmarkAnOpenBreaker(b *testing.B) {
	breaker, _, _ := newBreaker()
	for range breakAfter {
		breaker.Verify(b.Context(), captcha.Answer{Token: "x"})
	}
	b.ReportAllocs()
	for b.Loop() {
		breaker.Verify(b.Context(), captcha.Answer{Token: "x"})
	}
}
