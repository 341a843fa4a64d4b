// Package provider has the answers of forms checked by third parties: reCAPTCHA, hCaptcha,
// Turnstile and Friendly Captcha. Nothing here decides who may be asked about: a visitor
// who has not agreed to a provider must not be brought to Verify.
package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// maxWait bounds a check as a whole. One second has proved too short for people far from a
// provider's servers; visitors wait for this long at most before something else is tried.
const maxWait = 3 * time.Second

// Provider checks answers by one account at a provider. It is a captcha.Verifier.
type Provider struct {
	config    Config
	kind      *kind
	transport http.RoundTripper
	address   string // with the key, where the protocol wants it there: never to be shown
	testing   bool
	fault     atomic.Pointer[string]
}

// New makes a Provider. Every connection is made by the transport, which should follow the
// rules of transfers, and give up a connection that is not made within a second.
func New(c Config, transport http.RoundTripper) (*Provider, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if transport == nil {
		return nil, errors.New("a provider needs a transport")
	}
	p := &Provider{config: c, kind: c.kind(), transport: transport, testing: c.Testing() != ""}
	p.address = p.config.asks() + p.kind.path
	if c.Kind == RecaptchaEnterprise {
		p.address += c.Project + "/assessments?key=" + url.QueryEscape(string(c.Secret))
	}
	return p, nil
}

// Name is the provider and its way of checking in a word, such as recaptcha_v3.
func (p *Provider) Name() string { return p.kind.name }

// Service is the identifier in the catalogue of the service that the visitor must have
// agreed to.
func (p *Provider) Service() string { return p.kind.service }

// Host is where answers are checked, without port: the host that the rules of transfers
// must allow.
func (p *Provider) Host() string { return host(p.config.asks()) }

// Fault is what was wrong the last time when the fault was the owner's or the provider's, for
// the owner to read; empty when the last check came to a result. It quotes nothing but
// documented words and numbers.
func (p *Provider) Fault() string {
	if f := p.fault.Load(); f != nil {
		return *f
	}
	return ""
}

// Verify asks the provider about an answer. An answer that cannot be good is refused
// unasked.
func (p *Provider) Verify(ctx context.Context, a captcha.Answer) captcha.Verdict {
	switch {
	case a.Token == "":
		return captcha.Verdict{Reason: captcha.Missing}
	case len(a.Token) > p.kind.maxima || !isToken(a.Token):
		return captcha.Verdict{Reason: captcha.Malformed}
	}
	within, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	q := question{Answer: a}
	r := p.exchange(within, &q)
	if ctx.Err() == nil {
		p.note(r)
	}
	return r.Verdict
}

// note keeps what the owner should know.
func (p *Provider) note(r result) {
	var text string
	switch r.Outcome {
	case captcha.OperatorFailed:
		text = p.kind.name + " refuses what it is sent: " + r.why
	case captcha.ProviderFailed:
		text = p.kind.name + " does not check: " + r.why
	default:
		if p.fault.Load() != nil {
			p.fault.Store(nil)
		}
		return
	}
	if old := p.fault.Load(); old == nil || *old != text {
		p.fault.Store(&text)
	}
}

// question is one answer on its way.
type question struct {
	captcha.Answer
	key string // by which a repeated question is known to be the same
}

// result is a verdict, and for the owner why.
type result struct {
	captcha.Verdict
	why string
}

// isToken keeps out what no provider issues, before it can provoke an error of theirs that
// would look like the owner's.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// elsewhere checks that an answer was given for this site and form. An empty name of
// either is none.
func (p *Provider) elsewhere(q *question, host, action string) bool {
	if p.testing { // whose answers name example.com, testkey.google.com and the like
		return false
	}
	return host == "" || !sameHost(host, q.Host) || p.kind.acts && (action == "" || action != q.Form)
}

// passed is the last step: what may pass has a score to match, if it has one at all.
func (p *Provider) passed(score *float64) result {
	v := captcha.Verdict{Outcome: captcha.Passed, Reason: captcha.Solved}
	switch {
	case !p.kind.scores:
		return result{Verdict: v}
	case score == nil:
		return operator(captcha.Misconfigured, "its answers have no score: the keys are of another kind than "+string(p.config.Kind))
	case !(*score >= 0 && *score <= 1):
		return unreadable("its score is none")
	}
	v.Score, v.Scored = *score, true
	if *score < p.config.minScore() {
		v.Outcome, v.Reason = captcha.VisitorFailed, captcha.LowScore
	}
	return result{Verdict: v}
}

func operator(r captcha.Reason, why string) result {
	return result{captcha.Verdict{Outcome: captcha.OperatorFailed, Reason: r}, why}
}

func unreadable(why string) result {
	return result{captcha.Verdict{Outcome: captcha.ProviderFailed, Reason: captcha.Unreadable}, why}
}

func unreachable(why string) result {
	return result{captcha.Verdict{Outcome: captcha.ProviderFailed, Reason: captcha.Unreachable}, why}
}

func visitor(r captcha.Reason) result {
	return result{Verdict: captcha.Verdict{Outcome: captcha.VisitorFailed, Reason: r}}
}
