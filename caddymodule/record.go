package caddymodule

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
)

// recordNames names and writes the gateway's own cookies: the signed record of a
// choice, which is the truth, and a short mirror of it that scripts can read and
// nobody trusts. As long as there is no choice, the signed record of a term may
// stand alone. It has a name of its own, so that an answer that was long on its
// way cannot put it in the place of a choice made meanwhile.
type recordNames struct {
	shared bool // one record for all hosts of the registrable domain
}

// readable is the cookie for scripts: the granted purposes, joined by dots.
const readable = "privacy"

// choice is the name of the record of a choice. Its prefix keeps other hosts and
// plain connections from setting the cookie (RFC 6265bis section 4.1.3); without
// TLS there is none, and the bare name is the mirror's.
func (n recordNames) choice(secure bool) string {
	switch {
	case !secure:
		return "privacy-record"
	case n.shared:
		return "__Secure-privacy"
	default:
		return "__Host-privacy"
	}
}

// term is the name of the record of a term without a choice.
func (n recordNames) term(secure bool) string {
	switch {
	case !secure:
		return "privacy-term"
	case n.shared:
		return "__Secure-privacy-term"
	default:
		return "__Host-privacy-term"
	}
}

// pass is the name of the cookie that spares a visitor who has proved himself to send a form.
func (recordNames) pass(secure bool) string {
	if secure {
		return "__Host-privacy-pass"
	}
	return "privacy-pass"
}

// line sets a signed record of this name until its end.
func (n recordNames) line(name, token string, r consent.Record, v *visit) string {
	return name + "=" + token + n.attributes(v) + "; HttpOnly" + lifetime(r.Until, v.now)
}

// passLine sets a pass until its end.
func (n recordNames) passLine(token string, until time.Time, v *visit) string {
	line := n.pass(v.secure) + "=" + token + "; Path=/; SameSite=Strict; HttpOnly"
	if v.secure {
		line += "; Secure"
	}
	return line + lifetime(until, v.now)
}

// mirrorLine sets the readable cookie for the same time.
func (n recordNames) mirrorLine(r consent.Record, v *visit) string {
	return readable + "=" + strings.Join(r.Purposes, ".") + n.attributes(v) + lifetime(r.Until, v.now)
}

// clear deletes all of them.
func (n recordNames) clear(lines []string, v *visit) []string {
	return append(lines, n.deletion(n.choice(v.secure), v), n.deletion(n.term(v.secure), v), n.deletion(readable, v))
}

func (n recordNames) deletion(name string, v *visit) string {
	return name + "=" + n.attributes(v) + "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
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
