package ui

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed link.css
var linkSource string

//go:embed panel.css
var panelSource string

//go:embed palette.css
var paletteSource string

//go:embed page.css
var pageSource string

var (
	// Inside a stranger's page every declaration is important, so that no rule of that page can make
	// Refuse look different from Accept. Written out once here, the source stays readable.
	linkStyle     = strings.ReplaceAll(strip(linkSource), ";", " !important;")
	linkHash      = sourceHash(linkStyle)
	askStyle      = linkStyle + "\n" + strings.ReplaceAll(strip(panelSource), ";", " !important;")
	askHash       = sourceHash(askStyle)
	pageStyleText = strip(paletteSource + pageSource)
)

// PageCSP is the Content-Security-Policy of the pages written by [WritePage] and [WriteError]: one
// style, one form that stays on the site, and nothing else.
var PageCSP = "default-src 'none'; style-src " + sourceHash(pageStyleText) +
	"; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Style returns the style of the link, and of the panel if the page asks, as [AppendStyle] inserts it,
// and the source expression ('sha256-…') that allows it in a Content-Security-Policy. All are constant.
func Style(asks bool) (text, hash string) {
	if asks {
		return askStyle, askHash
	}
	return linkStyle, linkHash
}

// AppendStyle appends the style, to be inserted into <head>.
func AppendStyle(dst []byte, asks bool) []byte {
	text, _ := Style(asks)
	return append(append(append(dst, "<style>"...), text...), "</style>"...)
}

// strip removes indentation, empty lines and comments that stand on lines of their own: from // to
// the end of the line in scripts, from /* to a line that ends in */ in styles.
func strip(source string) string {
	var out strings.Builder
	comment := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		comment = comment || strings.HasPrefix(line, "/*")
		if !comment && line != "" && !strings.HasPrefix(line, "//") {
			out.WriteString(line)
			out.WriteByte('\n')
		}
		comment = comment && !strings.HasSuffix(line, "*/")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// ascii writes all other characters of an HTML text as references, so that it reads the same in a page
// of any encoding.
func ascii(text string) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
			continue
		}
		out = append(out, "&#"...)
		out = strconv.AppendInt(out, int64(r), 10)
		out = append(out, ';')
	}
	return out
}

// sourceHash returns the hash source of an inline element with this text (CSP Level 3, section 2.3.1).
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// appendEscaped appends s so that it is plain text inside an element or a quoted attribute. NUL, which
// HTML does not allow, becomes the replacement character.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '"':
			dst = append(dst, "&#34;"...)
		case '\'':
			dst = append(dst, "&#39;"...)
		case 0:
			dst = append(dst, "\uFFFD"...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}
