package caddymodule

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"net/http"
	"strconv"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/sealed"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// keep shows a page that asks for the proof afterwards, with what was sent sealed in it: a
// visitor without scripts, or with a page from long ago, loses nothing of what he wrote.
func (s *submission) keep(w http.ResponseWriter) error {
	if !sameOrigin(s.request, s.visit) {
		return s.stop(w, http.StatusForbidden, ui.StopForeign)
	}
	body, err := io.ReadAll(io.LimitReader(s.request.Body, sealed.MaxBody+1))
	if err != nil {
		return caddyhttp.Error(bodyStatus(err), err)
	}
	return s.ask(w, sealed.Form{
		ContentType: s.request.Header.Get("Content-Type"), Referer: s.request.Referer(), Body: body,
	}, "")
}

// ask seals a form and shows the page. Note says why an answer was not taken. Where a proof that was made
// afterwards has failed, the page comes without the script: it would try for ever.
func (s *submission) ask(w http.ResponseWriter, f sealed.Form, note string) error {
	keys, err := s.gateway.protection.current()
	if err != nil {
		return err
	}
	question := ui.NewQuestion()
	f.Answer = question.Answer()
	text, err := keys.Seal(f, s.request.Method, s.sentTo(), s.now)
	if err != nil {
		return s.stop(w, http.StatusRequestEntityTooLarge, ui.StopLarge)
	}
	describeOwnPage(w.Header())
	w.Header().Set("Content-Security-Policy", ui.StepCSP)
	w.WriteHeader(http.StatusForbidden)
	step := ui.Step{Address: s.address.RequestURI(), Sealed: text, Question: question, Note: note}
	if s.found.Sealed == "" || s.found.Token == "" {
		step.Script = template.HTML(client.Script(client.Element{Routes: s.gateway.protection.routes.Patterns(), Step: s.path}))
	}
	return ui.WriteStep(w, s.gateway.speak(s.request), step)
}

// sentTo is what a sealed form is bound to.
func (s *submission) sentTo() string { return s.host + s.address.RequestURI() }

// resume lets go on what was kept, with the proof that was made afterwards or the answer to the
// question. It tells whether the request was answered here.
func (s *submission) resume(w http.ResponseWriter, verdict captcha.Verdict, way string) (answered bool, err error) {
	keys, err := s.gateway.protection.current()
	if err != nil {
		return true, err
	}
	kept, err := keys.Open(s.found.Sealed, s.request.Method, s.sentTo(), s.now)
	switch {
	case errors.Is(err, sealed.ErrExpired):
		return true, s.stop(w, http.StatusForbidden, ui.StopExpired)
	case err != nil || !sameOrigin(s.request, s.visit):
		return true, s.stop(w, http.StatusForbidden, ui.StopForeign)
	case verdict.Passed():
	case s.found.Answer == "":
		return true, s.ask(w, kept.Form, "")
	case s.now.Sub(kept.Issued) < ui.StepWait:
		return true, s.ask(w, kept.Form, ui.NoteEarly)
	case !s.mayAnswer() || !ui.Answers(s.found.Answer, kept.Answer):
		return true, s.ask(w, kept.Form, ui.NoteWrong)
	default:
		way = byAnswer
	}
	first, err := spender{s.gateway.app}.Spend(s.request.Context(), "sealed", kept.ID, sealed.Life)
	if err != nil || !first {
		return true, s.stop(w, http.StatusForbidden, ui.StopExpired)
	}
	s.put(kept.Form)
	s.forward(way)
	return false, nil
}

// mayAnswer bounds how many answers come from one network.
func (s *submission) mayAnswer() bool {
	ok, _ := s.gateway.protection.throttle.Allow(clientAddress(s.request))
	return ok
}

// put gives the request what was kept.
func (s *submission) put(f sealed.Form) {
	r := s.request
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(f.Body)), int64(len(f.Body))
	r.TransferEncoding = nil
	for name, value := range map[string]string{
		"Content-Length": strconv.Itoa(len(f.Body)), "Content-Type": f.ContentType, "Referer": f.Referer,
	} {
		if r.Header.Set(name, value); value == "" {
			r.Header.Del(name)
		}
	}
}

// stop says why what was sent is not passed on.
func (s *submission) stop(w http.ResponseWriter, status int, reason string) error {
	describeOwnPage(w.Header())
	w.WriteHeader(status)
	return ui.WriteStop(w, s.gateway.speak(s.request), reason)
}
