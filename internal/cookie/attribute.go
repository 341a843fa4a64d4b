package cookie

import (
	"iter"
	"strings"
)

// maxAttribute is the length in bytes beyond which browsers ignore the value
// of an attribute (RFC 6265bis, 5.6).
const maxAttribute = 1024

// attribute is one attribute of a Set-Cookie line. line[start:end] is all of
// it, the semicolon that opens it included.
type attribute struct {
	kind       kind
	value      string
	start, end int
}

// kind says which attribute it is. Those that change nothing here share the
// zero kind.
type kind uint8

const (
	attrUnknown kind = iota
	attrDomain
	attrPath
	attrSecure
	attrHTTPOnly
	attrPartitioned
	attrSameSite
	attrMaxAge
	attrExpires
)

// attributes yields the attributes of a Set-Cookie line from left to right.
// A semicolon always ends one, within quotes too (RFC 6265bis, 5.6).
func attributes(line string) iter.Seq[attribute] {
	return func(yield func(attribute) bool) {
		for start := len(segment(line)); start < len(line); {
			raw := segment(line[start+1:])
			end := start + 1 + len(raw)
			name, value := raw, ""
			if before, after, ok := strings.Cut(raw, "="); ok {
				name, value = before, after
			}
			if !yield(attribute{kindOf(trim(name)), trim(value), start, end}) {
				return
			}
			start = end
		}
	}
}

func kindOf(name string) kind {
	switch {
	case isFold(name, "path"):
		return attrPath
	case isFold(name, "domain"):
		return attrDomain
	case isFold(name, "secure"):
		return attrSecure
	case isFold(name, "max-age"):
		return attrMaxAge
	case isFold(name, "expires"):
		return attrExpires
	case isFold(name, "httponly"):
		return attrHTTPOnly
	case isFold(name, "samesite"):
		return attrSameSite
	case isFold(name, "partitioned"):
		return attrPartitioned
	}
	return attrUnknown
}
