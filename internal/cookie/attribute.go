package cookie

import "strings"

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

// nextAttribute reads the attribute whose semicolon is line[start]. A semicolon
// always ends one, within quotes too (RFC 6265bis, 5.6).
func nextAttribute(line string, start int) (a attribute, ok bool) {
	if start >= len(line) {
		return attribute{}, false
	}
	raw := segment(line[start+1:])
	a.start, a.end = start, start+1+len(raw)
	name := raw
	if i := strings.IndexByte(raw, '='); i >= 0 { //nolint:modernize // strings.Cut takes twice as long
		name, a.value = raw[:i], trim(raw[i+1:])
	}
	a.kind = kindOf(trim(name))
	return a, true
}

func kindOf(name string) kind {
	switch len(name) {
	case len("path"):
		return named(name, "path", attrPath)
	case len("domain"):
		if k := named(name, "domain", attrDomain); k != attrUnknown {
			return k
		}
		return named(name, "secure", attrSecure)
	case len("max-age"):
		if k := named(name, "max-age", attrMaxAge); k != attrUnknown {
			return k
		}
		return named(name, "expires", attrExpires)
	case len("httponly"):
		if k := named(name, "httponly", attrHTTPOnly); k != attrUnknown {
			return k
		}
		return named(name, "samesite", attrSameSite)
	case len("partitioned"):
		return named(name, "partitioned", attrPartitioned)
	}
	return attrUnknown
}

func named(name, word string, k kind) kind {
	if hasPrefixFold(name, word) {
		return k
	}
	return attrUnknown
}
