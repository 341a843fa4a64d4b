package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/captchatest"
)

const (
	site   = "www.example.fr"
	form   = "contact_1a2b3c4d"
	source = "https://" + site
)

// clock is one that tests turn.
type clock struct{ past atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC).Add(time.Duration(c.past.Load()))
}

func (c *clock) turn(d time.Duration) { c.past.Add(int64(d)) }

// rig is one provider's account, checked by its stand-in.
type rig struct {
	*Provider
	fake    *captchatest.Server
	clock   *clock
	service captchatest.Service
}

func account(k Kind) Config {
	a := captchatest.Accounts[string(k)]
	return Config{Kind: k, SiteKey: a.Site, Secret: Secret(a.Secret), Project: a.Project}
}

func newRig(t testing.TB, c Config) *rig {
	t.Helper()
	ticking := new(clock)
	fake, listening := captchatest.Start(t, ticking.now)
	c.Host = strings.TrimPrefix(listening.URL, "https://")
	p, err := New(c, listening.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{p, fake, ticking, captchatest.Service(p.Service())}
}

// answer is a good one for the form.
func (r *rig) answer() captcha.Answer {
	return captcha.Answer{Token: r.fake.Mint(string(r.config.Kind), source, form), Form: form, Host: site}
}

func (r *rig) expect(t *testing.T, a captcha.Answer, outcome captcha.Outcome, reason captcha.Reason) captcha.Verdict {
	t.Helper()
	v := r.Verify(t.Context(), a)
	if v.Outcome != outcome || v.Reason != reason {
		t.Errorf("%s: the verdict is %s, %s (%s), want %s, %s", r.Name(), v.Outcome, v.Reason, r.Fault(), outcome, reason)
	}
	return v
}

func each(t *testing.T, test func(t *testing.T, k Kind)) {
	for _, name := range Kinds() {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			test(t, Kind(name))
		})
	}
}

func TestAGoodAnswerPassesOnce(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		r := newRig(t, account(k))
		a := r.answer()
		v := r.expect(t, a, captcha.Passed, captcha.Solved)
		if v.Scored != r.kind.scores || v.Scored && v.Score != 0.9 {
			t.Errorf("the score is %v (%v)", v.Score, v.Scored)
		}
		again := map[string]captcha.Reason{recaptcha: captcha.Expired, turnstile: captcha.Expired, hcaptcha: captcha.Spent, friendly: captcha.Spent}[r.Service()]
		if k == RecaptchaEnterprise {
			again = captcha.Spent
		}
		r.expect(t, a, captcha.VisitorFailed, again)
	})
}

func TestAnOldAnswerIsRefused(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		r := newRig(t, account(k))
		a := r.answer()
		r.clock.turn(time.Hour)
		r.expect(t, a, captcha.VisitorFailed, captcha.Expired)
	})
}

func TestAnAnswerOfAnotherSiteIsRefused(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		r := newRig(t, account(k))
		for _, origin := range []string{"https://example.fr", "https://www.example.fr.evil.example", "https://wwwXexample.fr", ""} {
			a := captcha.Answer{Token: r.fake.Mint(string(k), origin, form), Form: form, Host: site}
			r.expect(t, a, captcha.VisitorFailed, captcha.Elsewhere)
		}
		// A gateway that does not know its own site lets nobody pass.
		a := captcha.Answer{Token: r.fake.Mint(string(k), "", form), Form: form}
		r.expect(t, a, captcha.VisitorFailed, captcha.Elsewhere)
		a = captcha.Answer{Token: r.fake.Mint(string(k), "https://WWW.Example.fr:8443", form), Form: form, Host: site}
		r.expect(t, a, captcha.Passed, captcha.Solved)
	})
}

func TestAnAnswerOfAnotherFormIsRefusedWhereAnswersNameIt(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		r := newRig(t, account(k))
		outcome, reason := captcha.Passed, captcha.Solved
		if k == RecaptchaV3 || k == RecaptchaEnterprise || k == Turnstile {
			outcome, reason = captcha.VisitorFailed, captcha.Elsewhere
		}
		for _, action := range []string{"login_9f8e7d6c", "", strings.ToUpper(form)} {
			r.expect(t, captcha.Answer{Token: r.fake.Mint(string(k), source, action), Form: form, Host: site}, outcome, reason)
		}
		r.expect(t, captcha.Answer{Token: r.fake.Mint(string(k), source, ""), Host: site}, outcome, reason)
	})
}

func TestATokenOfAnotherProviderIsRefused(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		r := newRig(t, account(k))
		for other := range captchatest.Accounts {
			if other != string(k) {
				a := r.answer()
				a.Token = r.fake.Mint(other, source, form)
				r.expect(t, a, captcha.VisitorFailed, captcha.Malformed)
			}
		}
	})
}

