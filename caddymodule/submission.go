package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/pass"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// proofPatience bounds how long a form waits for its check.
const proofPatience = 5 * time.Second

// submission is a request that sends something to a protected path.
type submission struct {
	*visit
	at      *protected
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
	s := &submission{visit: v, request: r, path: path, at: g.protection.forms[path]}
	if s.found, err = form.Take(r, 0); err != nil {
		return true, caddyhttp.Error(bodyStatus(err), err)
	}
	exempt, err := s.at.exempts(r)
	if err != nil {
		return true, caddyhttp.Error(http.StatusInternalServerError, err)
	}
	if exempt {
		s.forward(exempted)
		return false, nil
	}
	verdict, way, err := s.verify()
	if err != nil {
		return true, caddyhttp.Error(http.StatusServiceUnavailable, err)
	}
	s.at.gauge.Note(verdict)
	g.app.shared.metrics.forms.WithLabelValues(verdict.Outcome.String(), verdict.Reason.String()).Inc()
	if s.found.Sealed != "" {
		return s.resume(w, verdict, way)
	}
	switch s.step(verdict) {
	case captcha.Forward:
		s.forward(way)
		return false, nil
	case captcha.Unchecked:
		s.forward(unchecked)
		return false, nil
	case captcha.Postpone:
		w.Header().Set("Retry-After", "30")
		return true, s.postpone(w)
	}
	if verdict.Reason == captcha.LowScore || verdict.Outcome != captcha.VisitorFailed {
		g.protection.doubted.mark(browserOf(r), v.now.Unix()/60) // the next proof is work
	}
	return true, s.refuse(w, verdict)
}

// bodyStatus answers for a body that cannot be read: the owner may have set a bound.
func bodyStatus(err error) int {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// step is what follows from a verdict.
func (s *submission) step(v captcha.Verdict) captcha.Step {
	onError := captcha.Challenge
	if s.at.third != nil {
		onError = s.at.third.onError
	}
	return onError.Decide(v)
}

// forward lets the site have the form, and tells it how the proof was made.
func (s *submission) forward(way string) {
	s.proved = true
	s.request.Header[form.Header] = []string{way}
}

// protects finds the path that a request falls under, as the browser wrote it or as it is
// by now.
func (p *protection) protects(r *http.Request, v *visit) (path string, ok bool) {
	if path, ok = p.routes.Protects(r.Method, v.address.EscapedPath(), v.address.RawQuery, r.Header); !ok && r.URL != v.address {
		path, ok = p.routes.Protects(r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header)
	}
	return path, ok
}

// The ways in which a proof is made, as the site is told them.
const (
	byWork    = "work"
	byPass    = "pass"
	byAnswer  = "answer" // to a question, by a visitor without scripts
	exempted  = "exempt"
	unchecked = "unchecked"
)

// verify checks what the form brought, or the pass that spares it.
func (s *submission) verify() (v captcha.Verdict, way string, err error) {
	if s.found.Trapped {
		return captcha.Verdict{Reason: captcha.Baited}, "", nil
	}
	if _, err := s.gateway.protection.current(); err != nil {
		return v, "", err
	}
	ctx, cancel := context.WithTimeout(s.request.Context(), proofPatience)
	defer cancel()
	v = captcha.Verdict{Reason: captcha.Missing}
	if s.found.Token != "" {
		v, way = s.prove(ctx)
	}
	if v.Passed() {
		s.givePass()
		return v, way, nil
	}
	if spared, ok := s.spared(ctx); ok {
		return spared, byPass, nil
	}
	return v, "", nil
}

// prove checks a token: the provider's, if the visitor has agreed to it, or work.
func (s *submission) prove(ctx context.Context) (v captcha.Verdict, way string) {
	t := s.at.third
	token, ok := t.token(s.found.Token)
	if !ok {
		return s.at.work.Verify(ctx, captcha.Answer{
			Token: s.found.Token, Form: s.path, Host: s.host, Afterwards: s.found.Sealed != "",
		}), byWork
	}
	if !s.gateway.policy.Agreed(t.service, s.visitor) {
		return captcha.Verdict{Reason: captcha.Missing}, ""
	}
	a := captcha.Answer{Token: token, Form: captcha.Identifier(s.path), Host: s.host}
	if t.address {
		a.Address = clientAddress(s.request).String()
	}
	v = t.breaker.Verify(ctx, a)
	if v.Outcome == captcha.OperatorFailed || v.Outcome == captcha.ProviderFailed {
		s.gateway.tellFault(t, v)
	}
	if v.Scored {
		return v, t.Name() + "; score=" + strconv.FormatFloat(v.Score, 'g', -1, 64)
	}
	return v, t.Name()
}

// spared tells whether the visitor has proved himself a moment ago.
func (s *submission) spared(ctx context.Context) (captcha.Verdict, bool) {
	if s.at.passes == nil {
		return captcha.Verdict{}, false
	}
	for token := range cookie.All(s.request.Header["Cookie"], s.gateway.names.pass(s.secure)) {
		v := s.at.passes.Verify(ctx, token, s.browser())
		return v, v.Passed() // browsers send one
	}
	return captcha.Verdict{}, false
}

// givePass has the answer bring a pass.
func (s *submission) givePass() {
	if s.at.passes == nil {
		return
	}
	if token, err := s.at.passes.Issue(s.browser()); err == nil {
		s.visit.pass = s.gateway.names.passLine(token, s.now.Add(s.at.passes.Life()), s.visit)
	}
}

// browser is what a pass is bound to.
func (s *submission) browser() pass.Browser {
	h := s.request.Header
	return pass.Browser{Host: s.host, UserAgent: h.Get("User-Agent"), Languages: h.Get("Accept-Language")}
}

var errProvider = errors.New("the provider that checks this form cannot be reached: send it again in a moment")

// postpone has the form wait until the provider is back.
func (s *submission) postpone(w http.ResponseWriter) error {
	if navigates(s.request) {
		return s.stop(w, http.StatusServiceUnavailable, ui.StopDown)
	}
	return caddyhttp.Error(http.StatusServiceUnavailable, errProvider)
}

// refuse asks for the proof: scripts by an answer that they can read (RFC 9457), people by a
// page.
func (s *submission) refuse(w http.ResponseWriter, _ captcha.Verdict) error {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if navigates(s.request) {
		return s.keep(w)
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
