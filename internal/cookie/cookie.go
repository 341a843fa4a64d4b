// Package cookie reads and edits the Cookie and Set-Cookie header fields the
// way browsers do, and holds cookies to a lifetime.
//
// What a browser stores is decided by RFC 6265bis (draft-ietf-httpbis-
// rfc6265bis-22), not by what a server library accepts: names need not be
// tokens, quotes are part of the value, dates come in a dozen shapes. A reader
// that is stricter than the browser is a hole, because whatever it does not
// understand passes ungoverned. So both fields are read byte by byte here, and
// edited in place: everything that is not removed stays exactly as it was
// sent.
//
// Nothing in this package keeps state, reads a clock or returns an error, and
// nothing allocates where nothing has to change.
package cookie

import "time"

// Term is the longest life of any cookie: 393 days, the fewest that thirteen
// calendar months can have. A fixed length is used because adding months to a
// date overshoots: 31 January and 13 months make 3 March.
const Term = 33_955_200 * time.Second

// trim removes what browsers remove around names and values: space and tab
// (RFC 6265bis, 5.6).
func trim(s string) string {
	for s != "" && blank(s[0]) {
		s = s[1:]
	}
	for s != "" && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// controls reports whether s holds a byte that no browser accepts in a cookie:
// 00 to 08, 0A to 1F or 7F (RFC 6265bis, 5.6 step 1). Eight bytes at a time
// are tested for one below 20 or equal to 7F; only when there is one, which
// may be a tab, does it look at each.
func controls(s string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	var found uint64
	n := 0
	for ; n+8 <= len(s); n += 8 {
		w := word(s[n : n+8])
		low := w &^ tops
		found |= ((low + ones) | ^(low + 0x60*ones)) &^ w
	}
	if found&tops != 0 {
		n = 0
	}
	return controlIn(s[n:])
}

// word is written so that the compiler makes a single load of it.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func controlIn(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// isFold reports whether s is the lower-case word, whatever the case of its
// ASCII letters. Unicode folding would take the long s of "expireſ" for an s,
// which browsers do not.
func isFold(s, word string) bool {
	return len(s) == len(word) && hasPrefixFold(s, word)
}

// hasPrefixFold reports whether s begins with the lower-case word, whatever
// the case of its ASCII letters.
func hasPrefixFold(s, word string) bool {
	if len(s) < len(word) {
		return false
	}
	for i := range len(word) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
