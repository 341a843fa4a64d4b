package captchatest

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// Mode is how a provider answers.
type Mode string

// The modes.
const (
	Well     Mode = ""         // as it documents
	Slow     Mode = "slow"     // after a second
	Hang     Mode = "hang"     // never
	HTML     Mode = "html"     // a page, with status 200
	Quota    Mode = "quota"    // 429, as when there have been too many checks
	Broken   Mode = "broken"   // 500
	Huge     Mode = "huge"     // good JSON of 1 MiB
	Redirect Mode = "redirect" // elsewhere
	Cut      Mode = "cut"      // the connection ends within the answer
)

// Modes lists them.
var Modes = []Mode{Well, Slow, Hang, HTML, Quota, Broken, Huge, Redirect, Cut}

const slowness = time.Second

// part counts the requests of one part of a provider, and misbehaves in its place.
func (s *Server) part(service Service, part Part, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		mode := s.count(service, part)
		if part == Checks {
			s.see(service, r)
		}
		if !s.misbehave(mode, w, r) {
			next(w, r)
		}
	}
}

// see keeps what was asked, and leaves it to be read.
func (s *Server) see(service Service, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[service] = Seen{r.Header.Clone(), r.URL.RawQuery, string(body)}
}

func (s *Server) misbehave(m Mode, w http.ResponseWriter, r *http.Request) (done bool) {
	h := w.Header()
	switch m {
	case Slow:
		return !s.wait(r, slowness)
	case Hang:
		s.wait(r, time.Hour)
		panic(http.ErrAbortHandler)
	case HTML:
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Sorry</title><p>We will be back soon.")
	case Quota:
		answer(w, http.StatusTooManyRequests, map[string]any{"error": map[string]any{
			"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded."}})
	case Broken:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case Huge:
		answer(w, http.StatusOK, map[string]any{"success": true, "filler": string(bytes.Repeat([]byte("x"), 1<<20))})
	case Redirect:
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
	case Cut:
		h.Set("Content-Length", "4096")
		_, _ = io.WriteString(w, `{"success": true, `)
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

// wait tells whether the time passed with somebody still there to answer.
func (s *Server) wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.gone:
	}
	return false
}
