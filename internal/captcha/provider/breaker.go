package provider

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// Limits of a Breaker.
const (
	breakAfter = 5                // failures in a row
	breakTime  = 30 * time.Second // until one visitor's answer tries again
)

// Breaker spares visitors the wait for a provider that does not answer. After five failures
// in a row nobody is sent there; half a minute later one answer tries again. What visitors
// and owners do wrong proves that the provider answers, and a visitor who leaves proves
// nothing. It is a captcha.Verifier.
type Breaker struct {
	name     string
	verifier captcha.Verifier
	now      func() time.Time

	mu     sync.Mutex
	failed int       // in a row
	until  time.Time // no answer goes out before; zero: closed
	since  time.Time // it has been open
	trying bool      // one answer is out to see
}

// NewBreaker puts a Breaker before a Verifier. The name is for the report.
func NewBreaker(name string, v captcha.Verifier, now func() time.Time) *Breaker {
	return &Breaker{name: name, verifier: v, now: now}
}

// Verify asks the Verifier, unless it has failed too often a moment ago.
func (b *Breaker) Verify(ctx context.Context, a captcha.Answer) captcha.Verdict {
	probe, ok := b.enter()
	if !ok {
		return captcha.Verdict{Outcome: captcha.ProviderFailed, Reason: captcha.Unreachable}
	}
	told := false
	defer func() { // a panic of the verifier must not leave it open for ever
		if !told {
			b.leave(probe, unknown)
		}
	}()
	v := b.verifier.Verify(ctx, a)
	told = true
	b.leave(probe, b.learn(ctx, v))
	return v
}

// news is what one check says of the provider.
type news uint8

const (
	unknown news = iota
	answers
	fails
)

func (*Breaker) learn(ctx context.Context, v captcha.Verdict) news {
	switch {
	case v.Outcome != captcha.ProviderFailed && v.Reason == captcha.Missing,
		v.Outcome != captcha.ProviderFailed && v.Reason == captcha.Malformed:
		return unknown // it may not have been asked at all
	case v.Outcome != captcha.ProviderFailed:
		return answers
	case ctx.Err() != nil:
		return unknown // the visitor has gone
	}
	return fails
}

// enter tells whether an answer may go out, and whether it is the one that tries again.
func (b *Breaker) enter() (probe, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return false, true
	case b.trying || b.now().Before(b.until):
		return false, false
	}
	b.trying = true
	return true, true
}

func (b *Breaker) leave(probe bool, n news) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if probe {
		b.trying = false
	} else if !b.until.IsZero() {
		return // it went out before: the one that tries again decides
	}
	switch n {
	case answers:
		b.failed, b.until, b.since = 0, time.Time{}, time.Time{}
	case fails:
		b.failed++
		if b.failed < breakAfter {
			return
		}
		now := b.now()
		if b.since.IsZero() {
			b.since = now
		}
		b.until = now.Add(breakTime)
	}
}

// Report is a line for the owner when forms go without the provider, and empty otherwise.
func (b *Breaker) Report() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return ""
	}
	line := fmt.Sprintf("%s has not answered since %s: forms do without it, and it is tried again every %s",
		b.name, b.since.UTC().Format(time.RFC3339), breakTime)
	if f, ok := b.verifier.(interface{ Fault() string }); ok && f.Fault() != "" {
		line += " (" + f.Fault() + ")"
	}
	return line
}
