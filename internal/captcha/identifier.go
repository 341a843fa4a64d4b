package captcha

import (
	"crypto/sha256"
	"encoding/hex"
)

const (
	readable = 20 // bytes of an identifier that the owner recognises
	digits   = 8  // and those that tell forms of like names apart
)

// Identifier makes the identifier of a form from what the owner calls it: the pattern
// of its path, say. It has what all providers let through as an action: at most 32
// letters, digits and underscores.
func Identifier(form string) string {
	name := make([]byte, 0, readable+1+digits)
	for i := 0; i < len(form) && len(name) < readable; i++ {
		c := form[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			name = append(name, c)
		} else if len(name) > 0 && name[len(name)-1] != '_' {
			name = append(name, '_')
		}
	}
	if len(name) > 0 && name[len(name)-1] != '_' {
		name = append(name, '_')
	}
	digest := sha256.Sum256([]byte(form))
	return string(hex.AppendEncode(name, digest[:digits/2]))
}
