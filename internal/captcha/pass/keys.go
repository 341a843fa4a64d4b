package pass

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// Keys sign passes with the first, and recognise the signatures of all.
type Keys struct{ secrets [][]byte }

// minSecret is the least length of a secret, in bytes.
const minSecret = 16

// NewKeys takes secrets of at least 16 bytes, the present one first. None of them is
// used as it is, so they may have other uses.
func NewKeys(secrets ...[]byte) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, errors.New("signing passes takes a secret")
	}
	k := new(Keys)
	for _, secret := range secrets {
		if len(secret) < minSecret {
			return nil, fmt.Errorf("a secret of %d bytes is too short to sign passes: give %d or more", len(secret), minSecret)
		}
		derived, err := hkdf.Key(sha256.New, secret, nil, "caddy-privacy form pass 1", sha256.Size)
		if err != nil {
			return nil, err
		}
		k.secrets = append(k.secrets, derived)
	}
	return k, nil
}

// signing is the key for the passes of a browser.
func (k *Keys) signing(b Browser) []byte { return b.key(k.secrets[0]) }

// accepted are those that may have signed one that it brings.
func (k *Keys) accepted(b Browser) jwt.VerificationKeySet {
	set := jwt.VerificationKeySet{Keys: make([]jwt.VerificationKey, len(k.secrets))}
	for i, secret := range k.secrets {
		set.Keys[i] = b.key(secret)
	}
	return set
}

// key makes the key of a browser from a secret: each part after its length, so that
// none can pass for the end of another.
func (b Browser) key(secret []byte) []byte {
	h := hmac.New(sha256.New, secret)
	for _, part := range []string{b.Host, b.UserAgent, b.Languages} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}
