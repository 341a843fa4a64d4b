// Package worktest does what a visitor's browser does with a challenge. It is used by tests only.
package worktest

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// Solve does what a browser does with a challenge of package work: it returns the
// proof, as it stands in a form. It takes the time that it takes.
func Solve(challenge []byte) (proof string, err error) {
	var c struct {
		Parameters json.RawMessage `json:"parameters"`
		Signature  string          `json:"signature"`
	}
	var p struct {
		Algorithm, Nonce, Salt, KeyPrefix string
		Cost, KeyLength                   int
	}
	if err := errors.Join(json.Unmarshal(challenge, &c), json.Unmarshal(c.Parameters, &p)); err != nil {
		return "", err
	}
	nonce, nonceErr := hex.DecodeString(p.Nonce)
	salt, saltErr := hex.DecodeString(p.Salt)
	if err := errors.Join(nonceErr, saltErr); err != nil {
		return "", err
	}
	for counter := range uint32(1 << 24) {
		key, err := derive(p.Algorithm, binary.BigEndian.AppendUint32(nonce, counter), salt, p.Cost, p.KeyLength)
		if err != nil {
			return "", err
		}
		if derived := hex.EncodeToString(key); strings.HasPrefix(derived, p.KeyPrefix) {
			text, err := json.Marshal(map[string]any{
				"challenge": c,
				"solution":  map[string]any{"counter": counter, "derivedKey": derived, "time": 12.5},
			})
			return base64.StdEncoding.EncodeToString(text), err
		}
	}
	return "", errors.New("no solution among 2²⁴")
}

func derive(algorithm string, password, salt []byte, cost, length int) ([]byte, error) {
	hashes := map[string]func() hash.Hash{"SHA-256": sha256.New, "SHA-384": sha512.New384, "SHA-512": sha512.New}
	name, isPBKDF2 := strings.CutPrefix(algorithm, "PBKDF2/")
	h := hashes[name]
	switch {
	case h == nil:
		return nil, fmt.Errorf("algorithm %q is unknown", algorithm)
	case isPBKDF2:
		return pbkdf2.Key(h, string(password), salt, cost, length)
	}
	key := slices.Concat(salt, password)
	for range cost {
		digest := h()
		digest.Write(key)
		key = digest.Sum(nil)
	}
	return key[:min(length, len(key))], nil
}
