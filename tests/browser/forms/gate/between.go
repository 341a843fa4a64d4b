package main

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/sealed"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// between keeps what was sent without a proof in the page that asks for one.
func (g *gate) between(w http.ResponseWriter, r *http.Request, pattern string) {
	if r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		stop(w, r, http.StatusForbidden, ui.StopForeign)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, sealed.MaxBody+1))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	g.ask(w, r, pattern, sealed.Form{ContentType: r.Header.Get("Content-Type"), Referer: r.Referer(), Body: body}, "")
}

func (g *gate) ask(w http.ResponseWriter, r *http.Request, pattern string, f sealed.Form, note string) {
	question := ui.NewQuestion()
	f.Answer = question.Answer()
	text, err := g.keys.Seal(f, r.Method, r.Host+r.URL.RequestURI(), time.Now())
	if err != nil {
		stop(w, r, http.StatusRequestEntityTooLarge, ui.StopLarge)
		return
	}
	page(w, ui.StepCSP, http.StatusForbidden)
	_ = ui.WriteStep(w, language(r), ui.Step{
		Address: r.URL.RequestURI(), Sealed: text, Question: question, Note: note,
		Script: template.HTML(client.Script(client.Element{Routes: g.routes.Patterns(), Step: pattern})),
	})
}

// resume sends on what was kept.
func (g *gate) resume(w http.ResponseWriter, r *http.Request, pattern string, found form.Found, verdict string) {
	o, err := g.keys.Open(found.Sealed, r.Method, r.Host+r.URL.RequestURI(), time.Now())
	switch {
	case errors.Is(err, sealed.ErrExpired):
		stop(w, r, http.StatusForbidden, ui.StopExpired)
	case err != nil || r.Header.Get("Sec-Fetch-Site") != "same-origin":
		stop(w, r, http.StatusForbidden, ui.StopForeign)
	case verdict == "" && time.Since(o.Issued) < ui.StepWait:
		g.ask(w, r, pattern, o.Form, ui.NoteEarly)
	case verdict == "" && !ui.Answers(found.Answer, o.Answer):
		g.ask(w, r, pattern, o.Form, ui.NoteWrong)
	default:
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(o.Body)), int64(len(o.Body))
		r.Header.Set("Content-Length", strconv.Itoa(len(o.Body)))
		r.Header.Set("Content-Type", o.ContentType)
		r.Header.Set("Referer", o.Referer)
		g.site.ServeHTTP(w, r)
	}
}

func stop(w http.ResponseWriter, r *http.Request, status int, reason string) {
	page(w, ui.PageCSP, status)
	_ = ui.WriteStop(w, language(r), reason)
}

func page(w http.ResponseWriter, policy string, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
}

func language(r *http.Request) string { return ui.Negotiate("", r.Header.Get("Accept-Language"), "") }
