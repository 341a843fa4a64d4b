package conformance

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const term = 393 * 24 * 60 * 60 // thirteen months, seconds

// wholeTerm tells whether a lifetime in seconds is thirteen months, rounded down.
func wholeTerm(seconds int) bool { return seconds == term || seconds == term-1 }

// maxAge reads the Max-Age of a Set-Cookie line, -1 if it has none.
func maxAge(t *testing.T, line string) int {
	t.Helper()
	_, after, ok := strings.Cut(strings.ToLower(line), "max-age=")
	if !ok {
		return -1
	}
	text, _, _ := strings.Cut(after, ";")
	seconds, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return seconds
}

// TestNoStatusAndNoTypeLetsATrackerThrough: browsers take cookies from every
// answer, so every answer is governed.
func TestNoStatusAndNoTypeLetsATrackerThrough(t *testing.T) {
	const long = "; Path=/; Max-Age=63072000"
	eachWay(t, gateway, func(t *testing.T, s *site) {
		for _, status := range []string{"200", "201", "204", "206", "301", "302", "303", "304", "307", "308", "400", "401", "403", "404", "410", "418", "429", "500", "502", "503"} {
			for _, kind := range []string{"", "text/css", "application/json"} {
				path := ask("status", status, "type", kind, "head", "Location: /x",
					"set", "_ga=GA1.1.111.222"+long, "set", "_fbp=1"+long, "set", "mystery=1"+long, "set", "PHPSESSID=s; HttpOnly", "set", "csrftoken=t"+long)
				for how, r := range map[string]*reply{"visit": s.visit(t, path), "fetch": s.get(t, path), "post": s.send(t, "POST", path, "x", "Accept: */*")} {
					what := status + " " + kind + " " + how
					if got := strconv.Itoa(r.status); got != status {
						t.Errorf("%s: status %s", what, got)
					}
					r.lacks(t, "Set-Cookie", "_ga")
					r.lacks(t, "Set-Cookie", "_fbp")
					if got := r.line("mystery"); got != "mystery=1; Path=/" {
						t.Errorf("%s: an unknown cookie is not left for the session alone: %q", what, got)
					}
					if got := r.line("PHPSESSID"); got != "PHPSESSID=s; HttpOnly" {
						t.Errorf("%s: a necessary session cookie became %q", what, got)
					}
					if got := maxAge(t, r.line("csrftoken")); !wholeTerm(got) {
						t.Errorf("%s: a necessary cookie lasts %d s", what, got)
					}
					r.has(t, "Cache-Control", "private")
				}
			}
		}
	})
}

// TestRedirectKeepsItsCookiesAndPlace: a login ends in one.
func TestRedirectKeepsItsCookiesAndPlace(t *testing.T) {
	s := serve(t, gateway)
	s.origin.handle("/login", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "PHPSESSID=abc; Path=/; HttpOnly; SameSite=Lax")
		w.Header().Add("Set-Cookie", "_fbp=1; Max-Age=100")
		http.Redirect(w, r, "/account?welcome=1", http.StatusFound)
	})
	r := s.send(t, "POST", "/login", "user=a", "Accept: text/html")
	r.is(t, http.StatusFound)
	if got := r.header["Set-Cookie"]; !slices.Equal(got, []string{"PHPSESSID=abc; Path=/; HttpOnly; SameSite=Lax"}) {
		t.Errorf("%q", got)
	}
	r.has(t, "Location", "/account?welcome=1")
}

// TestOddLinesAreGovernedAsBrowsersReadThem and not as Go does.
func TestOddLinesAreGovernedAsBrowsersReadThem(t *testing.T) {
	s := serve(t, gateway)
	for _, line := range []string{
		"_fbp", "_fbp=1;max-age = 99", " _fbp =1", "_fbp=\"a b\"; Expires=\"Wed, 09 Jun 2100 10:18:14 GMT\"",
		"_ga={\"a\":1}; MAX-AGE=99", "privacy-record=forged", "__Host-privacy=forged; Secure; Path=/", "privacy=statistics",
		"_fbp=1; Domain=127.0.0.1; Partitioned; Secure; SameSite=None",
	} {
		if r := s.get(t, ask("set", line)); len(r.header["Set-Cookie"]) != 0 && line != "_fbp" {
			t.Errorf("%q passed as %q", line, r.header["Set-Cookie"])
		}
	}
	r := s.get(t, ask("set", "mystery={\"x\": 1}; Max-Age = 099999999999; Priority=High"))
	if got := r.line("mystery"); got != `mystery={"x": 1}; Priority=High` {
		t.Errorf("%q", got)
	}
}

