package csp

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

const (
	place = "https://site.example/.privacy/mirror/"
	cdn   = place + "cdn.example/"
)

// mirroring needs nothing but what comes from the mirror.
var mirroring = Grants{Origin: "https://site.example", Mirror: place, Hosts: []string{"a.fonts.example", "b.fonts.example", "cdn.example"}}

func TestWhereAHostIsAllowedItsCopiesAre(t *testing.T) {
	for policy, want := range map[string]string{
		"script-src https://cdn.example":                "script-src https://cdn.example " + cdn,
		"script-src cdn.example; img-src b":             "script-src cdn.example " + cdn + "; img-src b",
		"script-src http://CDN.example:80/":             "script-src http://CDN.example:80/ " + cdn,
		"script-src https://cdn.example:443/npm/a@1/":   "script-src https://cdn.example:443/npm/a@1/ " + cdn + "npm/a@1/",
		"font-src cdn.example:*/a.woff2?v=1":            "font-src cdn.example:*/a.woff2?v=1 " + cdn + "a.woff2",
		"default-src https://*.fonts.example":           "default-src https://*.fonts.example " + place + "a.fonts.example/ " + place + "b.fonts.example/",
		"style-src *.fonts.example 'self'":              "style-src *.fonts.example 'self'",
		"style-src-elem cdn.example, style-src-elem b;": "style-src-elem cdn.example " + cdn + ", style-src-elem b;",
		"script-src 'strict-dynamic' cdn.example":       "script-src 'strict-dynamic' cdn.example " + cdn,
		"connect-src cdn.example; worker-src a":         "connect-src cdn.example " + cdn + "; worker-src a",
		"img-src https://*.example/npm/":                "img-src https://*.example/npm/ " + place + "a.fonts.example/npm/ " + place + "b.fonts.example/npm/ " + cdn + "npm/",
	} {
		if got := Allow(policy, mirroring); got != want {
			t.Errorf("%q\n got %q\nwant %q", policy, got, want)
		}
	}
}

func TestNothingElseIsAddedForTheMirror(t *testing.T) {
	for _, policy := range []string{
		"", "script-src 'nonce-x'", "script-src 'none'", "script-src *", "script-src https:", "script-src http:", "script-src https://*",
		"script-src https://site.example cdn.example", "script-src https://site.example/.privacy/ cdn.example", "script-src " + cdn + " cdn.example",
		"frame-src cdn.example", "worker-src cdn.example", "object-src cdn.example", "form-action cdn.example", "base-uri cdn.example",
		"script-src cdn.example:8443", "script-src xcdn.example", "script-src *.cdn.example", "script-src wss://cdn.example", "script-src data:",
		"script-src cdn.example/\u00e9", "img-src a; img-src cdn.example", "script-src 'cdn.example'", "script-src //cdn.example", "report-uri https://cdn.example/",
	} {
		if got := Allow(policy, mirroring); got != policy {
			t.Errorf("%q became %q", policy, got)
		}
	}
}

// TestSchemesOfAnUnencryptedSite: https: does not stand for a site without TLS.
func TestSchemesOfAnUnencryptedSite(t *testing.T) {
	g := mirroring
	g.Origin, g.Mirror = "http://site.example:8080", "http://site.example:8080/.privacy/mirror/"
	for policy, want := range map[string]string{
		"script-src https:":              "script-src https: " + g.Mirror,
		"script-src https://*":           "script-src https://* " + g.Mirror,
		"script-src http:":               "script-src http:",
		"script-src https://cdn.example": "script-src https://cdn.example " + g.Mirror + "cdn.example/",
	} {
		if got := Allow(policy, g); got != want {
			t.Errorf("%q\n got %q\nwant %q", policy, got, want)
		}
	}
}

