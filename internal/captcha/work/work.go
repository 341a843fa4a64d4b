// Package work has a visitor's browser prove that it has worked: a price for sending
// a form that one person does not notice and a sender of millions does. It asks
// nobody and stores nothing with the visitor, so it needs no consent.
//
// It speaks ALTCHA's second version: challenges and proofs are those of the libraries
// altcha-lib 2 and altcha 3. The browser looks for a counter that, put behind the
// nonce, gives a derived key which begins with the prefix. How long that takes is
// luck; checking takes one derivation. What the gateway must know later stands in the
// challenge, under its signature: it keeps nothing until a proof is good.
package work

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Options say what a Work asks for.
type Options struct {
	Keys       *Keys            // sign challenges; required
	Spent      store.Spent      // remembers the proofs that were used; required
	Now        func() time.Time // the clock; required
	Difficulty Difficulty       // of quiet times; zero means the default
	Life       time.Duration    // of a challenge, from one minute to a day; 0 means ten minutes
	// MinFill is the least time between the challenge, which is asked for when a form
	// is touched, and the form; 0 means none, and a minute is the most.
	MinFill time.Duration
}

// Work gives out challenges and checks proofs. Its methods may be called from several
// goroutines.
type Work struct {
	keys    atomic.Pointer[Keys]
	options Options
}

var _ captcha.Verifier = (*Work)(nil)

const (
	defaultLife = 10 * time.Minute
	minLife     = time.Minute
	maxLife     = 24 * time.Hour
	maxFill     = time.Minute

	// skew is how far the clocks of gateways that share a store may be apart: a proof
	// is remembered for so much longer than it is good.
	skew = time.Minute
	// kind is that of proofs among what is used once.
	kind = "work"
)

// New checks the options.
func New(o Options) (*Work, error) {
	if o.Difficulty == (Difficulty{}) {
		o.Difficulty = DefaultDifficulty
	}
	if o.Life == 0 {
		o.Life = defaultLife
	}
	switch {
	case o.Keys == nil || o.Spent == nil || o.Now == nil:
		return nil, errors.New("proof of work needs keys, a store and a clock")
	case o.Life < minLife || o.Life > maxLife:
		return nil, fmt.Errorf("challenges cannot live %s: write a duration from 1m to 24h", o.Life)
	case o.MinFill < 0 || o.MinFill > maxFill:
		return nil, fmt.Errorf("nobody is held up %s: write a duration up to 1m", o.MinFill)
	}
	if err := o.Difficulty.check(); err != nil {
		return nil, err
	}
	w := &Work{options: o}
	w.keys.Store(o.Keys)
	return w, nil
}

// Use changes the keys. Challenges given out remain good while the new ones include
// the key that signed them.
func (w *Work) Use(k *Keys) { w.keys.Store(k) }

// Challenge is what a browser must solve for a form of a site, as JSON: the identifier
// of the form, and the host without port. Each level doubles the work, up to MaxLevel. An
// error means that there is no such host or form.
func (w *Work) Challenge(host, form string, level int) ([]byte, error) {
	if host == "" || form == "" || !plain(host) || !plain(form) {
		return nil, errors.New("a challenge needs the host of the site and the identifier of the form, in ASCII")
	}
	now := w.options.Now()
	p := w.options.Difficulty.raised(level).parameters()
	p.Data = data{Form: form, Host: host, Issued: now.UnixMilli()}
	p.ExpiresAt = now.Add(w.options.Life).Unix()
	return w.keys.Load().challenge(p), nil
}

// Verify checks a proof and uses it up. Nothing in it is trusted before its signature
// is, and no work is done for one that is forged.
func (w *Work) Verify(ctx context.Context, a captcha.Answer) captcha.Verdict {
	text, reason := read(a.Token)
	if reason == captcha.Solved && !w.keys.Load().signed(&text.Challenge) {
		reason = captcha.Forged
	}
	if reason == captcha.Solved {
		reason = w.judge(ctx, a, &text)
	}
	if reason == captcha.Solved {
		return captcha.Verdict{Outcome: captcha.Passed, Reason: reason}
	}
	return captcha.Verdict{Outcome: captcha.VisitorFailed, Reason: reason}
}

// judge looks at a proof whose challenge the gateway has signed.
func (w *Work) judge(ctx context.Context, a captcha.Answer, text *payload) captcha.Reason {
	p := &text.Challenge.Parameters
	now := w.options.Now()
	left := time.Unix(p.ExpiresAt, 0).Sub(now)
	switch {
	case left <= 0: // without an end as well
		return captcha.Expired
	case p.Data.Host != a.Host || p.Data.Form != a.Form:
		return captcha.Elsewhere
	case !a.Afterwards && w.hasty(now.Sub(time.UnixMilli(p.Data.Issued))):
		return captcha.Hasty
	case !text.Solution.solves(p):
		return captcha.Unsolved
	}
	if first, err := w.options.Spent.Spend(ctx, kind, p.Nonce, left+skew); err != nil || !first {
		return captcha.Spent
	}
	return captcha.Solved
}

// hasty tells whether a form was filled in faster than people can. Of one that seems to be
// sent before its challenge was asked for, the clocks of two gateways are apart: nobody can
// tell.
func (w *Work) hasty(age time.Duration) bool {
	apart := -skew < age && age < 0
	return age < w.options.MinFill && !apart
}
