package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// TestOnlyATrustedProxyCanSayThatTheVisitorHasTLS: on its word the record is
// kept for secure connections alone.
func TestOnlyATrustedProxyCanSayThatTheVisitorHasTLS(t *testing.T) {
	trusting := load(t, "servers {\n trusted_proxies static 127.0.0.1/32\n }", strings.Replace(frame, "<body>", gateway, 1))
	r := trusting.choose(t, "choice=accept", "X-Forwarded-Proto: https")
	for _, name := range []string{"__Host-privacy", "privacy"} {
		if !strings.Contains(r.line(name), "; Secure") {
			t.Errorf("%s: %q", name, r.header["Set-Cookie"])
		}
	}
	visited := trusting.visit(t, ask("head", "Content-Security-Policy: form-action 'none'"), "X-Forwarded-Proto: https", "Cookie: "+r.cookie("__Host-privacy"))
	visited.whole(t, false)
	visited.has(t, "Content-Security-Policy", "https://127.0.0.1:")
	trusting.visit(t, "/page", "Cookie: "+r.cookie("__Host-privacy")).whole(t, true)
	if r = trusting.choose(t, "choice=refuse", "X-Forwarded-Proto: https, http"); r.line("__Host-privacy") == "" {
		t.Errorf("behind two proxies: %q", r.header["Set-Cookie"])
	}
	if r = trusting.choose(t, "choice=accept"); r.line(record) == "" || strings.Contains(r.line(record), "Secure") {
		t.Errorf("%q", r.header["Set-Cookie"])
	}
}

// TestProxyThatChangesTheHostIsSeenThrough: cookies are deleted, and forms
// sent, where the browser is.
func TestProxyThatChangesTheHostIsSeenThrough(t *testing.T) {
	outside := []string{"X-Forwarded-Host: www.example.fr", "X-Forwarded-Proto: https"}
	policy := ask("head", "Content-Security-Policy: form-action 'none'")
	s := load(t, "servers {\n trusted_proxies static 127.0.0.1/32\n }", strings.Replace(frame, "<body>", gateway, 1))
	r := s.visit(t, policy, append(outside, "Cookie: _fbp=1")...)
	r.has(t, "Content-Security-Policy", "https://www.example.fr/.privacy/choice")
	r.has(t, "Set-Cookie", "Domain=example.fr")
	s.choose(t, "choice=accept", append(outside, "Sec-Fetch-Site: ", "Origin: https://www.example.fr")...).is(t, http.StatusSeeOther)

	s = serve(t, gateway)
	s.visit(t, policy, outside...).lacks(t, "Content-Security-Policy", "example.fr")
	s.choose(t, "choice=accept", append(outside, "Sec-Fetch-Site: ", "Origin: https://www.example.fr")...).is(t, http.StatusForbidden)
}

// TestNobodyElseIsBelieved about TLS.
func TestNobodyElseIsBelieved(t *testing.T) {
	s := serve(t, gateway)
	if r := s.choose(t, "choice=accept", "X-Forwarded-Proto: https"); r.line(record) == "" || r.line("__Host-privacy") != "" {
		t.Errorf("%q", r.header["Set-Cookie"])
	}
}

// TestOneChoiceHoldsForAllHostsOfADomain where the owner says so, and for no
// other domain.
func TestOneChoiceHoldsForAllHostsOfADomain(t *testing.T) {
	s := serve(t, "privacy {\n share_subdomains\n }\n reverse_proxy <origin>")
	r := s.choose(t, "choice=accept", "Host: www.example.co.uk")
	for _, name := range []string{record, "privacy"} {
		if line := r.line(name); !strings.Contains(line, "; Domain=example.co.uk;") {
			t.Errorf("%q", line)
		}
	}
	s.visit(t, "/page", "Host: shop.example.co.uk", "Cookie: "+r.cookie(record)).whole(t, false)
	if line := s.choose(t, "choice=accept", "Host: localhost").line(record); line == "" || strings.Contains(line, "Domain") {
		t.Errorf("%q", line)
	}
}

// TestOddHostsAreNoTrouble: clients can write anything there.
func TestOddHostsAreNoTrouble(t *testing.T) {
	s := serve(t, gateway)
	for _, host := range []string{
		"localhost", "127.0.0.1", "[::1]", "[::1]:80", "EXAMPLE.fr:", "example.fr.", "com", "co.uk", ".", "..", "a..b", ":80", "xn--", "a_b.example",
		strings.Repeat("a.", 120) + "fr", strings.Repeat("a", 300),
	} {
		_, answer := s.dial(t, "GET /page HTTP/1.1\nHost: "+host+"\nAccept: text/html\nCookie: _fbp=1; a=2\nConnection: close\n\n")
		resp, err := http.ReadResponse(answer, nil)
		if err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%.40q: %v %v", host, resp, err)
			continue
		}
		for _, line := range resp.Header["Set-Cookie"] {
			if strings.Contains(line, "Domain=;") || strings.Contains(line, "Domain=co.uk;") || strings.Contains(line, "Domain=com;") || len(line) > 1000 {
				t.Errorf("%.40q: %.200q", host, line)
			}
		}
	}
	_, answer := s.dial(t, "GET /page HTTP/1.0\nAccept: text/html\nCookie: _fbp=1\n\n")
	if resp, err := http.ReadResponse(answer, nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("without a host: %v", err)
	}
}

