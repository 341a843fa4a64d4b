// Package captchatest is a server that speaks the documented protocols of the providers:
// reCAPTCHA's siteverify and assessments, hCaptcha, Turnstile and Friendly Captcha. It
// serves stand-ins of their browser scripts, whose tokens it takes once and for as long as
// the provider would. The real ones cannot be reached from tests, and would not fail
// when asked to.
package captchatest

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Service is a provider, by its identifier in the catalogue.
type Service string

// The services.
const (
	Recaptcha Service = "google-recaptcha"
	HCaptcha  Service = "hcaptcha"
	Turnstile Service = "cloudflare-turnstile"
	Friendly  Service = "friendly-captcha"
)

// Account is what a site's owner gets from a provider.
type Account struct {
	Service Service
	Site    string        // the public key
	Secret  string        // or the API key
	Project string        // of Google Cloud, for assessments
	scores  bool          // answers have a score
	acts    bool          // answers name the action
	life    time.Duration // of a token
}

// Accounts are those that every Server knows, by the owner's words for the provider.
var Accounts = map[string]Account{
	"recaptcha v2":           {Recaptcha, "site-v2", "secret-v2", "", false, false, 2 * time.Minute},
	"recaptcha v2 invisible": {Recaptcha, "site-invisible", "secret-invisible", "", false, false, 2 * time.Minute},
	"recaptcha v3":           {Recaptcha, "site-v3", "secret-v3", "", true, true, 2 * time.Minute},
	"recaptcha enterprise":   {Recaptcha, "site-enterprise", "key-enterprise", "project-1", true, true, 2 * time.Minute},
	"hcaptcha":               {HCaptcha, "site-hcaptcha", "secret-hcaptcha", "", false, false, 2 * time.Minute},
	"turnstile":              {Turnstile, "site-turnstile", "secret-turnstile", "", false, true, 5 * time.Minute},
	"friendly":               {Friendly, "site-friendly", "key-friendly", "", false, false, 10 * time.Minute},
}

// Part is what of a provider is asked for.
type Part string

// The parts.
const (
	Scripts Part = "scripts" // what browsers load: scripts, frames and the tokens these make
	Checks  Part = "checks"  // what the site's server asks
)

// Server is all the providers.
type Server struct {
	now func() time.Time

	mu     sync.Mutex
	score  float64 // that answers with a score say
	tokens map[string]*token
	counts map[Service]map[Part]int
	modes  map[Service]map[Part]Mode
	says   map[Service][]string
	last   map[Service]Seen
	gone   chan struct{} // closed when hanging requests are to end
	mux    http.ServeMux
}

// New makes a Server that answers as a handler. Tokens expire by the clock.
func New(now func() time.Time) *Server {
	s := &Server{
		now: now, score: 0.9, tokens: make(map[string]*token), gone: make(chan struct{}),
		counts: make(map[Service]map[Part]int), modes: make(map[Service]map[Part]Mode),
		says: make(map[Service][]string), last: make(map[Service]Seen),
	}
	s.checks()
	s.scripts()
	s.control()
	return s
}

// Start runs a Server with TLS for one test; client trusts it.
func Start(t testing.TB, now func() time.Time) (s *Server, listening *httptest.Server) {
	t.Helper()
	s = New(now)
	listening = httptest.NewTLSServer(s)
	t.Cleanup(func() {
		s.Close()
		listening.Close()
	})
	return s, listening
}

// Close ends the requests that hang.
func (s *Server) Close() { close(s.gone) }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Count is how many requests a provider has got, of browsers and of servers.
func (s *Server) Count(service Service) (scripts, checks int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[service][Scripts], s.counts[service][Checks]
}

// Set makes a part of a provider misbehave until it is set otherwise.
func (s *Server) Set(service Service, part Part, m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.modes[service] == nil {
		s.modes[service] = make(map[Part]Mode)
	}
	s.modes[service][part] = m
}

// Say makes a provider refuse every answer by these codes of errors, and by none again.
func (s *Server) Say(service Service, codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.says[service] = codes
}

// SetScore says what answers with a score say from now on, in place of 0.9.
func (s *Server) SetScore(score float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.score = score
}

// Seen is what the last check of a provider was asked with.
type Seen struct {
	Header http.Header
	Query  string
	Body   string
}

// Last is the last check that a provider was asked for.
func (s *Server) Last(service Service) Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[service]
}

func (s *Server) count(service Service, part Part) Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts[service] == nil {
		s.counts[service] = make(map[Part]int)
	}
	s.counts[service][part]++
	return s.modes[service][part]
}

// token is what a provider knows of one.
type token struct {
	account Account
	host    string // the page's
	origin  string
	action  string
	made    time.Time
	used    bool
	key     string // the idempotency key it was used with
}

// Mint makes the token that a visitor's browser would get on a page of that origin, such as
// https://www.example.fr. The account is one of Accounts, by its words.
func (s *Server) Mint(account, origin, action string) string {
	a, ok := Accounts[account]
	if !ok {
		panic("no such account: " + account)
	}
	return s.mint(a, origin, action)
}

func (s *Server) mint(a Account, origin, action string) string {
	var b [48]byte
	_, _ = rand.Read(b[:])
	text := "token." + hex.EncodeToString(b[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[text] = &token{account: a, host: hostOf(origin), origin: origin, action: action, made: s.now()}
	return text
}

// spend answers with what is known of a token, and what is wrong with it: unknown,
// expired, used.
func (s *Server) spend(text, key string) (t token, wrong string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.tokens[text]
	switch {
	case known == nil:
		return token{}, "unknown"
	case s.now().Sub(known.made) > known.account.life:
		wrong = "expired"
	case known.used && (key == "" || key != known.key):
		wrong = "used"
	}
	known.used, known.key = true, key
	return *known, wrong
}
