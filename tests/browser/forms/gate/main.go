// Command gate puts the gateway's pieces for forms before a site, and nothing else:
// what is inserted into pages, what is taken out of bodies, the page between. Proofs
// it checks by itself. It serves the tests of the script in a browser.
package main

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/client"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/provider"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/route"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/sealed"
	"github.com/caddy-privacy/caddy-privacy/internal/csp"
	pages "github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

var words = client.Words{Wait: "Checking, one moment", Check: "Please tick the box", Offer: "Protected without third parties.", Use: "Use reCAPTCHA instead", Service: "google-recaptcha"}

// gate is what the tests set, and what they ask.
type gate struct {
	routes *route.Routes
	keys   *sealed.Keys
	site   *httputil.ReverseProxy

	mu     sync.Mutex
	set    settings
	issued map[string]bool // nonces, and whether they were used
	seen   []seen
}

// settings are changed by POST /.test/.
type settings struct {
	Provider string // its kind; empty: none
	Project  string // of Google Cloud
	Base     string // where its script comes from
	Away     bool   // challenges are refused
	Slow     int    // how long they take, in milliseconds
	Prefix   string
	Forget   int // how many proofs are taken for used
	Guard    bool
}

// seen is what a request to a protected path brought.
type seen struct {
	Method, Path, Why, Verdict string
	Trapped                    bool
}