// TestSitesOfOneCaddyKeepApart: each has its own rules, and a choice made under
// the rules of one is none under those of another.
func TestSitesOfOneCaddyKeepApart(t *testing.T) {
	s := load(t, "", `http://strict.example:<port> {
	privacy {
		unknown_cookies block
		language de
		purpose letters {
			name Briefe
			description "Wir schreiben Ihnen."
		}
	}
	reverse_proxy <origin>
}
http://mild.example:<port> {
	privacy {
		unknown_cookies allow
		cookie _fbp necessary
	}
	reverse_proxy <origin>
}
http://plain.example:<port> {
	reverse_proxy <origin>
}
`)
	path := ask("set", "mystery=1; Max-Age=99", "set", "_fbp=1", "set", "_ga=1")
	strict, mild, plain := "Host: strict.example", "Host: mild.example", "Host: plain.example"
	r := s.visit(t, path, strict)
	if len(r.header["Set-Cookie"]) != 0 || !strings.Contains(r.body, "Briefe") || !strings.Contains(r.body, `lang="de"`) {
		t.Errorf("%q: %s", r.header["Set-Cookie"], r.body)
	}
	r = s.visit(t, path, mild)
	if r.line("mystery") != "mystery=1; Max-Age=99" || r.line("_fbp") != "_fbp=1" || r.line("_ga") != "" || strings.Contains(r.body, "Briefe") {
		t.Errorf("%q", r.header["Set-Cookie"])
	}
	if r = s.visit(t, path, plain); len(r.header["Set-Cookie"]) != 3 || r.body != html {
		t.Errorf("%q", r.header["Set-Cookie"])
	}
	accepted := "Cookie: " + s.choose(t, "choice=accept", mild).cookie(record)
	s.visit(t, path, mild, accepted).has(t, "Set-Cookie", "_ga=1")
	s.visit(t, path, strict, accepted).lacks(t, "Set-Cookie", "_ga=1")
	s.get(t, "/.well-known/gpc.json", plain)
	if got := s.origin.last(t).URL.Path; got != "/.well-known/gpc.json" {
		t.Errorf("a site without the gateway was answered by it: %s", got)
	}
}

// TestRewritingSitesKeepTheChoice: try_files and rewrite come before the gateway
// in Caddy's order, but the visitor is where his browser says.
func TestRewritingSitesKeepTheChoice(t *testing.T) {
	s := serve(t, "root * <folder>/site\n\ttry_files {path} /index.html\n\tprivacy\n\tfile_server")
	s.write(t, "site/index.html", html)
	r := s.visit(t, "/articles/7?page=2")
	r.whole(t, true)
	if !strings.Contains(r.body, `value="/articles/7?page=2"`) {
		t.Errorf("the form leads back elsewhere: %s", r.body)
	}
	s.choose(t, "choice=accept&back=/articles/7").has(t, "Location", "/articles/7")
	if r = s.visit(t, "/.privacy/"); r.status != http.StatusOK || strings.Contains(r.body, "<h1>News</h1>") {
		t.Errorf("%s", r.body)
	}
	s.get(t, "/.well-known/gpc.json").has(t, "Content-Type", "application/json")
	r = s.visit(t, "/articles/7", "Host: www.example.fr", "Cookie: _fbp=1")
	if lines := strings.Join(r.deletions("_fbp"), "\n"); !strings.Contains(lines, "Path=/articles") {
		t.Errorf("nothing deleted where the browser is:\n%s", lines)
	}
}

// TestErrorsOfOtherHandlersStayErrors, with handle_errors and without.
func TestErrorsOfOtherHandlersStayErrors(t *testing.T) {
	eachWay(t, "privacy\n\terror /broken 418\n\treverse_proxy /away 127.0.0.1:1\n\treverse_proxy <origin>", func(t *testing.T, s *site) {
		s.visit(t, "/broken").is(t, http.StatusTeapot)
		s.visit(t, "/away").is(t, http.StatusBadGateway)
		s.visit(t, "/page").whole(t, true)
	})
}

// TestErrorPagesKnowTheVisitor: handle_errors gets the request after the gateway
// has taken its record out.
func TestErrorPagesKnowTheVisitor(t *testing.T) {
	eachWay(t, `privacy
	root * <folder>/site
	file_server
	handle_errors {
		privacy
		rewrite * /error.html
		header +Set-Cookie "csrftoken=1; Max-Age=99999999"
		file_server
	}`, func(t *testing.T, s *site) {
		s.write(t, "site/error.html", html)
		r := s.visit(t, "/missing")
		r.is(t, http.StatusNotFound)
		r.whole(t, true)
		for choice, asked := range map[string]bool{"choice=accept": false, "choice=refuse": false} {
			r = s.visit(t, "/missing", "Cookie: "+s.choose(t, choice).cookie(record))
			r.is(t, http.StatusNotFound)
			r.whole(t, asked)
			if r.line(record) != "" {
				t.Errorf("the choice is overwritten by %q", r.line(record))
			}
		}
	})
}
