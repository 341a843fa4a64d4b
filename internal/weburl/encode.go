package weburl

import "strings"

// A set is one of the percent-encode sets of the standard. They nest only in
// part, so a byte is a member of each by a bit of its own.
type set uint8

const (
	inOpaque set = 1 << iota
	inQuery
	inSpecialQuery
	inPath
)

// escapes holds for each byte the sets it belongs to.
var escapes = func() (table [256]set) {
	for c := range table {
		if c < ' ' || c > '~' {
			table[c] = inOpaque | inQuery | inSpecialQuery | inPath
		}
	}
	for _, c := range []byte(` "#<>`) {
		table[c] |= inQuery | inSpecialQuery | inPath
	}
	table['\''] |= inSpecialQuery
	for _, c := range []byte("?^`{}") {
		table[c] |= inPath
	}
	return table
}()

// encode percent-encodes the bytes of s that are in the set.
func encode(s string, in set) string {
	for i := range len(s) {
		if escapes[s[i]]&in != 0 {
			return string(appendEncoded(make([]byte, 0, len(s)+16), s, in))
		}
	}
	return s
}

func appendEncoded(dst []byte, s string, in set) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; escapes[c]&in != 0 {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// encodeLastSpace encodes one space at the end of an opaque path, where it
// would be trimmed when the address is read again.
func encodeLastSpace(path string) string {
	if strings.HasSuffix(path, " ") {
		return path[:len(path)-1] + "%20"
	}
	return path
}

// decode replaces percent-encoded bytes. A percent sign without two hexadecimal
// digits stays.
func decode(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, low := unhex(s[i+1]), unhex(s[i+2])
			if high < 16 && low < 16 {
				b = append(b, high<<4|low)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// unhex returns the value of a hexadecimal digit, 16 or more for other bytes.
func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 0xff
}

// clean removes what browsers never see: controls and spaces around, tabs and
// line ends anywhere.
func clean(text string) string {
	for text != "" && text[0] <= ' ' {
		text = text[1:]
	}
	for text != "" && text[len(text)-1] <= ' ' {
		text = text[:len(text)-1]
	}
	if strings.IndexByte(text, '\t') < 0 && strings.IndexByte(text, '\n') < 0 && strings.IndexByte(text, '\r') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		if c := text[i]; c != '\t' && c != '\n' && c != '\r' {
			b = append(b, c)
		}
	}
	return string(b)
}
