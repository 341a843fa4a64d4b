package caddymodule

import (
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
)

// Where the forms' script and what it needs are served.
const (
	formsPath     = client.Path
	challengePath = client.ChallengePath
)

// serveForms serves the forms' script. Pages name it with its digest, so browsers keep it.
func (g *Gateway) serveForms(w http.ResponseWriter, r *http.Request, v *visit) error {
	if g.protection == nil {
		return g.notFound(w, r, v)
	}
	if !readOnly(w, r) {
		return nil
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write([]byte(client.Text()))
	return err
}

// serveChallenge gives a browser the work that a form asks for.
func (g *Gateway) serveChallenge(w http.ResponseWriter, r *http.Request, v *visit) error {
	if g.protection == nil {
		return g.notFound(w, r, v)
	}
	if !readOnly(w, r) {
		return nil
	}
	pattern := r.URL.Query().Get("form")
	form := g.protection.forms[pattern]
	if form == nil {
		return g.notFound(w, r, v)
	}
	if ok, wait := g.protection.throttle.Allow(clientAddress(r)); !ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		w.WriteHeader(http.StatusTooManyRequests)
		return nil
	}
	if _, err := g.protection.current(); err != nil {
		return err
	}
	challenge, err := form.work.Challenge(v.host, pattern, form.gauge.Level())
	if err != nil {
		return g.notFound(w, r, v)
	}
	if form.third.serves(r, v) {
		challenge = form.third.withProvider(challenge, pattern)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = w.Write(challenge)
	return err
}

// clientAddress is that of the visitor, as Caddy's trusted_proxies tell it; invalid if nobody
// knows.
func clientAddress(r *http.Request) netip.Addr {
	text, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	addr, _ := netip.ParseAddr(text)
	return addr.Unmap()
}
