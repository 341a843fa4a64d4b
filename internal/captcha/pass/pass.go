// Package pass spares a visitor who has just proved himself from doing so again with
// each form: his browser keeps a token that is good for a few more, for a short while.
//
// The token holds a random name, its end and how often it may be used, and nothing
// about the visitor. It is signed with a key made for one site and one kind of browser:
// what the browser says of itself and its languages. So it does not work from another
// kind of browser or on another site, and yet nothing about either can be read from
// it. That is all it is bound to. Who copies the cookie and says the same of his
// browser can use what is left of it, which is why there is little: it is a
// convenience for people, and never more than a few forms for a program that paid for
// one.
package pass

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Options say how good a pass is.
type Options struct {
	Keys  *Keys            // sign passes; required
	Spent store.Spent      // remembers how often each was used; required
	Now   func() time.Time // the clock; required
	Life  time.Duration    // from one minute to a day; 0 means half an hour
	Uses  int              // forms that can be sent with one, 1 to 20; 0 means five
}

// Passes gives out passes and takes them. Its methods may be called from several
// goroutines.
type Passes struct {
	keys    atomic.Pointer[Keys]
	parser  *jwt.Parser
	options Options
}

const (
	defaultLife = 30 * time.Minute
	minLife     = time.Minute
	maxLife     = 24 * time.Hour
	defaultUses = 5
	maxUses     = 20

	// version is raised when the meaning of a claim changes; others are not taken.
	version = 1
	// MaxToken bounds what is looked at, in bytes. A token has some 180.
	MaxToken = 512
	// skew is how far the clocks of gateways that share a store may be apart: a use is
	// remembered for so much longer than the pass is good.
	skew = time.Minute
	// kind is that of passes among what is used once.
	kind = "pass"
)

// Browser is what a pass is bound to, as the request says it.
type Browser struct {
	Host      string // of the site, without port
	UserAgent string
	Languages string // Accept-Language
}

// claims of the token.
type claims struct {
	Version int `json:"v"`
	Uses    int `json:"use"`
	jwt.RegisteredClaims
}

// New checks the options.
func New(o Options) (*Passes, error) {
	if o.Life == 0 {
		o.Life = defaultLife
	}
	if o.Uses == 0 {
		o.Uses = defaultUses
	}
	switch {
	case o.Keys == nil || o.Spent == nil || o.Now == nil:
		return nil, errors.New("passes need keys, a store and a clock")
	case o.Life < minLife || o.Life > maxLife:
		return nil, fmt.Errorf("a pass cannot be good for %s: write a duration from 1m to 24h", o.Life)
	case o.Uses < 1 || o.Uses > maxUses:
		return nil, fmt.Errorf("a pass cannot be good for %d forms: write a number from 1 to %d", o.Uses, maxUses)
	}
	p := &Passes{options: o, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding(),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(o.Now),
	)}
	p.keys.Store(o.Keys)
	return p, nil
}

// Use changes the keys. Passes given out remain good while the new ones include the key
// that signed them.
func (p *Passes) Use(k *Keys) { p.keys.Store(k) }

// Life is how long a pass is good, and so how long its cookie may be kept.
func (p *Passes) Life() time.Duration { return p.options.Life }

// Issue makes a pass for a browser that has just proved itself.
func (p *Passes) Issue(b Browser) (string, error) {
	c := claims{Version: version, Uses: p.options.Uses}
	c.ID = rand.Text()
	c.ExpiresAt = jwt.NewNumericDate(p.options.Now().Add(p.options.Life))
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(p.keys.Load().signing(b))
}

// Verify takes a pass instead of a proof, and one use off it. The reasons are Missing,
// Malformed, Forged (also what another browser brings), Expired, Spent and Solved.
func (p *Passes) Verify(ctx context.Context, token string, b Browser) captcha.Verdict {
	reason := p.judge(ctx, token, b)
	if reason == captcha.Solved {
		return captcha.Verdict{Outcome: captcha.Passed, Reason: reason}
	}
	return captcha.Verdict{Outcome: captcha.VisitorFailed, Reason: reason}
}

func (p *Passes) judge(ctx context.Context, token string, b Browser) captcha.Reason {
	switch {
	case token == "":
		return captcha.Missing
	case len(token) > MaxToken:
		return captcha.Malformed
	}
	var c claims
	_, err := p.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return p.keys.Load().accepted(b), nil })
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return captcha.Malformed
	case errors.Is(err, jwt.ErrTokenExpired):
		return captcha.Expired
	case err != nil || c.Version != version:
		return captcha.Forged
	}
	return p.use(ctx, &c)
}

// use takes the first use that is left.
func (p *Passes) use(ctx context.Context, c *claims) captcha.Reason {
	left := c.ExpiresAt.Sub(p.options.Now()) + skew
	for n := range min(c.Uses, maxUses) {
		first, err := p.options.Spent.Spend(ctx, kind, c.ID+"-"+strconv.Itoa(n), left)
		if err != nil {
			break
		}
		if first {
			return captcha.Solved
		}
	}
	return captcha.Spent
}
