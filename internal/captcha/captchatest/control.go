package captchatest

import "net/http"

// control lets tests in other languages do what the methods do.
//
//	POST /control/set?service=&part=&mode=
//	POST /control/say?service=&code=&code=
//	POST /control/score?low=        0.1 instead of 0.9, where low is not empty
//	POST /control/mint?account=&origin=&action=
//	GET  /control/counts
func (s *Server) control() {
	s.mux.HandleFunc("POST /control/set", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		s.Set(Service(q.Get("service")), Part(q.Get("part")), Mode(q.Get("mode")))
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("POST /control/say", func(w http.ResponseWriter, r *http.Request) {
		s.Say(Service(r.URL.Query().Get("service")), r.URL.Query()["code"]...)
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("POST /control/score", func(w http.ResponseWriter, r *http.Request) {
		score := 0.9
		if r.URL.Query().Get("low") != "" {
			score = 0.1
		}
		s.SetScore(score)
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("POST /control/mint", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if _, ok := Accounts[q.Get("account")]; !ok {
			http.Error(w, "no such account", http.StatusNotFound)
			return
		}
		answer(w, http.StatusOK, map[string]any{"token": s.Mint(q.Get("account"), q.Get("origin"), q.Get("action"))})
	})
	s.mux.HandleFunc("GET /control/counts", func(w http.ResponseWriter, _ *http.Request) {
		counts := make(map[string]any)
		for _, service := range []Service{Recaptcha, HCaptcha, Turnstile, Friendly} {
			scripts, checks := s.Count(service)
			counts[string(service)] = map[string]int{string(Scripts): scripts, string(Checks): checks}
		}
		answer(w, http.StatusOK, counts)
	})
}
