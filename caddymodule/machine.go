package caddymodule

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/golang-jwt/jwt/v5"
)

// Machine says whose tokens (JWT, RFC 7519) spare a request the proof: programs that send to
// protected paths bring them as `Authorization: Bearer`.
type Machine struct {
	// Key is the secret that signs the tokens, at least 32 bytes, or the public key for their
	// signatures, as PEM. Write a placeholder such as `{env.MACHINE_KEY}` or
	// `{file./run/secrets/machine}`.
	Key string `json:"key"`
	// Issuer is who must have issued them. Default: anybody with the key.
	Issuer string `json:"issuer,omitempty"`
	// Audience is whom they must be for. Default: anybody.
	Audience string `json:"audience,omitempty"`
}

// machine checks such tokens.
type machine struct {
	key    any
	parser *jwt.Parser
}

// minMachineKey is the least length of a secret, in bytes: that of the digest that it signs with
// (RFC 7518, section 3.2).
const minMachineKey = 32

// machine compiles it; nil without one.
func (m *Machine) machine() (*machine, error) {
	if m == nil {
		return nil, nil
	}
	text, err := caddy.NewReplacer().ReplaceOrErr(m.Key, true, true)
	if err != nil {
		return nil, err
	}
	key, methods, err := readMachineKey(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	options := []jwt.ParserOption{jwt.WithValidMethods(methods), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now)}
	if m.Issuer != "" {
		options = append(options, jwt.WithIssuer(m.Issuer))
	}
	if m.Audience != "" {
		options = append(options, jwt.WithAudience(m.Audience))
	}
	return &machine{key, jwt.NewParser(options...)}, nil
}

// readMachineKey reads a key, which decides the algorithms that are taken: a public key must
// never be taken for a secret.
func readMachineKey(text string) (key any, methods []string, err error) {
	pem := []byte(text)
	if !strings.HasPrefix(text, "-----BEGIN") {
		if len(text) < minMachineKey {
			return nil, nil, fmt.Errorf("captcha: the key of exempt_jwt has %d bytes: write one of %d or more, or a public key as PEM", len(text), minMachineKey)
		}
		return pem, []string{"HS256", "HS384", "HS512"}, nil
	}
	if key, err = jwt.ParseEdPublicKeyFromPEM(pem); err == nil {
		return key, []string{"EdDSA"}, nil
	}
	if key, err = jwt.ParseECPublicKeyFromPEM(pem); err == nil {
		return key, []string{"ES256", "ES384", "ES512"}, nil
	}
	if key, err = jwt.ParseRSAPublicKeyFromPEM(pem); err == nil {
		return key, []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, nil
	}
	return nil, nil, errors.New("captcha: the key of exempt_jwt is no public key: write one for RSA, ECDSA or Ed25519 as PEM")
}

// sends tells whether a request comes from a machine that the owner knows.
func (m *machine) sends(r *http.Request) bool {
	if m == nil {
		return false
	}
	const scheme = "bearer "
	field := r.Header.Get("Authorization")
	if len(field) <= len(scheme) || !strings.EqualFold(field[:len(scheme)], scheme) || len(field) > maxField {
		return false
	}
	_, err := m.parser.Parse(strings.TrimSpace(field[len(scheme):]), func(*jwt.Token) (any, error) { return m.key, nil })
	return err == nil
}
