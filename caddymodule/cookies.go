package caddymodule

import (
	"net/http"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// deletionsPerResponse bounds the Set-Cookie lines that delete, some 90 bytes
// each: proxies in front refuse headers of more than a few kilobytes. What is
// left over is deleted by the next responses.
const deletionsPerResponse = 30

// governResponse lets through, cuts short or drops the cookies that a response
// sets, and adds what the gateway has to say itself: deletions, and the record
// of a term that begins.
func (g *Gateway) governResponse(h http.Header, v *visit) {
	lines := h["Set-Cookie"]
	if len(lines) == 0 && len(v.sweep) == 0 && !v.begin && !v.imported && v.pass == "" && v.visitor.State != policy.Ended {
		return
	}
	kept := make([]string, 0, len(lines)+2) // the slice may be a handler's own, for all its responses
	for _, line := range lines {
		if line = g.governLine(line, v); line != "" {
			kept = append(kept, line)
		}
	}
	if v.imported {
		kept = g.keepImport(kept, v)
	} else if v.begin && !v.recorded {
		kept = g.beginTerm(kept, v)
	}
	if v.pass != "" {
		kept = append(kept, v.pass)
	}
	if v.visitor.State == policy.Ended && len(v.sweep) <= deletionsPerResponse/3 {
		// Everything else goes with this response, in the scopes where it likely
		// is; a record kept for longer would keep the site's cookies out.
		kept = g.names.clear(kept, v)
	}
	if len(v.sweep) > 0 {
		kept = append(kept, cookie.Sweep(v.sweep, v.host, v.address.EscapedPath(), v.secure, g.app.shared.turn(), deletionsPerResponse)...)
		v.sweep = nil
	}
	if len(kept) == 0 {
		delete(h, "Set-Cookie")
		return
	}
	h["Set-Cookie"] = kept
	private(h)
}

// governLine returns the line as it may pass, or nothing.
func (g *Gateway) governLine(line string, v *visit) string {
	c, ok := cookie.Parse(line, v.now)
	if !ok || policy.IsOwn(c.Name) {
		return "" // browsers ignore it, or it would overwrite our record
	}
	if c.Deletes() {
		return line
	}
	d := g.policy.Cookie(c.Name, c.Value, v.visitor, v.now)
	g.app.shared.metrics.count(fromSite, &d)
	g.noteSet(v, &c, &d)
	switch d.Action {
	case policy.Drop:
		v.held = true
		return ""
	case policy.Session:
		v.held = v.held || !c.Session()
		return c.AsSession()
	}
	if !c.Session() && v.visitor.Until == 0 {
		if v.recorded {
			// The record cannot be read, so nobody knows how much of the term is
			// left; a new one would begin again at every visit.
			return c.AsSession()
		}
		v.begin = true
	}
	return c.Limit(time.Unix(d.Until, 0))
}

// noteSet counts a cookie that the site sets, with the lifetimes it asks for and gets.
func (g *Gateway) noteSet(v *visit, c *cookie.SetCookie, d *policy.Decision) {
	sight := policy.Sight{Name: c.Name, Decision: d, Reliable: true, Set: true}
	if !c.Session() {
		sight.Asked = c.Expires.Unix() - v.now.Unix()
		if d.Action == policy.Allow {
			sight.Given = min(sight.Asked, d.Until-v.now.Unix())
		}
	}
	v.noteCookie(&sight)
}

// beginTerm records the first deposit in a browser whose user has made no
// choice, because from it the thirteen months are counted.
func (g *Gateway) beginTerm(lines []string, v *visit) []string {
	record := consent.Begin(g.policy, v.now)
	token, err := g.app.shared.reader.Keyring().Sign(record)
	if err != nil {
		return lines
	}
	return append(lines, g.names.line(g.names.term(v.secure), token, record, v))
}
