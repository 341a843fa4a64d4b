package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Secret signs messages, and lets their endpoint know that they are genuine. Each
// endpoint has its own.
type Secret struct{ key []byte }

// Bounds of a secret in bytes, and how it begins when it is written (Standard
// Webhooks 1.0.0, "Signature scheme").
const (
	minSecret    = 24
	maxSecret    = 64
	secretPrefix = "whsec_"
)

// The error does not repeat what was read: it may be most of a secret.
var errSecret = errors.New("the secret is none: write whsec_ and 24 to 64 random bytes in base64, as this makes them: " +
	"echo whsec_$(openssl rand -base64 32)")

// ParseSecret reads a secret as it is written.
func ParseSecret(text string) (Secret, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	if !ok || len(encoded) > base64.StdEncoding.EncodedLen(maxSecret) {
		return Secret{}, errSecret
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || strings.ContainsAny(encoded, "\r\n") || len(key) < minSecret || len(key) > maxSecret {
		return Secret{}, errSecret
	}
	return Secret{key}, nil
}

// String keeps secrets out of logs.
func (Secret) String() string { return secretPrefix + "…" }

// GoString keeps them out of what is printed for programmers, too.
func (s Secret) GoString() string { return s.String() }

// sign returns one signature of an attempt to send a message.
func (s Secret) sign(id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// header is what goes with a message that is sent at a time, signed by each secret so
// that one can replace another.
func header(secrets []Secret, m store.Message, at time.Time) http.Header {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		signatures[i] = s.sign(m.ID, timestamp, m.Body)
	}
	return http.Header{
		"Content-Type":      {"application/json"},
		"User-Agent":        {"caddy-privacy"},
		"Accept-Encoding":   {"identity"}, // no answer grows when it is read
		"Webhook-Id":        {m.ID},
		"Webhook-Timestamp": {timestamp},
		"Webhook-Signature": {strings.Join(signatures, " ")},
	}
}
