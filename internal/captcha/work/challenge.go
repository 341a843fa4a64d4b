package work

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
)

// challenge is what the gateway gave out, and what a proof brings back.
type challenge struct {
	Parameters parameters `json:"parameters"`
	Signature  string     `json:"signature"` // HMAC-SHA256 in hexadecimal digits
}

// parameters are what a challenge says.
type parameters struct {
	Algorithm    string `json:"algorithm"`
	Cost         int    `json:"cost"`
	Data         data   `json:"data"`
	ExpiresAt    int64  `json:"expiresAt"` // Unix seconds
	KeyLength    int    `json:"keyLength"` // bytes
	KeyPrefix    string `json:"keyPrefix"`
	KeySignature string `json:"keySignature"` // never given out by the gateway; read because others may
	Nonce        string `json:"nonce"`        // 16 bytes in hexadecimal digits, as the salt
	Salt         string `json:"salt"`
}

// data binds a challenge to where it was given out, and says when.
type data struct {
	Form   string `json:"form"`
	Host   string `json:"host"`
	Issued int64  `json:"issued"` // Unix milliseconds
}

// challenge draws nonce and salt, and signs.
func (k *Keys) challenge(p parameters) []byte {
	var drawn [32]byte
	_, _ = rand.Read(drawn[:]) // which never fails (crypto/rand)
	p.Nonce, p.Salt = hex.EncodeToString(drawn[:16]), hex.EncodeToString(drawn[16:])

	text := make([]byte, 0, 512)
	text = append(text, `{"parameters":`...)
	begin := len(text)
	text = p.appendTo(text)
	signature := k.sign(text[begin:])
	text = append(text, `,"signature":"`...)
	text = hex.AppendEncode(text, signature[:])
	return append(text, `"}`...)
}

// appendTo writes what is signed: JSON without spaces, its names in order, as
// JSON.stringify writes it. The texts need no escapes, which read has seen to.
func (p *parameters) appendTo(b []byte) []byte {
	b = appendText(b, `{"algorithm":"`, p.Algorithm)
	b = appendNumber(b, `,"cost":`, int64(p.Cost))
	b = appendText(b, `,"data":{"form":"`, p.Data.Form)
	b = appendText(b, `,"host":"`, p.Data.Host)
	b = appendNumber(b, `,"issued":`, p.Data.Issued)
	b = appendNumber(b, `},"expiresAt":`, p.ExpiresAt)
	b = appendNumber(b, `,"keyLength":`, int64(p.KeyLength))
	b = appendText(b, `,"keyPrefix":"`, p.KeyPrefix)
	if p.KeySignature != "" {
		b = appendText(b, `,"keySignature":"`, p.KeySignature)
	}
	b = appendText(b, `,"nonce":"`, p.Nonce)
	b = appendText(b, `,"salt":"`, p.Salt)
	return append(b, '}')
}

func appendText(b []byte, name, text string) []byte {
	return append(append(append(b, name...), text...), '"')
}

func appendNumber(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(append(b, name...), n, 10)
}

// plain holds for texts that stand in JSON, and in the browser's btoa, as they are.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func hexadecimal(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return text != ""
}
