// Package sealed keeps a form that was sent without a proof while its sender makes
// up for it, in the page that asks him to: encrypted, so that nothing he typed
// stands there in clear, and bound to where and how it was sent, so that it can be
// sent on the same way and no other.
//
// Only forms from pages of the site itself may be sealed, and only such pages may
// send them again: the caller checks both. A form that another site has sent would
// otherwise become one of the site's own.
package sealed

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// MaxBody bounds the body of a form, in bytes.
	MaxBody = 64 << 10
	// Life is how long a sealed form may be opened.
	Life = 15 * time.Minute
)

var (
	// ErrTooLarge says that a form cannot be kept: the sender has to go back to it.
	ErrTooLarge = errors.New("the form is longer than 64 KiB, more than is kept")
	// ErrForged says that a text was not sealed by any of the keys, or not for here.
	ErrForged = errors.New("the sealed form is damaged, forged, or of another address")
	// ErrExpired says that it was sealed more than Life ago.
	ErrExpired = errors.New("the sealed form has expired")
)

// Form is a form as it was sent.
type Form struct {
	ContentType string // with its boundary
	Referer     string // the page it was on, which some sites go back to
	Body        []byte
	Answer      string // what a visitor without scripts is asked for; never shown
}

// Opened is a form that was sealed.
type Opened struct {
	Form
	ID     string    // different for each; whoever keeps those that were used, lets each be used once
	Issued time.Time // to the second
}

// Keys seal with the first, and open with all.
type Keys struct{ ciphers []cipher.AEAD }

// NewKeys takes secrets of at least 16 bytes, the present one first. None of them is
// used as it is, so they may have other uses.
func NewKeys(secrets ...[]byte) (*Keys, error) {
	if len(secrets) == 0 {
		return nil, errors.New("sealing forms takes a secret")
	}
	k := new(Keys)
	for _, secret := range secrets {
		if len(secret) < 16 {
			return nil, fmt.Errorf("a secret of %d bytes is too short to seal forms: give 16 or more", len(secret))
		}
		key, err := hkdf.Key(sha256.New, secret, nil, "caddy-privacy sealed form 1", 32)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		k.ciphers = append(k.ciphers, gcm)
	}
	return k, nil
}

// Seal keeps a form that was sent with a method to an address, its request URI with
// the host before it. The text is base64 for URLs. The error is ErrTooLarge.
func (k *Keys) Seal(f Form, method, address string, now time.Time) (string, error) {
	if len(f.Body) > MaxBody || len(f.ContentType)+len(f.Referer)+len(f.Answer) > maxRest {
		return "", ErrTooLarge
	}
	gcm := k.ciphers[0]
	plain := f.appendTo(binary.BigEndian.AppendUint64(nil, uint64(now.Unix())))
	text := make([]byte, gcm.NonceSize(), gcm.NonceSize()+len(plain)+gcm.Overhead())
	_, _ = rand.Read(text) // which never fails (crypto/rand)
	text = gcm.Seal(text, text, plain, place(method, address))
	return base64.RawURLEncoding.EncodeToString(text), nil
}

// Open returns a form that was sealed for the same method and address at most Life
// ago. The error is ErrForged or ErrExpired.
func (k *Keys) Open(text, method, address string, now time.Time) (Opened, error) {
	if len(text) > maxText || strings.ContainsAny(text, "\r\n") { // which the decoder skips
		return Opened{}, ErrForged
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return Opened{}, ErrForged
	}
	for _, gcm := range k.ciphers {
		if len(raw) < gcm.NonceSize() {
			break
		}
		nonce, rest := raw[:gcm.NonceSize()], raw[gcm.NonceSize():]
		plain, err := gcm.Open(nil, nonce, rest, place(method, address))
		if err != nil || len(plain) < 8 {
			continue
		}
		o := Opened{ID: base64.RawURLEncoding.EncodeToString(nonce), Issued: time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)}
		if age := now.Sub(o.Issued); age >= Life || age < -time.Minute {
			return Opened{}, ErrExpired
		}
		if err := o.read(plain[8:]); err != nil {
			return Opened{}, ErrForged
		}
		return o, nil
	}
	return Opened{}, ErrForged
}

// maxRest bounds what is kept beside the body, in bytes; maxText is what all comes to.
const (
	maxRest = 4 << 10
	maxText = (8 + 12 + 16 + 4*binary.MaxVarintLen32 + MaxBody + maxRest) * 4 / 3
)

// place is what a form is bound to.
func place(method, address string) []byte { return []byte(method + " " + address) }

// appendTo writes the parts of a form, each after its length.
func (f *Form) appendTo(b []byte) []byte {
	for _, part := range [][]byte{[]byte(f.ContentType), []byte(f.Referer), []byte(f.Answer), f.Body} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return b
}

func (f *Form) read(b []byte) error {
	var parts [4][]byte
	for i := range parts {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return ErrForged
		}
		parts[i], b = b[n:n+int(size)], b[n+int(size):]
	}
	f.ContentType, f.Referer, f.Answer, f.Body = string(parts[0]), string(parts[1]), string(parts[2]), bytes.Clone(parts[3])
	return nil
}
