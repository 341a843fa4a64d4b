package stylesheet

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// readEscape reads the escape that b begins with (CSS Syntax 3, 4.3.7). length
// is 0 if there is none: a backslash does not escape the end of a line here.
// ok is false when more bytes are needed to tell, which last rules out.
func readEscape(b []byte, last bool) (r rune, length int, ok bool) {
	switch {
	case b[0] != '\\':
		return 0, 0, true
	case len(b) == 1:
		return utf8.RuneError, 1, last
	case isNewline(b[1]):
		return 0, 0, true
	case unhex(b[1]) < 16:
		return readHex(b, last)
	case b[1] == 0:
		return utf8.RuneError, 2, true
	case !last && !utf8.FullRune(b[1:]):
		return 0, 0, false
	}
	r, size := utf8.DecodeRune(b[1:])
	return r, 1 + size, true
}

// readHex reads an escape of up to six digits and the one white space that may
// end it.
func readHex(b []byte, last bool) (r rune, length int, ok bool) {
	i := 1
	for ; i < len(b) && i <= 6 && unhex(b[i]) < 16; i++ {
		r = r<<4 | rune(unhex(b[i]))
	}
	if r == 0 || !utf8.ValidRune(r) {
		r = utf8.RuneError
	}
	switch {
	case i == len(b):
		return r, i, last
	case isNewline(b[i]):
		n, ok := newline(b[i:], last)
		return r, i + n, ok
	case isSpace(b[i]):
		i++
	}
	return r, i, true
}

// newline returns the length of the end of line that b begins with.
func newline(b []byte, last bool) (length int, ok bool) {
	if b[0] != '\r' {
		return 1, true
	}
	if len(b) == 1 {
		return 1, last
	}
	if b[1] == '\n' {
		return 2, true
	}
	return 1, true
}

// stringEscape returns the length of the escape that b begins with, in a string,
// where a backslash takes away the end of a line as well.
func stringEscape(b []byte, last bool) (length int, ok bool) {
	if len(b) > 1 && isNewline(b[1]) {
		n, ok := newline(b[1:], last)
		return 1 + n, ok
	}
	_, length, ok = readEscape(b, last)
	return length, ok
}

// decode returns the address that raw stands for.
func decode(raw []byte, inString bool) string {
	if bytes.IndexByte(raw, '\\') < 0 && bytes.IndexByte(raw, 0) < 0 {
		return string(raw)
	}
	address := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == 0:
			address = utf8.AppendRune(address, utf8.RuneError)
			i++
		case c != '\\':
			address = append(address, c)
			i++
		case inString && (i+1 == len(raw) || isNewline(raw[i+1])):
			n, _ := stringEscape(raw[i:], true)
			i += n
		default:
			r, n, _ := readEscape(raw[i:], true)
			address = utf8.AppendRune(address, r)
			i += n
		}
	}
	return string(address)
}

// appendEscaped appends address so that it stays one address in a string, in a
// url() without quotes, and in a style element: all but what addresses are
// usually made of is escaped.
func appendEscaped(dst []byte, address string) []byte {
	for _, r := range address {
		if r < utf8.RuneSelf && inAddresses[r] {
			dst = append(dst, byte(r))
			continue
		}
		dst = append(dst, '\\')
		dst = strconv.AppendInt(dst, int64(r), 16)
		dst = append(dst, ' ')
	}
	return dst
}

var inAddresses = tableOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$*+,;=%|")

// unhex returns the value of a hexadecimal digit, 16 or more for other bytes.
func unhex(c byte) byte {
	switch letter := c | 0x20; {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= letter && letter <= 'f':
		return letter - 'a' + 10
	}
	return 0xff
}
