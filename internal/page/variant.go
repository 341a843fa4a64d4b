package page

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Variant names one of the bodies the gateway makes of the same page: what it
// is made from, the configuration and the visitor's choice, decides it. It
// keeps the validators of different bodies apart (RFC 9110, 8.8.3).
//
// In an entity tag it stands last, as in "abc-p1f3a09c2", where encodings may
// append their own suffix and take it away again.
type Variant string

const (
	variantPrefix = "-p"
	variantDigits = 8
)

// NewVariant returns the variant that these parts make.
func NewVariant(parts ...string) Variant {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return Variant(variantPrefix + hex.EncodeToString(h.Sum(nil)[:variantDigits/2]))
}

// Tag returns the ETag of this variant of a body whose tag is etag, weak or
// strong. A tag that is not well formed cannot be kept apart and becomes "":
// the response then has none.
func (v Variant) Tag(etag string) string {
	tag, rest, ok := cutTag(strings.TrimSpace(etag))
	if !ok || rest != "" {
		return ""
	}
	return tag[:len(tag)-1] + string(v) + `"`
}

// IfNoneMatch returns the If-None-Match value to ask the site with: tags of
// this variant without their suffix, tags of other variants left out, so that
// a body made for another choice never earns a 304. Tags without a suffix, of
// responses the gateway left alone, stay, and so does "*". If nothing is left
// it returns "" and the field must go.
func (v Variant) IfNoneMatch(value string) string {
	value = strings.TrimSpace(value)
	if value == "*" {
		return value
	}
	var kept []string
	for value != "" {
		tag, rest, ok := cutTag(value)
		if !ok {
			break
		}
		opaque := tag[:len(tag)-1]
		if site, ours := strings.CutSuffix(opaque, string(v)); ours {
			kept = append(kept, site+`"`)
		} else if !endsInVariant(opaque) {
			kept = append(kept, tag)
		}
		value = strings.TrimLeft(rest, " \t,")
	}
	return strings.Join(kept, ", ")
}

// cutTag splits an entity tag off the beginning of s.
func cutTag(s string) (tag, rest string, ok bool) {
	start := 0
	if strings.HasPrefix(s, "W/") {
		start = len("W/")
	}
	if !strings.HasPrefix(s[start:], `"`) {
		return "", "", false
	}
	n := strings.IndexByte(s[start+1:], '"')
	if n < 0 {
		return "", "", false
	}
	end := start + n + 2
	return s[:end], s[end:], true
}

// endsInVariant reports whether a tag, its closing quote cut off, ends like
// one of ours.
func endsInVariant(opaque string) bool {
	at := len(opaque) - len(variantPrefix) - variantDigits
	if at < 0 || opaque[at:at+len(variantPrefix)] != variantPrefix {
		return false
	}
	return strings.Trim(opaque[at+len(variantPrefix):], "0123456789abcdef") == ""
}
