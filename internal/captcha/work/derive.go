package work

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
)

// algorithm derives a key. Browsers bring PBKDF2, though only on pages that came over
// HTTPS; the plain hash, one round after the other, can be written out for the others.
type algorithm struct {
	hash      func() hash.Hash
	iterative bool // the plain hash, not PBKDF2
}

var algorithms = map[string]algorithm{
	"PBKDF2/SHA-256": {hash: sha256.New},
	"PBKDF2/SHA-384": {hash: sha512.New384},
	"PBKDF2/SHA-512": {hash: sha512.New},
	"SHA-256":        {hash: sha256.New, iterative: true},
	"SHA-384":        {hash: sha512.New384, iterative: true},
	"SHA-512":        {hash: sha512.New, iterative: true},
}

// Algorithms are those that may be asked for, in order.
func Algorithms() []string { return slices.Sorted(maps.Keys(algorithms)) }

// solution is what the browser found.
type solution struct {
	Counter    uint32  `json:"counter"`
	DerivedKey string  `json:"derivedKey"`
	Time       float64 `json:"time"` // it took, in ms; read because others write it
}

// solves derives the key again: it must be the one that was sent, and begin as the
// challenge wants. The work is bounded, whoever signed the challenge.
func (s *solution) solves(p *parameters) bool {
	a, known := algorithms[p.Algorithm]
	salt, err := hex.DecodeString(p.Salt)
	password, nonceErr := hex.DecodeString(p.Nonce)
	if !known || err != nil || nonceErr != nil || p.KeyPrefix == "" || p.KeyLength < 1 || p.KeyLength > 64 || p.Cost < 1 || p.Cost > MaxCost {
		return false
	}
	password = binary.BigEndian.AppendUint32(password, s.Counter)
	key, err := a.derive(password, salt, p.Cost, p.KeyLength)
	if err != nil {
		return false
	}
	derived := hex.EncodeToString(key)
	return strings.HasPrefix(derived, p.KeyPrefix) && subtle.ConstantTimeCompare([]byte(derived), []byte(s.DerivedKey)) == 1
}

// derive makes a key of a length in bytes.
func (a algorithm) derive(password, salt []byte, cost, length int) ([]byte, error) {
	if !a.iterative {
		return pbkdf2.Key(a.hash, string(password), salt, cost, length)
	}
	h := a.hash()
	h.Write(salt)
	h.Write(password)
	key := h.Sum(nil)
	for range cost - 1 {
		h.Reset()
		h.Write(key)
		key = h.Sum(key[:0])
	}
	return key[:min(length, len(key))], nil
}
