package caddymodule

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// consentHeader tells the origin what the visitor chose.
const consentHeader = "Privacy-Consent"

// governRequest takes out of a request what the visitor has not agreed to, and
// tells the origin where he stands.
func (g *Gateway) governRequest(r *http.Request, v *visit) {
	g.governCookies(r, v)
	deleteForged(r.Header)
	if v.visitor.State != policy.None && v.visitor.State != policy.Ended { // else there is nothing to tell
		r.Header[consentHeader] = []string{v.visitor.Header}
	}
	if v.visitor.State == policy.Declined || v.visitor.State == policy.Signal {
		r.Header["Sec-Gpc"] = []string{"1"} // w3c/gpc: an intermediary may add it, never remove it
	}
	if runsAlone(r) { // its policy differs from visitor to visitor, and its tag does not
		delete(r.Header, "If-None-Match")
		delete(r.Header, "If-Modified-Since")
	}
	if (v.document || v.fragment) && !g.untouched(r) {
		preparePage(r.Header, g.variant(r, v))
	}
}

// governCookies strips the request's cookies that may not be read, and those of
// the gateway itself. What is stripped is to be deleted in the browser too.
func (g *Gateway) governCookies(r *http.Request, v *visit) {
	fields := r.Header["Cookie"]
	if len(fields) == 0 {
		return
	}
	watch := v.document || v.visitor.State == policy.Ended || g.app.shared.sample()
	s := g.app.shared.recent.sifted(fields, v, watch)
	g.app.shared.metrics.add(fromBrowser, &s.tally)
	v.begin = v.begin || s.begin
	if watch {
		v.sweep = append(slices.Clip(v.sweep), s.sweep...)
	}
	switch {
	case !s.changed:
	case len(s.kept) == 0:
		delete(r.Header, "Cookie")
	default:
		r.Header["Cookie"] = slices.Clone(s.kept) // other directives may edit it in place
	}
}

// sift decides about each cookie of a request.
func (g *Gateway) sift(fields []string, v *visit, watch bool) *sifted {
	if cookie.Oversized(fields) {
		g.logger.Warn("request with too many cookies: the surplus was dropped")
	}
	s := new(sifted)
	s.kept, s.changed = cookie.Filter(fields, func(name, value string) bool {
		if policy.IsOwn(name) {
			return false
		}
		d := g.policy.Cookie(name, value, v.visitor, v.now)
		if d.Action != policy.Allow {
			s.tally[d.Action][d.Reason]++
		}
		if watch {
			g.note(v, fromBrowser, name, &d)
		}
		if d.Action == policy.Drop {
			if !slices.Contains(s.sweep, name) {
				s.sweep = append(s.sweep, name)
			}
			return false
		}
		s.begin = s.begin || v.visitor.Until == 0 && d.Action == policy.Allow && g.policy.Persists(name)
		return true
	})
	return s
}

// deleteForged removes what a client may have sent in our name, in every
// spelling that origins read alike: CGI (RFC 3875 section 4.1.18) and what is
// like it turn hyphens, and often all other punctuation, into underscores. Nor
// may a client have our headers removed on the way by naming them in Connection.
func deleteForged(h http.Header) {
	for name := range h {
		if len(name) == len(consentHeader) && readsAlike(name, consentHeader) {
			delete(h, name)
		}
	}
	for i, field := range h["Connection"] {
		for _, name := range []string{consentHeader, "Sec-GPC"} {
			if lists(field, name) {
				h["Connection"][i] = strings.Join(without([]string{h["Connection"][i]}, name), ", ")
			}
		}
	}
}

func readsAlike(name, ours string) bool {
	for i := range len(name) {
		a, b := name[i]|0x20, ours[i]|0x20
		if a != b && (letterOrDigit(a) || letterOrDigit(b)) {
			return false
		}
	}
	return true
}

func letterOrDigit(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// preparePage asks for a page in a form that can be read, whole, and judged
// fresh only if it is the variant that this visitor would get.
func preparePage(h http.Header, variant page.Variant) {
	delete(h, "Range")
	delete(h, "If-Range")
	delete(h, "If-Modified-Since")
	h["Accept-Encoding"] = []string{"identity"}
	tags := strings.Join(h["If-None-Match"], ", ")
	if !strings.Contains(tags, string(variant)) {
		// It was got before the gateway was there, or by somebody who stood
		// otherwise: it is not to be shown again.
		delete(h, "If-None-Match")
		return
	}
	h["If-None-Match"] = []string{variant.IfNoneMatch(tags)}
}
