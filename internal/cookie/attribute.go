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

// kindOf tells the attribute by its name, whatever its case. As servers write it
// is by far the quickest to tell.
func kindOf(name string) kind {
	switch name {
	case "Path", "path":
		return attrPath
	case "Domain", "domain":
		return attrDomain
	case "Max-Age", "max-age":
		return attrMaxAge
	case "Expires", "expires":
		return attrExpires
	case "Secure", "secure":
		return attrSecure
	case "HttpOnly", "httponly", "HTTPOnly":
		return attrHTTPOnly
	case "SameSite", "samesite":
		return attrSameSite
	case "Partitioned", "partitioned":
		return attrPartitioned
	}
	for k, word := range words {
		if word != "" && isFold(name, word) {
			return kind(k)
		}
	}
	return attrUnknown
}

var words = [...]string{
	attrDomain: "domain", attrPath: "path", attrSecure: "secure", attrHTTPOnly: "httponly", attrPartitioned: "partitioned",
	attrSameSite: "samesite", attrMaxAge: "max-age", attrExpires: "expires",
}
