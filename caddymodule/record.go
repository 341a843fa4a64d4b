package caddymodule

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
)

// recordNames names and writes the gateway's own two cookies: the signed record,
// which is the truth, and a short mirror of it that scripts can read and nobody
// trusts.
type recordNames struct {
	shared bool // one record for all hosts of the registrable domain
}

// mirror is the readable cookie: the granted purposes, joined by dots.
const mirror = "privacy"

// record is the name of the signed cookie. The prefixes, which browsers enforce,
// keep other hosts and plain connections from setting it (RFC 6265bis section
// 4.1.3); without TLS they cannot be had.
func (n recordNames) record(secure bool) string {
	switch {
	case !secure:
		return "privacy-record"
	case n.shared:
		return "__Secure-privacy"
	default:
		return "__Host-privacy"
	}
}

// line sets the signed record until its end.
func (n recordNames) line(token string, r consent.Record, v *visit) string {
	return n.record(v.secure) + "=" + token + n.attributes(v) + "; HttpOnly" + lifetime(r.Until, v.now)
}

// mirrorLine sets the readable cookie for the same time.
func (n recordNames) mirrorLine(r consent.Record, v *visit) string {
	return mirror + "=" + strings.Join(r.Purposes, ".") + n.attributes(v) + lifetime(r.Until, v.now)
}

// clear deletes both.
func (n recordNames) clear(lines []string, v *visit) []string {
	const over = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
	return append(lines,
		n.record(v.secure)+"="+n.attributes(v)+over,
		mirror+"="+n.attributes(v)+over)
}

func (n recordNames) attributes(v *visit) string {
	a := "; Path=/; SameSite=Lax"
	if v.secure {
		a += "; Secure"
	}
	if n.shared {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(v.host); err == nil {
			a += "; Domain=" + domain
		}
	}
	return a
}

// lifetime says the end of a cookie both ways: Max-Age for clocks that are
// wrong, Expires for programs that know no other.
func lifetime(until, now time.Time) string {
	seconds := int64(until.Sub(now) / time.Second)
	return "; Max-Age=" + strconv.FormatInt(max(seconds, 0), 10) +
		"; Expires=" + until.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
}
