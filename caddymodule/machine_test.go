package caddymodule

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestOnlyMachinesThatTheOwnerKnowsNeedNoProof.
func TestOnlyMachinesThatTheOwnerKnowsNeedNoProof(t *testing.T) {
	setClock(t, time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	secret := strings.Repeat("s", minMachineKey)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	published := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	sign := func(method jwt.SigningMethod, key any, issuer string, left time.Duration) string {
		claims := jwt.MapClaims{"iss": issuer}
		if left != 0 {
			claims["exp"] = now().Add(left).Unix()
		}
		text, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	hour := time.Hour
	for _, test := range []struct {
		name, key, token string
		known            bool
	}{
		{"by the secret", secret, "Bearer " + sign(jwt.SigningMethodHS256, []byte(secret), "shop", hour), true},
		{"by the public key", published, "bearer " + sign(jwt.SigningMethodEdDSA, private, "shop", hour), true},
		{"of another issuer", secret, "Bearer " + sign(jwt.SigningMethodHS256, []byte(secret), "other", hour), false},
		{"by another secret", secret, "Bearer " + sign(jwt.SigningMethodHS256, []byte(strings.Repeat("x", 32)), "shop", hour), false},
		{"that has ended", secret, "Bearer " + sign(jwt.SigningMethodHS256, []byte(secret), "shop", -hour), false},
		{"without end", secret, "Bearer " + sign(jwt.SigningMethodHS256, []byte(secret), "shop", 0), false},
		{"by the public key as a secret", published, "Bearer " + sign(jwt.SigningMethodHS256, []byte(strings.TrimSpace(published)), "shop", hour), false},
		{"unsigned", secret, "Bearer " + sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "shop", hour), false},
		{"that is none", secret, "Bearer x.y.z", false},
		{"by another scheme", secret, "Basic " + sign(jwt.SigningMethodHS256, []byte(secret), "shop", hour), false},
		{"of nobody", secret, "", false},
	} {
		m, err := (&Machine{Key: test.key, Issuer: "shop"}).machine()
		if err != nil {
			t.Fatal(err)
		}
		r := &http.Request{Header: http.Header{"Authorization": {test.token}}}
		if got := m.sends(r); got != test.known {
			t.Errorf("a token %s: %v", test.name, got)
		}
	}
	for _, key := range []string{"", "short", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"} {
		if _, err := (&Machine{Key: key}).machine(); err == nil {
			t.Errorf("%q is taken for a key", key)
		}
	}
}