// addresses are some of the CDN, of the site and of others.
var addresses = []string{
	"https://cdn.example/npm/a@1/x.js", "https://cdn.example/npm/b@1/x.js", "https://a.fonts.example/css", "https://cdn.example/",
	"https://site.example/.privacy/mirror/evil.example/x.js", "https://site.example/x.js", "https://other.example/x.js", "http://cdn.example/npm/a@1/x.js",
}

// copyOf is where the site has a file of the CDN.
func copyOf(u weburl.URL) weburl.URL {
	u.Scheme, u.Path, u.Host = "https", "/.privacy/mirror/"+u.Host+u.Path, "site.example"
	return u
}

// TestCopiesPassExactlyWhereTheOriginalsDo holds the edit of policies to the
// reading of them, over policies made at random.
func TestCopiesPassExactlyWhereTheOriginalsDo(t *testing.T) {
	names := []string{"default-src", "script-src", "script-src-elem", "style-src", "style-src-elem", "font-src", "img-src", "worker-src", "upgrade-insecure-requests"}
	sources := []string{
		"'none'", "https:", "http:", "*", "cdn.example", "https://cdn.example/npm/", "https://cdn.example/npm/a@1/x.js", "http://cdn.example", "*.fonts.example",
		"'nonce-x'", "'strict-dynamic'", "'sha256-abc='", "other.example", "*.example", "https://*.example/npm/", "cdn.example:80", "cdn.example:443",
	}
	r := rand.New(rand.NewPCG(3, 9))
	for range 5000 {
		var text strings.Builder
		for range r.IntN(5) {
			text.WriteString(names[r.IntN(len(names))])
			for range r.IntN(4) {
				text.WriteString(" " + sources[r.IntN(len(sources))])
			}
			text.WriteString([]string{";", "; ", ","}[r.IntN(3)])
		}
		holdToOriginals(t, text.String())
	}
}

func holdToOriginals(t *testing.T, text string) {
	t.Helper()
	edited := Allow(text, mirroring)
	if again := Allow(edited, mirroring); again != edited {
		t.Fatalf("%q became %q, then %q", text, edited, again)
	}
	before, after := Read([]string{text}, "https"), Read([]string{edited}, "https")
	for kind := Script; kind <= Image; kind++ {
		for _, nonce := range []string{"", "x"} {
			l := Load{Kind: kind, Nonce: nonce}
			for _, address := range addresses {
				u, _ := weburl.Parse(address, nil)
				if before.Pass(l, &u) != after.Pass(l, &u) {
					t.Fatalf("%q became %q: %v %s passes otherwise", text, edited, l, address)
				}
				copied := copyOf(u)
				if strings.Contains(u.Host, "site") || strings.Contains(u.Host, "other") {
					continue
				}
				if before.Pass(l, &u) && !after.Pass(l, &copied) {
					t.Fatalf("%q became %q: %v %s passes, its copy does not", text, edited, l, address)
				}
				// A source that stands for http and https has copies by https.
				secure := u
				secure.Scheme = "https"
				if !before.Pass(l, &secure) && !before.Pass(l, &copied) && after.Pass(l, &copied) {
					t.Fatalf("%q became %q: %v %s does not pass, its copy does", text, edited, l, address)
				}
			}
		}
	}
}

func FuzzMirror(f *testing.F) {
	for _, seed := range []string{"script-src cdn.example", "default-src *.fonts.example/%2f/;img-src http://cdn.example:80", "script-src 'none' cdn.example", "font-src cdn.example//", "x cdn.example:*"} {
		f.Add(seed)
	}
	f.Fuzz(holdToOriginals)
}

func BenchmarkPass(b *testing.B) {
	b.ReportAllocs()
	p := Read([]string{"default-src 'self'; script-src 'self' https://cdn.example/npm/ 'nonce-abc'"}, "https")
	u, _ := weburl.Parse(addresses[0], nil)
	for b.Loop() {
		if !p.Pass(Load{Kind: Script}, &u) {
			b.Fatal(fmt.Errorf("%s does not pass", addresses[0]))
		}
	}
}
