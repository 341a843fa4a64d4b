package consent

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// A record travels as a JSON Web Token (RFC 7519) signed with HMAC-SHA256, the
// key named in its header.

const (
	// tokenVersion is raised when the meaning of a claim changes; other
	// versions are not read.
	tokenVersion = 1
	// maxToken bounds what is looked at, in bytes. With every purpose granted
	// and named at full length, and as many services as fit, a token stays under
	// it. Browsers keep 4096 bytes of a cookie.
	maxToken = 3968
	// clockSkew is how far in the future a date may lie: gateways that share
	// keys disagree by seconds, and one whose clock was set back would
	// otherwise forget the choices of the day.
	clockSkew = 24 * time.Hour
)

// claims are the record's fields, times in unix seconds.
type claims struct {
	Version  int      `json:"v"`
	First    int64    `json:"iat"`
	Until    int64    `json:"exp"`
	Given    int64    `json:"giv,omitempty"`
	ID       string   `json:"jti,omitempty"`
	Purposes []string `json:"pur,omitempty"`
	Services []string `json:"svc,omitempty"`
	All      bool     `json:"all,omitempty"`
	Policy   string   `json:"pol"`
}

// The dates are judged by Record, not by the JWT library: an expired record
// must be told from a forged one. So no registered claim is reported to it.

func (claims) GetExpirationTime() (*jwt.NumericDate, error) { return nil, nil }
func (claims) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (claims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (claims) GetIssuer() (string, error)                   { return "", nil }
func (claims) GetSubject() (string, error)                  { return "", nil }
func (claims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

var parser = jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding())

// Sign writes a record as a token.
func (k *Keyring) Sign(r Record) (string, error) {
	if k == nil || len(k.keys) == 0 {
		return "", errors.New("no signing key: the store has not been opened yet")
	}
	key := k.keys[k.signing]
	c := claims{
		Version: tokenVersion, First: r.First.Unix(), Until: r.Until.Unix(),
		ID: r.ID, Purposes: r.Purposes, Services: r.Services, All: r.All, Policy: r.Policy,
	}
	if !r.Given.IsZero() {
		c.Given = r.Given.Unix()
	}
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
	t.Header["kid"] = key.ID
	return t.SignedString(key.Secret)
}

// Verify reads a token. Any error means that there is no record.
func (k *Keyring) Verify(token string, now time.Time) (Record, error) {
	if k == nil {
		return Record{}, errors.New("no key yet")
	}
	if len(token) > maxToken {
		return Record{}, fmt.Errorf("record of %d bytes: at most %d are read", len(token), maxToken)
	}
	var c claims
	if _, err := parser.ParseWithClaims(token, &c, k.secret); err != nil {
		return Record{}, err
	}
	if c.Version != tokenVersion {
		return Record{}, fmt.Errorf("record of version %d", c.Version)
	}
	return c.record(now)
}

// record checks the dates. They are the gateway's own, yet a clock set back or
// a faulty peer must not lengthen anything.
func (c *claims) record(now time.Time) (Record, error) {
	r := Record{
		First: time.Unix(c.First, 0), Until: time.Unix(c.Until, 0),
		ID: c.ID, Purposes: c.Purposes, Services: c.Services, All: c.All, Policy: c.Policy,
	}
	if c.Given != 0 {
		r.Given = time.Unix(c.Given, 0)
	}
	latest := now.Add(clockSkew)
	if r.First.After(latest) || r.Given.After(latest) {
		return Record{}, errors.New("record dated in the future")
	}
	if c.First <= 0 || r.Until.Before(r.First) || r.Until.Sub(r.First) > cookie.Term {
		return Record{}, errors.New("record with impossible dates")
	}
	r.Until = earlier(r.Until, now.Add(cookie.Term))
	return r, nil
}

func (k *Keyring) secret(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	for i := range k.keys {
		if k.keys[i].ID == kid {
			return k.keys[i].Secret, nil
		}
	}
	return nil, errors.New("record signed with a key that is not known")
}
