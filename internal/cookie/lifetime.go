package cookie

import (
	"strconv"
	"strings"
	"time"
)

// ageLimit is where browsers cut any lifetime (RFC 6265bis, 5.5).
const ageLimit = 400 * 24 * time.Hour

// dateLayout is the one form of date that every browser ever understood.
const dateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"

// past is the date that deletes.
var past = time.Unix(0, 0).UTC()

// Limit returns a Set-Cookie line whose cookie, set at now, ends no later than
// until, nor later than now+Term. Where the line asks for more, every Max-Age
// and Expires attribute is removed and one of each is appended, in whole
// seconds and rounded down; every other byte stays. A bound that has passed
// makes the line a deletion.
//
// Session cookies, deletions and cookies that ask for less are returned as
// they are, without allocation. The exception is an attribute on which
// browsers may disagree (Max-Age=+99999999, a date without a time, a longer
// Expires beside a shorter Max-Age): such a line is rewritten too, to what
// RFC 6265bis makes of it.
func Limit(line string, now, until time.Time) string {
	until = earlier(until, now.Add(Term))
	life := lifetimeOf(line, now)
	if !life.doubtful && !life.latest.After(until) {
		return line
	}
	end, persistent := life.end()
	if !persistent {
		return withoutLifetime(line)
	}
	return withLifetime(line, now, earlier(end, until))
}

// AsSession removes every Max-Age and Expires attribute, so that the cookie
// ends with the browser session. Deletions stay deletions.
func AsSession(line string, now time.Time) string {
	life := lifetimeOf(line, now)
	if end, persistent := life.end(); persistent && !end.After(now) {
		return Limit(line, now, now)
	}
	return withoutLifetime(line)
}

// lifetime is what the Max-Age and Expires attributes of a line ask for.
type lifetime struct {
	maxAge, expires time.Time // by the last valid attribute; zero: none
	latest          time.Time // the furthest of all valid ones
	doubtful        bool      // an invalid one might count somewhere
}

func lifetimeOf(line string, now time.Time) (l lifetime) {
	for a := range attributes(line) {
		if a.kind == attrMaxAge || a.kind == attrExpires {
			l.read(a, now)
		}
	}
	return l
}

// read takes over one Max-Age or Expires attribute. An invalid one never
// displaces a valid one (RFC 6265bis, 5.6.1 and 5.6.2).
func (l *lifetime) read(a attribute, now time.Time) {
	var end time.Time
	var ok bool
	if len(a.value) <= maxAttribute {
		if a.kind == attrMaxAge {
			end, ok = parseMaxAge(a.value, now)
		} else {
			end, ok = ParseDate(a.value)
		}
	}
	switch {
	case !ok:
		l.doubtful = l.doubtful || readableElsewhere(a)
		return
	case a.kind == attrMaxAge:
		l.maxAge = end
	default:
		l.expires = end
	}
	if end.After(l.latest) {
		l.latest = end
	}
}

// end is when the cookie ends. Max-Age beats Expires, in whatever order they
// come (RFC 6265bis, 5.7). persistent is false for a session cookie.
func (l lifetime) end() (end time.Time, persistent bool) {
	if !l.maxAge.IsZero() {
		return l.maxAge, true
	}
	return l.expires, !l.expires.IsZero()
}

// parseMaxAge reads digits after an optional minus, and nothing else (RFC
// 6265bis, 5.6.2). Any number of digits is a number: it is cut at ageLimit.
func parseMaxAge(s string, now time.Time) (end time.Time, ok bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" {
		return time.Time{}, false
	}
	var seconds time.Duration
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || '9' < c {
			return time.Time{}, false
		}
		seconds = min(seconds*10+time.Duration(c-'0'), ageLimit/time.Second)
	}
	if seconds == 0 || len(digits) < len(s) {
		return past, true
	}
	return now.Add(seconds * time.Second), true
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
	copied := 0
	for a := range attributes(line) {
		if a.kind != attrMaxAge && a.kind != attrExpires {
			continue
		}
		if copied == 0 {
			out.Grow(len(line))
		}
		out.WriteString(line[copied:a.start])
		copied = a.end
	}
	if copied == 0 {
		return line
	}
	out.WriteString(line[copied:])
	return out.String()
}

// withLifetime makes the cookie of a line, set at now, last until end. Max-Age
// is for browsers with a wrong clock, Expires for clients without Max-Age.
func withLifetime(line string, now, end time.Time) string {
	seconds := max(0, end.Sub(now)/time.Second)
	expires := past
	if seconds > 0 {
		expires = now.Truncate(time.Second).Add(seconds * time.Second).UTC()
	}
	bare := withoutLifetime(line)
	out := make([]byte, 0, len(bare)+64)
	out = append(out, bare...)
	out = append(out, "; Expires="...)
	out = expires.AppendFormat(out, dateLayout)
	out = append(out, "; Max-Age="...)
	out = strconv.AppendInt(out, int64(seconds), 10)
	return string(out)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