// TestControlBytesInASetCookieLineNeverReachTheBrowser: clients disagree on
// where such a line ends.
func TestControlBytesInASetCookieLineNeverReachTheBrowser(t *testing.T) {
	for name, line := range map[string]string{"NUL": "PHPSESSID=1\x00; _fbp=2", "bare CR": "PHPSESSID=1\rSet-Cookie: _fbp=2", "DEL": "PHPSESSID=1\x7f"} {
		t.Run(name, func(t *testing.T) {
			raw := rawOrigin(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nSet-Cookie: "+line+"\r\nSet-Cookie: good=1\r\n\r\nok")
			s := load(t, "", strings.Replace(frame, "<body>", "privacy\n\treverse_proxy "+raw, 1))
			r := s.get(t, "/")
			if r.status == http.StatusOK && !slices.Equal(r.header["Set-Cookie"], []string{"good=1"}) {
				t.Errorf("%q", r.header["Set-Cookie"])
			}
			r.lacks(t, "Set-Cookie", "_fbp")
		})
	}
}

// TestOriginNeverSeesWhatIsNotAllowed, whatever the method and the form of the
// request.
func TestOriginNeverSeesWhatIsNotAllowed(t *testing.T) {
	s := serve(t, gateway)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		s.send(t, method, "/page", "", "Accept: */*", "Cookie: a=1; _ga=GA1.1.1.2; PHPSESSID=x y; _fbp=3;  b={\"c\":1}")
		if got := s.origin.last(t).Header["Cookie"]; !slices.Equal(got, []string{`a=1; PHPSESSID=x y;  b={"c":1}`}) {
			t.Errorf("%s: the origin got %q", method, got)
		}
	}
	s.get(t, "/page", "Cookie: _ga=1; _fbp=2")
	if got, ok := s.origin.last(t).Header["Cookie"]; ok {
		t.Errorf("the origin got %q", got)
	}
	_, answer := s.dial(t, "GET /page HTTP/1.1\nHost: x\nCookie: a=1; _ga=2\nCookie: _fbp=3\ncookie: b=4; privacy=statistics\nConnection: close\n\n")
	if _, err := answer.ReadString(0); err == nil {
		t.Error("no end")
	}
	if got := s.origin.last(t).Header["Cookie"]; !slices.Equal(got, []string{"a=1", "b=4"}) {
		t.Errorf("of three fields the origin got %q", got)
	}
}

// TestTrackersOfBeforeAreDeletedInTheBrowser, host-only and for every parent
// domain down to the registrable one, within a bounded number of lines.
func TestTrackersOfBeforeAreDeletedInTheBrowser(t *testing.T) {
	s := serve(t, gateway)
	r := s.visit(t, "/page", "Host: shop.news.example.co.uk", "Cookie: _fbp=1; keep=2")
	scopes := strings.Join(r.deletions("_fbp"), "\n")
	for _, want := range []string{"Domain=news.example.co.uk", "Domain=example.co.uk", "Domain=shop.news.example.co.uk"} {
		if !strings.Contains(scopes, want) {
			t.Errorf("no line with %s in\n%s", want, scopes)
		}
	}
	if strings.Contains(scopes, "Domain=co.uk") {
		t.Errorf("a public suffix in\n%s", scopes)
	}
	if !slices.ContainsFunc(r.deletions("_fbp"), func(line string) bool { return !strings.Contains(line, "Domain=") }) {
		t.Errorf("no host-only line in\n%s", scopes)
	}
	if len(r.deletions("keep")) != 0 {
		t.Error("an allowed cookie is deleted")
	}
	r.has(t, "Cache-Control", "private")

	var many []string
	for i := range 60 {
		many = append(many, "_ga_"+strconv.Itoa(i)+"=1")
	}
	if r = s.visit(t, "/page", "Host: www.example.fr", "Cookie: "+strings.Join(many, "; ")); len(r.header["Set-Cookie"]) > 40 {
		t.Errorf("%d lines in one response", len(r.header["Set-Cookie"]))
	}
}

// TestManyCookiesAreNoWayAround: more than browsers keep, and more than other
// parsers read.
func TestManyCookiesAreNoWayAround(t *testing.T) {
	s := load(t, "servers {\n max_header_size 1MB\n }", strings.Replace(frame, "<body>", gateway, 1))
	for name, header := range map[string]string{
		"200 cookies":  strings.Repeat("_ga_x=1; a=2; ", 100),
		"64 KB":        strings.Repeat("_fbp="+strings.Repeat("x", 1000)+"; b=2; ", 64),
		"4000 cookies": strings.Repeat("_ga=1; ", 4000) + "_fbp=2",
		"400 KB":       strings.Repeat("pad="+strings.Repeat("x", 4000)+"; ", 100) + "_fbp=2",
	} {
		r := s.get(t, "/page", "Cookie: "+strings.TrimSuffix(header, "; "))
		if r.status != http.StatusOK {
			t.Errorf("%s: status %d", name, r.status)
			continue
		}
		got := strings.Join(s.origin.last(t).Header["Cookie"], "; ")
		if strings.Contains(got, "_ga") || strings.Contains(got, "_fbp") {
			t.Errorf("%s: the origin got %.200q", name, got)
		}
	}
	s.get(t, "/page", "Cookie: "+strings.Repeat("_ga_x=1; a=2; ", 100))
	if got := strings.Join(s.origin.last(t).Header["Cookie"], ""); strings.Count(got, "a=2") != 100 {
		t.Error("allowed cookies were lost")
	}
}

// TestUnknownCookiesFollowTheOption and the owner's rules come first.
func TestUnknownCookiesFollowTheOption(t *testing.T) {
	for option, want := range map[string]string{
		"session": "mystery=1; Path=/", "block": "", "allow": "mystery=1; Path=/; Max-Age=600",
	} {
		t.Run(option, func(t *testing.T) {
			s := serve(t, "privacy {\n unknown_cookies "+option+"\n cookie mine_* necessary\n cookie spy statistics\n }\n reverse_proxy <origin>")
			r := s.get(t, ask("set", "mystery=1; Path=/; Max-Age=600", "set", "mine_a=1; Max-Age=99999999", "set", "spy=1"))
			if got := r.line("mystery"); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if got := maxAge(t, r.line("mine_a")); !wholeTerm(got) {
				t.Errorf("the owner's own lasts %d s", got)
			}
			r.lacks(t, "Set-Cookie", "spy")
		})
	}
}
