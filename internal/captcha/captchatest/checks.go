package captchatest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"
)

func (s *Server) checks() {
	check := func(pattern string, service Service, next http.HandlerFunc) {
		s.mux.HandleFunc(pattern, s.part(service, Checks, next))
	}
	check("/recaptcha/api/siteverify", Recaptcha, s.recaptcha)
	check("POST /v1/projects/{project}/assessments", Recaptcha, s.assess)
	check("/siteverify", HCaptcha, s.hcaptcha)
	check("/turnstile/v0/siteverify", Turnstile, s.turnstile)
	check("/api/v2/captcha/siteverify", Friendly, s.friendly)
}

// recaptcha is https://developers.google.com/recaptcha/docs/verify and /v3.
func (s *Server) recaptcha(w http.ResponseWriter, r *http.Request) {
	form := readForm(r)
	if form.Get("secret") == "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe" && form.Get("response") != "" {
		answer(w, http.StatusOK, map[string]any{"success": true, "challenge_ts": s.stamp(s.now()), "hostname": "testkey.google.com"})
		return
	}
	account, codes := s.account(Recaptcha, form)
	t, codes := s.judge(form.Get("response"), "", account, codes, "timeout-or-duplicate", "timeout-or-duplicate")
	if codes = s.said(Recaptcha, codes); codes != nil {
		answer(w, http.StatusOK, map[string]any{"success": false, "error-codes": codes})
		return
	}
	said := map[string]any{"success": true, "challenge_ts": s.stamp(t.made), "hostname": t.host}
	if t.account.scores {
		said["score"], said["action"] = s.scored(), t.action
	}
	answer(w, http.StatusOK, said)
}

// hcaptcha is https://docs.hcaptcha.com/#verify-the-user-response-server-side.
func (s *Server) hcaptcha(w http.ResponseWriter, r *http.Request) {
	form := readForm(r)
	if form.Get("secret") == "0x0000000000000000000000000000000000000000" {
		said := map[string]any{"success": true, "challenge_ts": s.stamp(s.now()), "hostname": "dummy-key-pass", "credit": false}
		if form.Get("response") != "10000000-aaaa-bbbb-cccc-000000000001" {
			said = map[string]any{"success": false, "error-codes": []string{"invalid-input-response"}}
		}
		answer(w, http.StatusOK, said)
		return
	}
	account, codes := s.account(HCaptcha, form)
	if site := form.Get("sitekey"); codes == nil && site != "" && site != account.Site {
		codes = []string{"sitekey-secret-mismatch"}
	}
	t, codes := s.judge(form.Get("response"), "", account, codes, "expired-input-response", "already-seen-response")
	if codes = s.said(HCaptcha, codes); codes != nil {
		answer(w, http.StatusOK, map[string]any{"success": false, "error-codes": codes})
		return
	}
	answer(w, http.StatusOK, map[string]any{"success": true, "challenge_ts": s.stamp(t.made), "hostname": t.host, "credit": false})
}

// turnstile is https://developers.cloudflare.com/turnstile/get-started/server-side-validation/.
func (s *Server) turnstile(w http.ResponseWriter, r *http.Request) {
	form := readForm(r)
	if codes, ok := turnstileTests[form.Get("secret")]; ok {
		answer(w, http.StatusOK, map[string]any{
			"success": len(codes) == 0, "error-codes": codes, "challenge_ts": s.stamp(s.now()), "hostname": "example.com"})
		return
	}
	account, codes := s.account(Turnstile, form)
	t, codes := s.judge(form.Get("response"), form.Get("idempotency_key"), account, codes, "timeout-or-duplicate", "timeout-or-duplicate")
	if codes = s.said(Turnstile, codes); codes != nil {
		status := http.StatusOK
		if slices.Contains(codes, "invalid-input-secret") || slices.Contains(codes, "missing-input-secret") {
			status = http.StatusBadRequest
		}
		answer(w, status, map[string]any{"success": false, "error-codes": codes, "messages": []string{}})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"success": true, "error-codes": []string{}, "challenge_ts": s.stamp(t.made), "hostname": t.host, "action": t.action, "cdata": "",
		"metadata": map[string]any{"interactive": false}})
}

