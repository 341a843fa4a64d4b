package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
)

// proofPatience bounds how long a form waits for its check.
const proofPatience = 5 * time.Second

// submission is a request that sends something to a protected path.
type submission struct {
	*visit
	request *http.Request
	path    string // as the owner wrote it
	found   form.Found
}

// checkForm asks for a proof of what is sent to protected paths, before the site sees any
// of it. It tells whether the request was answered here. What the gateway has put into the
// form is taken out, and the site is told how the proof was made, in a request header that
// clients cannot forge.
func (g *Gateway) checkForm(w http.ResponseWriter, r *http.Request, v *visit) (answered bool, err error) {
	if g.protection == nil || v.proved {
		return false, nil
	}
	path, ok := g.protection.protects(r, v)
	if !ok {
		delete(r.Header, form.Header)
		return false, nil
	}
	s := &submission{visit: v, request: r, path: path}
	if s.found, err = form.Take(r, 0); err != nil {
		return true, caddyhttp.Error(http.StatusBadRequest, err)
	}
	verdict, err := s.verify()
	if err != nil {
		return true, caddyhttp.Error(http.StatusServiceUnavailable, err)
	}
	g.protection.forms[path].gauge.Note(verdict)
	g.app.shared.metrics.forms.WithLabelValues(verdict.Outcome.String(), verdict.Reason.String()).Inc()
	if !verdict.Passed() {
		return true, s.refuse(w, verdict)
	}
	v.proved = true
	r.Header[form.Header] = []string{"work"}
	return false, nil
}

// protects finds the path that a request falls under, as the browser wrote it or as it is
// by now.
func (p *protection) protects(r *http.Request, v *visit) (path string, ok bool) {
	if path, ok = p.routes.Protects(r.Method, v.address.EscapedPath(), v.address.RawQuery, r.Header); !ok && r.URL != v.address {
		path, ok = p.routes.Protects(r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header)
	}
	return path, ok
}

// verify checks what the form brought.
func (s *submission) verify() (captcha.Verdict, error) {
	switch {
	case s.found.Trapped:
		return captcha.Verdict{Reason: captcha.Baited}, nil
	case s.found.Token == "":
		return captcha.Verdict{Reason: captcha.Missing}, nil
	}
	p := s.gateway.protection
	if _, err := p.current(); err != nil {
		return captcha.Verdict{}, err
	}
	ctx, cancel := context.WithTimeout(s.request.Context(), proofPatience)
	defer cancel()
	return p.forms[s.path].work.Verify(ctx, captcha.Answer{Token: s.found.Token, Form: s.path, Host: s.host}), nil
}

var errProof = errors.New("the form was sent without a proof that a person sent it")

// refuse asks for the proof: scripts by an answer that they can read (RFC 9457), people by a
// page.
func (s *submission) refuse(w http.ResponseWriter, _ captcha.Verdict) error {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if navigates(s.request) {
		return caddyhttp.Error(http.StatusForbidden, errProof)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusForbidden)
	return json.NewEncoder(w).Encode(problem{
		Type: client.ProblemType, Title: "This needs a proof that a person sends it.", Status: http.StatusForbidden,
		Challenge: client.ChallengePath + "?form=" + url.QueryEscape(s.path),
	})
}

// problem says what was wrong with a request, as RFC 9457 has it.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Challenge string `json:"challenge"`
}

// navigates tells whether a browser will show the answer as a page.
func navigates(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !partial(r)
}
