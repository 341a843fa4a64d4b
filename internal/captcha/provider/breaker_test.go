package provider

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/captchatest"
)

// oracle comes to the verdict that a test tells it.
type oracle struct {
	mu    sync.Mutex
	says  captcha.Verdict
	asked int
	hold  chan struct{} // where the next one waits, if there is one
}

func (o *oracle) Verify(context.Context, captcha.Answer) captcha.Verdict {
	o.mu.Lock()
	o.asked++
	says, hold := o.says, o.hold
	o.hold = nil
	o.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return says
}

func (o *oracle) say(outcome captcha.Outcome, reason captcha.Reason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.says = captcha.Verdict{Outcome: outcome, Reason: reason}
}

func (o *oracle) times() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

func newBreaker() (*Breaker, *oracle, *clock) {
	o, c := new(oracle), new(clock)
	o.say(captcha.ProviderFailed, captcha.Unreachable)
	return NewBreaker("turnstile", o, c.now), o, c
}

func ask(t *testing.T, b *Breaker, times int) (last captcha.Verdict) {
	for range times {
		last = b.Verify(t.Context(), captcha.Answer{Token: "x"})
	}
	return last
}

func TestTheBreakerOpensAfterFiveFailuresAndTriesWithOneAnswer(t *testing.T) {
	b, o, c := newBreaker()
	ask(t, b, 4)
	if b.Report() != "" {
		t.Fatal("it is open after four")
	}
	ask(t, b, 1)
	if !strings.HasPrefix(b.Report(), "turnstile has not answered since 2026-11-28T12:00:00Z") {
		t.Fatalf("the report is %q", b.Report())
	}
	if v := ask(t, b, 100); v.Outcome != captcha.ProviderFailed || v.Reason != captcha.Unreachable || o.times() != 5 {
		t.Fatalf("%+v after %d", v, o.times())
	}
	c.turn(30*time.Second - 1)
	ask(t, b, 1)
	if o.times() != 5 {
		t.Fatal("it was tried too early")
	}
	c.turn(1)
	ask(t, b, 100)
	if o.times() != 6 {
		t.Fatalf("it was tried with %d answers", o.times()-5)
	}
	c.turn(30 * time.Second)
	o.say(captcha.Passed, captcha.Solved)
	if v := ask(t, b, 10); !v.Passed() || o.times() != 16 || b.Report() != "" {
		t.Fatalf("%+v after %d, %q", v, o.times(), b.Report())
	}
	o.say(captcha.ProviderFailed, captcha.Unreadable)
	ask(t, b, 4)
	if b.Report() != "" {
		t.Error("failures of before are counted")
	}
}

func TestTheBreakerLetsOneAnswerTryAtATime(t *testing.T) {
	b, o, c := newBreaker()
	ask(t, b, 5)
	c.turn(30 * time.Second)
	o.mu.Lock()
	hold := make(chan struct{})
	o.hold = hold
	o.mu.Unlock()
	done := make(chan captcha.Verdict)
	go func() { done <- b.Verify(context.Background(), captcha.Answer{Token: "x"}) }()
	for o.times() != 6 {
		time.Sleep(time.Millisecond)
	}
	if v := ask(t, b, 20); v.Passed() || o.times() != 6 {
		t.Errorf("%d are out", o.times()-5)
	}
	close(hold)
	<-done
}

func TestTheBreakerCountsProvidersFailuresAlone(t *testing.T) {
	for outcome := range captcha.Outcome(captcha.Outcomes) {
		for reason := range captcha.Reason(captcha.Reasons) {
			b, o, _ := newBreaker()
			o.say(outcome, reason)
			ask(t, b, 20)
			if open := b.Report() != ""; open != (outcome == captcha.ProviderFailed) {
				t.Errorf("%s, %s: open is %v", outcome, reason, open)
			}
		}
	}
}

func TestVisitorsWhoLeaveNeitherOpenNorCloseTheBreaker(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	b, o, c := newBreaker()
	for range 20 {
		b.Verify(gone, captcha.Answer{Token: "x"})
	}
	if b.Report() != "" {
		t.Fatal("visitors who leave open it")
	}
	ask(t, b, 5)
	c.turn(30 * time.Second)
	b.Verify(gone, captcha.Answer{Token: "x"})
	if b.Report() == "" {
		t.Error("it is closed by nobody's answer")
	}
	o.say(captcha.Passed, captcha.Solved)
	if v := ask(t, b, 1); !v.Passed() || b.Report() != "" {
		t.Errorf("the next does not try: %+v", v)
	}
}

func TestAnswersThatNobodyWasAskedAboutDoNotCloseTheBreaker(t *testing.T) {
	r := newRig(t, account(Turnstile))
	b := NewBreaker(r.Name(), r, r.clock.now)
	r.fake.Set(r.service, captchatest.Checks, captchatest.Broken)
	for range 4 {
		b.Verify(t.Context(), r.answer())
		b.Verify(t.Context(), captcha.Answer{Token: "not a token", Form: form, Host: site})
		b.Verify(t.Context(), captcha.Answer{Form: form, Host: site})
	}
	b.Verify(t.Context(), r.answer())
	if report := b.Report(); !strings.Contains(report, "(turnstile does not check: status 500)") {
		t.Fatalf("the report is %q", report)
	}
	r.clock.turn(30 * time.Second)
	b.Verify(t.Context(), captcha.Answer{Form: form, Host: site})
	if b.Report() == "" {
		t.Error("it is closed by an answer without a token")
	}
	r.fake.Set(r.service, captchatest.Checks, captchatest.Well)
	if v := b.Verify(t.Context(), r.answer()); !v.Passed() || b.Report() != "" {
		t.Errorf("%+v, %q", v, b.Report())
	}
}

// faint fails once without a verdict.
type faint struct{ oracle }

func (f *faint) Verify(ctx context.Context, a captcha.Answer) captcha.Verdict {
	if f.times() == 5 {
		f.oracle.Verify(ctx, a)
		panic("no verdict")
	}
	return f.oracle.Verify(ctx, a)
}

func TestAVerifierThatPanicsDoesNotKeepTheBreakerOpenForEver(t *testing.T) {
	f, c := new(faint), new(clock)
	f.say(captcha.ProviderFailed, captcha.Unreachable)
	b := NewBreaker("turnstile", f, c.now)
	ask(t, b, 5)
	c.turn(30 * time.Second)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was hidden")
			}
		}()
		ask(t, b, 1)
	}()
	f.say(captcha.Passed, captcha.Solved)
	if v := ask(t, b, 1); !v.Passed() {
		t.Errorf("%+v", v)
	}
}