// turnstileTests are the public secrets for trying out, with what is always said.
var turnstileTests = map[string][]string{
	"1x0000000000000000000000000000000AA": {},
	"2x0000000000000000000000000000000AA": {"invalid-input-response"},
	"3x0000000000000000000000000000000AA": {"timeout-or-duplicate"},
}

// friendly is https://developer.friendlycaptcha.com/docs/v2/api/siteverify.
func (s *Server) friendly(w http.ResponseWriter, r *http.Request) {
	account := Accounts["friendly"]
	var asked struct{ Response, Sitekey string }
	var codes []string
	var t token
	switch key := r.Header.Get("X-API-Key"); {
	case r.Method != http.MethodPost:
		codes = []string{"method_not_allowed"}
	case key == "":
		codes = []string{"auth_required"}
	case key != account.Secret:
		codes = []string{"auth_invalid"}
	case !readFriendly(r, &asked.Response, &asked.Sitekey):
		codes = []string{"bad_request"}
	case asked.Response == "":
		codes = []string{"response_missing"}
	case asked.Sitekey != "" && asked.Sitekey != account.Site:
		codes = []string{"sitekey_invalid"}
	default:
		var wrong string
		t, wrong = s.spend(asked.Response, "")
		switch {
		case wrong == "expired":
			codes = []string{"response_timeout"}
		case wrong == "used":
			codes = []string{"response_duplicate"}
		case wrong != "" || t.account != account:
			codes = []string{"response_invalid"}
		}
	}
	if codes = s.said(Friendly, codes); codes != nil {
		answer(w, friendlyStatus[codes[0]], map[string]any{"success": false, "error": map[string]any{"error_code": codes[0], "detail": "As documented."}})
		return
	}
	answer(w, http.StatusOK, map[string]any{"success": true, "data": map[string]any{
		"event_id": "ev_1", "challenge": map[string]any{"timestamp": s.stamp(t.made), "origin": t.origin}, "risk_intelligence": nil}})
}

var friendlyStatus = map[string]int{
	"auth_required": 401, "auth_invalid": 401, "sitekey_invalid": 400, "response_missing": 400, "bad_request": 400,
	"response_invalid": 200, "response_timeout": 200, "response_duplicate": 200, "internal_server_error": 500, "method_not_allowed": 405,
}

func readFriendly(r *http.Request, response, sitekey *string) bool {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/json" {
		var body map[string]string
		if json.NewDecoder(r.Body).Decode(&body) != nil {
			return false
		}
		*response, *sitekey = body["response"], body["sitekey"]
		return true
	}
	form := readForm(r)
	*response, *sitekey = form.Get("response"), form.Get("sitekey")
	return len(form) > 0
}

// account finds the owner's by the secret.
func (s *Server) account(service Service, form url.Values) (Account, []string) {
	secret := form.Get("secret")
	if secret == "" {
		return Account{}, []string{"missing-input-secret"}
	}
	for _, a := range Accounts {
		if a.Service == service && a.Secret == secret && a.Project == "" {
			return a, nil
		}
	}
	return Account{}, []string{"invalid-input-secret"}
}

// judge uses a token up and names what is wrong with it.
func (s *Server) judge(text, key string, account Account, codes []string, expired, used string) (token, []string) {
	if text == "" {
		return token{}, append(codes, "missing-input-response")
	}
	if codes != nil {
		return token{}, codes
	}
	t, wrong := s.spend(text, key)
	switch {
	case wrong == "expired":
		return t, []string{expired}
	case wrong == "used":
		return t, []string{used}
	case wrong != "" || t.account != account:
		return t, []string{"invalid-input-response"}
	}
	return t, nil
}

// said puts the codes that a test has asked for in place of the others.
func (s *Server) said(service Service, codes []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.says[service]) > 0 {
		return s.says[service]
	}
	return codes
}

func (s *Server) scored() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.score
}

func (*Server) stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// readForm takes a form in the body alone; anything else is as if nothing had come.
func readForm(r *http.Request) url.Values {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		return url.Values{}
	}
	return r.PostForm
}

func answer(w http.ResponseWriter, status int, said map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(said)
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
