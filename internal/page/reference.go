package page

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unsafe"
)

// decoded is an attribute's value without character references. The text is
// valid as long as value is.
func decoded(value []byte) string {
	text := unsafe.String(unsafe.SliceData(value), len(value))
	if bytes.IndexByte(value, '&') < 0 {
		return text
	}
	return html.UnescapeString(bounded(text))
}

// bounded replaces numeric character references beyond Unicode by what browsers
// make of them: the library would read another character.
func bounded(text string) string {
	for rest := 0; ; {
		i := strings.Index(text[rest:], "&#")
		if i < 0 {
			return text
		}
		start := rest + i + len("&#")
		end, base := start, 10
		if end < len(text) && text[end]|0x20 == 'x' {
			end, base = end+1, 16
		}
		digits := end
		for end < len(text) && isDigit(text[end], base) {
			end++
		}
		if n, err := strconv.ParseUint(text[digits:end], base, 64); digits < end && (err != nil || n > 0x10ffff) {
			text = text[:start] + "65533" + text[end:]
			end = start + len("65533")
		}
		rest = end
	}
}

func isDigit(c byte, base int) bool {
	return '0' <= c && c <= '9' || base == 16 && 'a' <= c|0x20 && c|0x20 <= 'f'
}
