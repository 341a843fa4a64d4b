package caddymodule

import (
	"net/http"

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
	work := g.protection.works[pattern]
	if work == nil {
		return g.notFound(w, r, v)
	}
	if _, err := g.protection.current(); err != nil {
		return err
	}
	challenge, err := work.Challenge(v.host, pattern, 0)
	if err != nil {
		return g.notFound(w, r, v)
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