func TestWhatCannotBeATokenIsRefusedUnasked(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		r := newRig(t, account(k))
		r.expect(t, captcha.Answer{Form: form, Host: site}, captcha.VisitorFailed, captcha.Missing)
		for _, token := range []string{" ", "a b", "a\nb", "a\x00", "é", strings.Repeat("x", r.kind.maxima+1)} {
			r.expect(t, captcha.Answer{Token: token, Form: form, Host: site}, captcha.VisitorFailed, captcha.Malformed)
		}
		if _, checks := r.fake.Count(r.service); checks != 0 {
			t.Errorf("%d of them went to the provider", checks)
		}
	})
}

func TestScoresDecideAboveTheOwnersMeasure(t *testing.T) {
	for _, k := range []Kind{RecaptchaV3, RecaptchaEnterprise} {
		for _, c := range []struct {
			least, score float64
			passes       bool
		}{{0, 0.5, true}, {0, 0.49, false}, {0.7, 0.7, true}, {0.7, 0.6, false}, {0.1, 0.1, true}, {0.1, 0, false}, {1, 0.9, false}, {1, 1, true}} {
			config := account(k)
			config.MinScore = c.least
			r := newRig(t, config)
			r.fake.SetScore(c.score)
			v := r.Verify(t.Context(), r.answer())
			if v.Passed() != c.passes || !v.Scored || v.Score != c.score || !c.passes && v.Reason != captcha.LowScore {
				t.Errorf("%s, least %v, score %v: %+v", k, c.least, c.score, v)
			}
		}
		r := newRig(t, account(k))
		r.fake.SetScore(1.5)
		r.expect(t, r.answer(), captcha.ProviderFailed, captcha.Unreadable)
	}
}

func TestTheKeyOfACheckboxIsNoKeyOfAScore(t *testing.T) {
	config := account(RecaptchaV3)
	config.Secret = account(RecaptchaV2).Secret
	r := newRig(t, config)
	token := r.fake.Mint(string(RecaptchaV2), source, form)
	// It has no action either, which is found first.
	r.expect(t, captcha.Answer{Token: token, Form: form, Host: site}, captcha.VisitorFailed, captcha.Elsewhere)
	v := readSiteverify(r.Provider, &reply{200, []byte(`{"success":true,"hostname":"` + site + `","action":"` + form + `"}`)}, &question{Answer: captcha.Answer{Form: form, Host: site}})
	if v.Outcome != captcha.OperatorFailed || v.Reason != captcha.Misconfigured {
		t.Errorf("%+v", v)
	}
}

func TestTheVisitorsAddressGoesOnlyWhereTheOwnerWantsIt(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		r := newRig(t, account(k))
		r.expect(t, r.answer(), captcha.Passed, captcha.Solved)
		if seen := r.fake.Last(r.service); strings.Contains(strings.ToLower(seen.Body), "ip") && strings.Contains(seen.Body, "remoteip") || strings.Contains(seen.Body, "userIpAddress") {
			t.Errorf("the address was sent unasked: %s", seen.Body)
		}
		a := r.answer()
		a.Address = "192.0.2.7"
		r.expect(t, a, captcha.Passed, captcha.Solved)
		seen := r.fake.Last(r.service)
		if sent := strings.Contains(seen.Body, "192.0.2.7"); sent == (k == Friendly) {
			t.Errorf("the address was sent: %v (%s)", sent, seen.Body)
		}
		for name := range seen.Header {
			switch name {
			case "Accept", "Accept-Encoding", "Content-Type", "Content-Length", "User-Agent", "X-Api-Key":
			default:
				t.Errorf("the field %s was sent", name)
			}
		}
	})
}

func TestPublicTestKeysPassAndAreNamed(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		secret  Secret
		token   string
		outcome captcha.Outcome
		reason  captcha.Reason
	}{
		{RecaptchaV2, "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe", "any", captcha.Passed, captcha.Solved},
		{HCaptcha, "0x0000000000000000000000000000000000000000", "10000000-aaaa-bbbb-cccc-000000000001", captcha.Passed, captcha.Solved},
		{Turnstile, "1x0000000000000000000000000000000AA", "XXXX.DUMMY.TOKEN.XXXX", captcha.Passed, captcha.Solved},
		{Turnstile, "2x0000000000000000000000000000000AA", "XXXX.DUMMY.TOKEN.XXXX", captcha.VisitorFailed, captcha.Malformed},
		{Turnstile, "3x0000000000000000000000000000000AA", "XXXX.DUMMY.TOKEN.XXXX", captcha.VisitorFailed, captcha.Expired},
	} {
		config := account(c.kind)
		config.Secret = c.secret
		r := newRig(t, config)
		if config.Testing() == "" {
			t.Errorf("%s: nobody is told that the keys are for tests", c.kind)
		}
		r.expect(t, captcha.Answer{Token: c.token, Form: form, Host: site}, c.outcome, c.reason)
	}
	for _, k := range Kinds() {
		if config := account(Kind(k)); config.Testing() != "" {
			t.Errorf("%s: an owner's keys are taken for test keys", k)
		}
	}
	// Of another provider they are nothing.
	config := account(Turnstile)
	config.Secret = "0x0000000000000000000000000000000000000000"
	if config.Testing() != "" {
		t.Error("a secret of hCaptcha is taken for one of Turnstile")
	}
}

