package cookie

import (
	"strconv"
	"strings"
	"time"
)

// ageLimit is where browsers cut any lifetime, in seconds (RFC 6265bis, 5.5).
const ageLimit = 400 * 24 * 60 * 60

// dateLayout is the one form of date that every browser ever understood.
const dateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"

// Limit returns the line with a cookie that ends no later than until, nor later
// than Term from now. Where the line asks for more, every Max-Age and Expires
// attribute is removed and one of each is appended, in whole seconds and rounded
// down; every other byte stays. A bound that has passed makes the line a
// deletion.
//
// Session cookies, deletions and cookies that ask for less are returned as
// they are, without allocation. The exception is an attribute on which
// browsers may disagree (Max-Age=+99999999, a date without a time, a longer
// Expires beside a shorter Max-Age): such a line is rewritten too, to what
// RFC 6265bis makes of it.
func (c *SetCookie) Limit(until time.Time) string {
	bound := earlier(until, c.now.Add(Term)).Unix()
	if !c.life.doubtful && c.life.latest <= bound {
		return c.line
	}
	end, persistent := c.life.end()
	if !persistent {
		return withoutLifetime(c.line)
	}
	return c.withLifetime(min(end, bound))
}

// AsSession returns the line without any Max-Age and Expires attribute, so that
// the cookie ends with the browser session. Deletions stay deletions.
func (c *SetCookie) AsSession() string {
	if c.Deletes() {
		return c.Limit(c.now)
	}
	return withoutLifetime(c.line)
}

// lifetime is what the Max-Age and Expires attributes of a line ask for, in
// unix seconds, by the last valid attribute of each kind.
type lifetime struct {
	maxAge, expires int64
	ages, dates     bool  // there is a valid Max-Age, Expires
	latest          int64 // the furthest of all valid ones
	doubtful        bool  // an invalid one might count somewhere
}

// read takes over one Max-Age or Expires attribute. An invalid one never
// displaces a valid one (RFC 6265bis, 5.6.1 and 5.6.2).
func (l *lifetime) read(a attribute, now int64) {
	var end int64
	var ok bool
	if len(a.value) <= maxAttribute {
		if a.kind == attrMaxAge {
			end, ok = parseMaxAge(a.value, now)
		} else {
			var date time.Time
			date, ok = ParseDate(a.value)
			end = date.Unix()
		}
	}
	switch {
	case !ok:
		l.doubtful = l.doubtful || readableElsewhere(a)
		return
	case a.kind == attrMaxAge:
		l.maxAge, l.ages = end, true
	default:
		l.expires, l.dates = end, true
	}
	l.latest = max(l.latest, end)
}

// end is when the cookie ends. Max-Age beats Expires, in whatever order they
// come (RFC 6265bis, 5.7). persistent is false for a session cookie.
func (l *lifetime) end() (end int64, persistent bool) {
	if l.ages {
		return l.maxAge, true
	}
	return l.expires, l.dates
}

// parseMaxAge reads digits after an optional minus, and nothing else (RFC
// 6265bis, 5.6.2). Any number of digits is a number: it is cut at ageLimit.
func parseMaxAge(s string, now int64) (end int64, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" {
		return 0, false
	}
	var seconds int64
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || '9' < c {
			return 0, false
		}
		seconds = min(seconds*10+int64(c-'0'), ageLimit)
	}
	if seconds == 0 || len(digits) < len(s) {
		return 0, true
	}
	return now + seconds, true
}

// readableElsewhere reports whether an attribute that RFC 6265bis makes a
// browser ignore might be a lifetime to another one: it takes a number for
// that, and three digits at least to name a day and a year.
func readableElsewhere(a attribute) bool {
	if a.kind == attrMaxAge {
		return strings.ContainsAny(a.value, "123456789")
	}
	var digits int
	for i := range len(a.value) {
		if c := a.value[i]; '0' <= c && c <= '9' {
			digits++
		}
	}
	return digits >= 3
}

// withoutLifetime cuts every Max-Age and Expires attribute out of a line.
func withoutLifetime(line string) string {
	var out strings.Builder
	if !cutLifetime(&out, line, 0) {
		return line
	}
	return out.String()
}

// cutLifetime writes the line without those attributes to out, with room for so
// many bytes more, or nothing if it has none.
func cutLifetime(out *strings.Builder, line string, room int) bool {
	copied := 0
	for a, ok := nextAttribute(line, len(segment(line))); ok; a, ok = nextAttribute(line, a.end) {
		if a.kind != attrMaxAge && a.kind != attrExpires {
			continue
		}
		if copied == 0 {
			out.Grow(len(line) + room)
		}
		out.WriteString(line[copied:a.start])
		copied = a.end
	}
	if copied > 0 {
		out.WriteString(line[copied:])
	}
	return copied > 0
}

// withLifetime makes the cookie of the line last until end, in unix seconds,
// instead of what the line says. Max-Age is for browsers with a wrong clock,
// Expires for clients without Max-Age.
func (c *SetCookie) withLifetime(end int64) string {
	seconds, expires := end-c.now.Unix(), time.Unix(end, 0)
	if seconds <= 0 {
		seconds, expires = 0, time.Unix(0, 0)
	}
	life := append(make([]byte, 0, 64), "; Expires="...)
	life = expires.UTC().AppendFormat(life, dateLayout)
	life = append(life, "; Max-Age="...)
	life = strconv.AppendInt(life, seconds, 10)
	var out strings.Builder
	cutLifetime(&out, c.line, len(life))
	out.Write(life)
	return out.String()
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
