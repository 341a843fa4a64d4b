package policy

import "strings"

// maxName bounds a name that is kept, in bytes.
const maxName = 64

// keep copies a name to dst, which has room for maxName bytes, as it is kept: hosts
// as they are, if they are not too long, and all others folded.
func keep(dst []byte, kind Kind, name string) []byte {
	if (kind == HostKind || kind == LeadKind) && len(name) <= cap(dst) {
		return append(dst, name...)
	}
	return fold(dst, name)
}

// fold copies a name to dst up to the first part that looks like an identifier
// (three digits in a row, five in all, or six letters and digits mixed), which
// becomes a star: names such as `cart_5f2a9c`, `user-10032` or `at_81.56.7.8` would
// otherwise be personal data.
// Nothing is left of a name that may hold an e-mail address.
func fold(dst []byte, name string) []byte {
	if strings.IndexByte(name, '@') >= 0 || strings.Contains(name, "%40") {
		return append(dst, '*')
	}
	start, all := 0, 0
	for start <= len(name) && len(dst) < cap(dst)-1 {
		end, digits, identifies := part(name, start)
		if all += digits; identifies || all >= 5 || len(dst)+end-start+2 > cap(dst) {
			return append(dst, '*')
		}
		dst = append(dst, name[start:end]...)
		if end == len(name) {
			return dst
		}
		if name[end] < 0x21 || name[end] > 0x7e {
			return append(dst, '*')
		}
		dst = append(dst, name[end])
		start = end + 1
	}
	return dst
}

// part finds the end of the letters and digits that begin at start, how many digits
// there are, and whether they look like an identifier.
func part(name string, start int) (end, digits int, identifies bool) {
	run := 0
	for end = start; end < len(name) && isWordByte(name[end]); end++ {
		if name[end] > '9' {
			run = 0
			continue
		}
		digits++
		run++
		identifies = identifies || run == 3
	}
	letters := end - start - digits
	return end, digits, identifies || digits > 0 && letters > 0 && digits+letters >= 6 || letters > 24
}

func isWordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
