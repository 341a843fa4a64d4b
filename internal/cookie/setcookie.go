package cookie

import (
	"strings"
	"time"
)

// maxPair is the length in bytes of name and value together beyond which
// browsers ignore a cookie (RFC 6265bis, 5.6 step 5).
const maxPair = 4096

// SameSite says on which requests from other sites a cookie is sent.
type SameSite uint8

// SameSiteDefault is what browsers assume for a missing or unknown value.
const (
	SameSiteDefault SameSite = iota
	SameSiteNone
	SameSiteLax
	SameSiteStrict
)

// SetCookie is one Set-Cookie line as a browser reads it.
type SetCookie struct {
	// Name is empty for a nameless cookie. Name and Value are as sent, quotes
	// included, only the blanks around them removed.
	Name, Value string

	// Domain is in lower case, without a leading dot; empty means that the
	// cookie goes back to the very host that set it.
	Domain string

	// Path begins with a slash; empty means the directory of the request.
	Path string

	Secure, HTTPOnly, Partitioned bool
	SameSite                      SameSite

	// Expires is the end of the cookie by Max-Age or Expires, at most 400 days
	// away; zero for a session cookie.
	Expires time.Time

	line string
	now  time.Time // when the line arrives
	life lifetime
}

// Parse reads a Set-Cookie line that arrives at now (RFC 6265bis, 5.6 and the
// parts of 5.7 that the line alone decides).
//
// ok is false where browsers ignore the whole line: control bytes, more than
// 4096 bytes of name and value or none at all, a Domain that is not ASCII, a
// prefix (__Secure-, __Host-) whose conditions are not met. Such a line is to
// be dropped: it is worthless, and older clients may cut it where they please.
// Where current browsers disagree, as on SameSite=None without Secure, the
// cookie counts as stored, so that it is governed.
func Parse(line string, now time.Time) (c SetCookie, ok bool) {
	first := segment(line)
	c.Name, c.Value = split(first)
	size := len(c.Name) + len(c.Value)
	if size == 0 || size > maxPair || controls(line) {
		return SetCookie{}, false
	}
	c.line, c.now = line, now
	for a, more := nextAttribute(line, len(first)); more; a, more = nextAttribute(line, a.end) {
		if a.kind == attrMaxAge || a.kind == attrExpires {
			c.life.read(a, now.Unix())
		} else if a.kind != attrUnknown && len(a.value) <= maxAttribute {
			c.set(a)
		}
	}
	if !ascii(c.Domain) || !c.keepsPrefix() {
		return SetCookie{}, false
	}
	if c.Domain != "" {
		c.Domain = strings.ToLower(c.Domain)
	}
	if end, persistent := c.life.end(); persistent {
		c.Expires = time.Unix(min(end, now.Unix()+ageLimit), 0)
	}
	return c, true
}

// Session reports whether the cookie ends with the browser session.
func (c *SetCookie) Session() bool { return c.Expires.IsZero() }

// Deletes reports whether the line removes the cookie instead of setting it.
func (c *SetCookie) Deletes() bool {
	return !c.Session() && !c.Expires.After(c.now)
}

// set takes over an attribute that is not about lifetime. The last one wins,
// even when it is empty (RFC 6265bis, 5.7).
func (c *SetCookie) set(a attribute) {
	switch a.kind {
	case attrDomain:
		c.Domain = strings.TrimPrefix(a.value, ".")
	case attrPath:
		c.Path = ""
		if strings.HasPrefix(a.value, "/") {
			c.Path = a.value
		}
	case attrSecure:
		c.Secure = true
	case attrHTTPOnly:
		c.HTTPOnly = true
	case attrPartitioned:
		c.Partitioned = true
	case attrSameSite:
		c.SameSite = sameSiteOf(a.value)
	}
}

func sameSiteOf(value string) SameSite {
	switch {
	case isFold(value, "none"):
		return SameSiteNone
	case isFold(value, "lax"):
		return SameSiteLax
	case isFold(value, "strict"):
		return SameSiteStrict
	}
	return SameSiteDefault
}

// keepsPrefix reports whether the cookie meets the conditions that its name
// states. A nameless cookie must not imitate such a name with its value,
// because a server could not tell them apart (RFC 6265bis, 5.7).
func (c *SetCookie) keepsPrefix() bool {
	if c.Name == "" {
		return prefixOf(c.Value)&securePrefix == 0
	}
	p := prefixOf(c.Name)
	if p&hostPrefix != 0 && (c.Domain != "" || c.Path != "/") {
		return false
	}
	return p&securePrefix == 0 || c.Secure
}

// prefix is the set of conditions that the first letters of a name state.
type prefix uint8

const (
	securePrefix prefix = 1 << iota // Secure
	hostPrefix                      // no Domain and Path=/
	httpPrefix                      // HttpOnly, in the browsers that know it
)

// prefixOf reads the conditions from a name, whatever its case (RFC 6265bis,
// 4.1.3; __Http- and __Host-Http- are from its successor, draft-ietf-httpbis-
// layered-cookies). Browsers that do not know __Http- store any such cookie,
// so Secure is not among its conditions here.
func prefixOf(name string) prefix {
	switch {
	case !strings.HasPrefix(name, "__"):
		return 0
	case hasPrefixFold(name, "__host-http-"):
		return securePrefix | hostPrefix | httpPrefix
	case hasPrefixFold(name, "__host-"):
		return securePrefix | hostPrefix
	case hasPrefixFold(name, "__secure-"):
		return securePrefix
	case hasPrefixFold(name, "__http-"):
		return httpPrefix
	}
	return 0
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
