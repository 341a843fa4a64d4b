package work

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// MaxProof bounds a proof, in bytes. Those of the gateway's challenges have some 700, and
// long ones would cost more to refuse.
const MaxProof = 2 << 10

// payload is a proof as the browser sends it: base64 of JSON.
type payload struct {
	Challenge challenge `json:"challenge"`
	Solution  solution  `json:"solution"`
}

// read takes a proof apart. It is as strict as it can be, since everything it reads
// was written by the gateway or its script. The reason is Missing, Malformed or Solved.
func read(text string) (p payload, reason captcha.Reason) {
	if text == "" {
		return p, captcha.Missing
	}
	if len(text) > MaxProof {
		return p, captcha.Malformed
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return p, captcha.Malformed
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if d.Decode(&p) != nil || !p.Challenge.Parameters.plain() {
		return p, captcha.Malformed
	}
	if _, err := d.Token(); err != io.EOF {
		return p, captcha.Malformed
	}
	return p, captcha.Solved
}

// plain holds when each text reads in the signed form as it does here.
func (p *parameters) plain() bool {
	return plain(p.Algorithm) && plain(p.Data.Form) && plain(p.Data.Host) && hexadecimal(p.KeyPrefix) &&
		(p.KeySignature == "" || hexadecimal(p.KeySignature)) && hexadecimal(p.Nonce) && hexadecimal(p.Salt)
}
