package weburl

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// lookup maps names as browsers do before they ask the DNS (URL Standard,
// domain to ASCII with beStrict false).
var lookup = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.CheckJoiners(true),
	idna.CheckHyphens(false),
	idna.StrictDomainName(false),
	idna.VerifyDNSLength(false),
	idna.Transitional(false),
)

// parseHost reads a host. Those of schemes that are not special are not names
// of the DNS and stay as they are.
func parseHost(text string, special bool) (host string, ok bool) {
	if strings.HasPrefix(text, "[") {
		return parseIPv6(text)
	}
	if !special {
		if strings.ContainsFunc(text, isForbidden) {
			return "", false
		}
		return encode(text, inOpaque), true
	}
	if !isPlain(text) {
		if text, ok = toASCII(text); !ok {
			return "", false
		}
	}
	return finish(text)
}

// finish ends the reading of a name in ASCII: numbers become an IPv4 address,
// and one dot at the end is dropped, because the name is the same without.
func finish(name string) (host string, ok bool) {
	name = strings.TrimSuffix(name, ".")
	if hasEmptyLabel(name) {
		return "", false
	}
	if endsInNumber(name) {
		return parseIPv4(name)
	}
	return name, true
}

// toASCII decodes and maps a name that is not plain.
func toASCII(text string) (name string, ok bool) {
	name = decode(text)
	if !utf8.ValidString(name) {
		return "", false
	}
	if lower := strings.ToLower(name); isPlain(lower) && isASCII(name) {
		return lower, true
	}
	mapped, err := lookup.ToASCII(name)
	if err != nil || strings.ContainsFunc(mapped, isForbiddenName) {
		return "", false
	}
	if strings.HasSuffix(mapped, ".") && !endsInDot(name) {
		// The last label was "xn--", which stands for nothing.
		return "", false
	}
	return mapped, true
}

// hasEmptyLabel reports whether there is nothing before, between or behind the
// dots of a name.
func hasEmptyLabel(name string) bool {
	return name == "" || name[0] == '.' || name[len(name)-1] == '.' || strings.Contains(name, "..")
}

// endsInDot reports whether the last character of a name is one that separates
// labels (UTS #46, 2.3).
func endsInDot(name string) bool {
	last, _ := utf8.DecodeLastRuneInString(name)
	return strings.ContainsRune(".\u3002\uff0e\uff61", last)
}

// isPlain reports whether a name needs no mapping: only lower case letters,
// digits, hyphens, underscores and dots, and no label in Punycode, which would
// have to be checked.
func isPlain(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', isDigit(c), c == '.', c == '_':
		case c == '-':
			if strings.HasPrefix(name[i:], "--") && startsLabel(name, i-len("xn")) && name[i-2:i] == "xn" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// startsLabel reports whether a label of the name begins at index i.
func startsLabel(name string, i int) bool {
	return i == 0 || i > 0 && name[i-1] == '.'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isForbidden reports whether no host may have c (URL Standard, forbidden host
// code point).
func isForbidden(c rune) bool {
	return c < utf8.RuneSelf && strings.IndexByte("\x00\t\n\r #/:<>?@[\\]^|", byte(c)) >= 0
}

// isForbiddenName reports whether no name of the DNS may have c (URL Standard,
// forbidden domain code point).
func isForbiddenName(c rune) bool {
	return c <= ' ' || c == '%' || c == 0x7f || isForbidden(c)
}
