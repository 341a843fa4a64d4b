package work

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// Keys sign challenges with the first, and recognise the signatures of all.
type Keys struct{ secrets [][]byte }

// minSecret is the least length of a secret, in bytes.
const minSecret = 16

// NewKeys takes secrets of at least 16 bytes, the present one first. None of them is
// used as it is, so they may have other uses.
func NewKeys(secrets ...[]byte) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, errors.New("signing challenges takes a secret")
	}
	k := new(Keys)
	for _, secret := range secrets {
		if len(secret) < minSecret {
			return nil, fmt.Errorf("a secret of %d bytes is too short to sign challenges: give %d or more", len(secret), minSecret)
		}
		derived, err := hkdf.Key(sha256.New, secret, nil, "caddy-privacy proof of work 1", sha256.Size)
		if err != nil {
			return nil, err
		}
		// In digits, because other implementations take keys that are text.
		k.secrets = append(k.secrets, hex.AppendEncode(nil, derived))
	}
	return k, nil
}

// sign is the signature of the present key.
func (k *Keys) sign(text []byte) [sha256.Size]byte { return sum(k.secrets[0], text) }

// signed says whether one of the keys signed the challenge.
func (k *Keys) signed(c *challenge) bool {
	var signature [sha256.Size]byte
	if len(c.Signature) != 2*len(signature) {
		return false
	}
	if _, err := hex.Decode(signature[:], []byte(c.Signature)); err != nil {
		return false
	}
	var room [512]byte
	text := c.Parameters.appendTo(room[:0])
	for _, secret := range k.secrets {
		if own := sum(secret, text); hmac.Equal(own[:], signature[:]) {
			return true
		}
	}
	return false
}

func sum(secret, text []byte) (signature [sha256.Size]byte) {
	h := hmac.New(sha256.New, secret)
	h.Write(text)
	h.Sum(signature[:0])
	return signature
}