func TestSecretsAreNowhereButWhereTheProtocolWantsThem(t *testing.T) {
	each(t, func(t *testing.T, k Kind) {
		config := account(k)
		r := newRig(t, config)
		r.expect(t, r.answer(), captcha.Passed, captcha.Solved)
		secret, seen := string(config.Secret), r.fake.Last(r.service)
		for place, text := range map[string]string{"query": seen.Query, "body": seen.Body, "header": strings.Join(seen.Header.Values("X-Api-Key"), "")} {
			want := "body"
			switch k {
			case RecaptchaEnterprise:
				want = "query"
			case Friendly:
				want = "header"
			}
			if strings.Contains(text, secret) != (place == want) {
				t.Errorf("the %s is %q", place, text)
			}
		}
		if printed := fmt.Sprintf("%v %+v %#v %s", config, config, config, config.Secret); strings.Contains(printed, secret) {
			t.Errorf("it is printed: %s", printed)
		}
		config.MinScore = -1
		if err := config.Check(); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("the error is %v", err)
		}
		for _, mode := range []captchatest.Mode{captchatest.Broken, captchatest.Quota, captchatest.Redirect, captchatest.HTML} {
			r.fake.Set(r.service, captchatest.Checks, mode)
			r.Verify(t.Context(), r.answer())
			if f := r.Fault(); f == "" || strings.Contains(f, secret) {
				t.Errorf("the fault is %q", f)
			}
		}
	})
}

// failing answers with errors as long as there are any.
type failing struct {
	errs []error
	next http.RoundTripper
	got  int
}

func (f *failing) RoundTrip(r *http.Request) (*http.Response, error) {
	f.got++
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return nil, err
	}
	return f.next.RoundTrip(r)
}

func TestOnlyAConnectionThatWasNotMadeIsTriedAgain(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	read := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	for name, c := range map[string]struct {
		errs   []error
		tries  int
		passes bool
	}{
		"dial":        {[]error{dial}, 2, true},
		"dial, twice": {[]error{dial, dial}, 2, false},
		"read":        {[]error{read}, 1, false},
		"other":       {[]error{errors.New("no connection to it: nobody is declared")}, 1, false},
	} {
		each(t, func(t *testing.T, k Kind) {
			r := newRig(t, account(k))
			f := &failing{c.errs, r.transport, 0}
			r.transport = f
			outcome, reason := captcha.ProviderFailed, captcha.Unreachable
			if c.passes {
				outcome, reason = captcha.Passed, captcha.Solved
			}
			r.expect(t, r.answer(), outcome, reason)
			if f.got != c.tries {
				t.Errorf("%s: %d tries, want %d", name, f.got, c.tries)
			}
		})
	}
}

func TestTurnstileIsAskedWithAKeyOfItsOwnEachTime(t *testing.T) {
	r := newRig(t, account(Turnstile))
	keys := make(map[string]bool)
	for range 3 {
		r.expect(t, r.answer(), captcha.Passed, captcha.Solved)
		_, key, _ := strings.Cut(r.fake.Last(r.service).Body, "idempotency_key=")
		key, _, _ = strings.Cut(key, "&")
		if len(key) != 36 || key[14] != '4' {
			t.Errorf("%q is no random UUID", key)
		}
		keys[key] = true
	}
	if len(keys) != 3 {
		t.Error("keys were used twice")
	}
}

func TestHCaptchaIsToldTheSiteKey(t *testing.T) {
	config := account(HCaptcha)
	config.SiteKey = "site-of-another-site"
	r := newRig(t, config)
	r.expect(t, r.answer(), captcha.OperatorFailed, captcha.Misconfigured)
}

func TestAVisitorWhoLeavesIsNotTheProvidersFault(t *testing.T) {
	r := newRig(t, account(Turnstile))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if v := r.Verify(ctx, r.answer()); v.Passed() || r.Fault() != "" {
		t.Errorf("%+v, %q", v, r.Fault())
	}
}