func main() {
	listen, site := flag.String("listen", "", "address"), flag.String("site", "", "origin")
	flag.Parse()
	if err := run(*listen, *site); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(listen, site string) error {
	target, err := url.Parse(site)
	if err != nil {
		return err
	}
	routes, err := route.New([]string{"/contact", "/comments*", "/login.php"}, false)
	if err != nil {
		return err
	}
	keys, err := sealed.NewKeys(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return err
	}
	g := &gate{routes: routes, keys: keys, issued: map[string]bool{}, set: settings{Prefix: "0"}}
	g.site = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: g.write,
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	return http.Serve(l, g)
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case client.Path:
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, client.Text())
	case client.ChallengePath:
		g.challenge(w, r)
	case "/.privacy/choice":
		http.SetCookie(w, &http.Cookie{Name: "privacy", Value: "functional", Path: "/"})
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"state":"partial","reload":true,"signals":{}}`)
	case "/.test/":
		g.control(w, r)
	default:
		g.govern(w, r)
	}
}

// control takes settings, and answers with what was seen since.
func (g *gate) control(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.Method == http.MethodPost {
		g.set, g.seen = settings{Prefix: "0"}, nil
		if err := json.NewDecoder(r.Body).Decode(&g.set); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	_ = json.NewEncoder(w).Encode(g.seen)
}

func (g *gate) settings() settings {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.set
}

func (g *gate) challenge(w http.ResponseWriter, r *http.Request) {
	set := g.settings()
	time.Sleep(time.Duration(set.Slow) * time.Millisecond)
	pattern := r.URL.Query().Get("form")
	if set.Away || pattern == "" {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	var drawn [32]byte
	_, _ = rand.Read(drawn[:])
	nonce := hex.EncodeToString(drawn[:16])
	g.mu.Lock()
	g.issued[nonce] = false
	g.mu.Unlock()
	now := time.Now()
	text := fmt.Appendf(nil, `{"parameters":{"algorithm":"PBKDF2/SHA-256","cost":100,"data":{"form":%q,"issued":%d},"expiresAt":%d,"keyLength":32,"keyPrefix":%q,"nonce":%q,"salt":%q},"signature":"s"}`,
		pattern, now.UnixMilli(), now.Add(10*time.Minute).Unix(), set.Prefix, nonce, hex.EncodeToString(drawn[16:]))
	if set.Provider != "" && granted(r) {
		p, err := provider.New(provider.Config{
			Kind: provider.Kind(set.Provider), SiteKey: "KEY", Secret: "secret", Project: set.Project, ScriptHost: set.Base,
		}, http.DefaultTransport)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		text = client.WithProvider(text, p.Browser("contact"))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text)
}

func granted(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Cookie"), "privacy=functional")
}

// verify tells what a token is worth for a form.
func (g *gate) verify(token, pattern string) (verdict string) {
	if name, of, ok := strings.Cut(token, ":"); ok {
		return name + " " + of
	}
	var proof struct {
		Challenge struct {
			Parameters struct {
				Data            struct{ Form string }
				Cost, KeyLength int
				KeyPrefix       string
				Nonce, Salt     string
			}
		}
		Solution struct {
			Counter    uint32
			DerivedKey string
			Time       float64
		}
	}
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil || json.Unmarshal(raw, &proof) != nil {
		return ""
	}
	p, s := proof.Challenge.Parameters, proof.Solution
	g.mu.Lock()
	used, known := g.issued[p.Nonce]
	g.issued[p.Nonce] = true
	forget := g.set.Forget > 0
	g.set.Forget = max(g.set.Forget-1, 0)
	g.mu.Unlock()
	nonce, _ := hex.DecodeString(p.Nonce)
	salt, _ := hex.DecodeString(p.Salt)
	password := append(nonce, byte(s.Counter>>24), byte(s.Counter>>16), byte(s.Counter>>8), byte(s.Counter))
	key, err := pbkdf2.Key(sha256.New, string(password), salt, p.Cost, p.KeyLength)
	if err != nil || used || !known || forget || p.Data.Form != pattern || hex.EncodeToString(key) != s.DerivedKey || !strings.HasPrefix(s.DerivedKey, p.KeyPrefix) {
		return ""
	}
	return "work"
}

func (g *gate) govern(w http.ResponseWriter, r *http.Request) {
	pattern, ok := g.routes.Protects(r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header)
	if !ok {
		g.site.ServeHTTP(w, r)
		return
	}
	found, err := form.Take(r, 0)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	verdict := ""
	if found.Token != "" {
		verdict = g.verify(found.Token, pattern)
	}
	g.mu.Lock()
	g.seen = append(g.seen, seen{r.Method, r.URL.Path, string(found.Why), verdict, found.Trapped})
	g.mu.Unlock()
	switch {
	case found.Sealed != "":
		g.resume(w, r, pattern, found, verdict)
	case verdict != "":
		g.site.ServeHTTP(w, r)
	case r.Header.Get("Sec-Fetch-Mode") == "navigate":
		g.between(w, r, pattern)
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]any{"type": client.ProblemType, "title": "A proof is needed", "status": 403, "challenge": client.ChallengePath + "?form=" + url.QueryEscape(pattern)})
	}
}

// write puts into pages what the gateway does.
func (g *gate) write(a *http.Response) error {
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || a.StatusCode != http.StatusOK {
		return nil
	}
	origin := "http://" + a.Request.Host
	for i, policy := range a.Header["Content-Security-Policy"] {
		a.Header["Content-Security-Policy"][i] = csp.Allow(policy, csp.Grants{
			Origin: origin, Scripts: ui.Scripts(), Styles: []string{client.StyleHash}, File: origin + client.Path, FileHash: "'" + client.Integrity + "'",
			Connect: []string{origin + client.ChallengePath, origin + "/.privacy/choice"},
		})
	}
	address, ok := weburl.Parse(origin+a.Request.URL.RequestURI(), nil)
	if !ok {
		return errors.New("the address cannot be read")
	}
	set, offered := g.settings(), words
	if set.Provider == "" || granted(a.Request) {
		offered.Offer, offered.Use, offered.Service = "", "", ""
	}
	in := pages.Insertion{End: client.Script(client.Element{Routes: g.routes.Patterns(), Words: offered}), CharsetDeclared: true}
	if set.Guard {
		hosts := "localhost"
		if granted(a.Request) {
			hosts += " 127.0.0.1"
		}
		in.Head = ui.AppendGuard(nil, ui.NewRules("", "", "session", nil, nil), hosts, 1000)
	}
	var b bytes.Buffer
	var pw pages.Writer
	pw.Reset(&b, in, &pages.Rules{Address: &address, Forms: &pages.Forms{
		Protects: func(u *weburl.URL) bool {
			_, ok := g.routes.Find(u.Path)
			return ok && u.Host == address.Host
		},
		Fields: []byte(client.Fields), Mount: client.Mount(offered),
	}})
	if _, err := io.Copy(&pw, a.Body); err != nil {
		return err
	}
	if err := pw.Close(); err != nil {
		return err
	}
	_ = a.Body.Close()
	a.Body, a.ContentLength = io.NopCloser(&b), int64(b.Len())
	a.Header.Set("Content-Length", fmt.Sprint(b.Len()))
	return nil
}
