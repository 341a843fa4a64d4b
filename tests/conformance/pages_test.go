package conformance

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// TestEveryPageHasGuardNoticeAndWayBack goes through the kinds of answers that
// browsers show as a page of this site.
func TestEveryPageHasGuardNoticeAndWayBack(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		for name, path := range map[string]string{
			"page":                   "/page",
			"not found":              ask("status", "404"),
			"server error":           ask("status", "503"),
			"forbidden":              ask("status", "403"),
			"created":                ask("status", "201"),
			"odd type":               ask("head", "X-Nothing: x", "type", "Text/HTML;Charset=UTF-8"),
			"told to be inline":      ask("head", "Content-Disposition: inline"),
			"encoding said identity": ask("head", "Content-Encoding: identity"),
			"with cookies":           ask("set", "PHPSESSID=1", "set", "_fbp=2"),
		} {
			t.Run(name, func(t *testing.T) {
				r := s.visit(t, path, "Accept-Encoding: gzip").unzip(t)
				if !strings.Contains(path, "type=") {
					r.whole(t, true)
				} else if !strings.Contains(r.body, guardMark) {
					t.Errorf("no guard: %q", r.body)
				}
			})
		}
	})
}

// TestPageOfAFormIsWhole: the answer to a form may be a page as well.
func TestPageOfAFormIsWhole(t *testing.T) {
	s := serve(t, gateway)
	s.send(t, "POST", "/page", "a=b", "Accept: text/html", "Sec-Fetch-Dest: document").whole(t, true)
	s.visit(t, "/page", "Sec-Fetch-Dest: document", "Accept: */*").whole(t, true)
	s.send(t, "GET", "/page", "", "Accept: text/html,application/xhtml+xml;q=0.9").whole(t, true)
}

// TestFramesGetTheGuardAlone: a second notice on the same screen helps nobody.
func TestFramesGetTheGuardAlone(t *testing.T) {
	s := serve(t, gateway)
	for _, field := range []string{"Sec-Fetch-Dest: iframe", "Sec-Fetch-Dest: frame", "Hx-Request: true", "X-Requested-With: XMLHttpRequest"} {
		r := s.visit(t, "/page", field)
		if !strings.Contains(r.body, guardMark) || strings.Contains(r.body, noticeMark) || strings.Contains(r.body, linkMark) {
			t.Errorf("%s: %s", field, r.body)
		}
	}
}

// TestWhatIsNoPageStaysByteForByte goes through answers into which nothing may
// be written. Their cookies are governed all the same.
func TestWhatIsNoPageStaysByteForByte(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		for name, query := range map[string][]string{
			"script":            {"type", "text/javascript"},
			"json":              {"type", "application/json"},
			"plain text":        {"type", "text/plain; charset=utf-8"},
			"xhtml":             {"type", "application/xhtml+xml"},
			"similar type":      {"type", "text/html-sandboxed"},
			"utf-16":            {"type", "text/html; charset=utf-16le"},
			"attachment":        {"head", "Content-Disposition: attachment; filename=a.html"},
			"attachment, blank": {"head", "Content-Disposition: attachment; filename=my report.html"},
			"attachment, bytes": {"head", "Content-Disposition: Attachment;filename=héllo.html"},
			"download":          {"type", "application/octet-stream"},
		} {
			t.Run(name, func(t *testing.T) {
				r := s.visit(t, ask(append(query, "set", "_fbp=1; Max-Age=99")...))
				r.is(t, http.StatusOK)
				r.untouched(t)
				r.lacks(t, "Set-Cookie", "_fbp")
				if r.length != int64(len(r.body)) {
					t.Errorf("Content-Length %d for %d bytes", r.length, len(r.body))
				}
			})
		}
		s.get(t, "/page").untouched(t)
		s.visit(t, "/page", "Sec-Fetch-Dest: script").untouched(t)
		s.send(t, "PUT", "/page", "x", "Accept: text/html").untouched(t)
	})
}

// TestPageInUTF16IsNotDamaged although nobody says that it is in UTF-16.
func TestPageInUTF16IsNotDamaged(t *testing.T) {
	s := serve(t, gateway)
	var page strings.Builder
	for _, unit := range append([]uint16{0xFEFF}, utf16.Encode([]rune(html))...) {
		page.WriteByte(byte(unit))
		page.WriteByte(byte(unit >> 8))
	}
	s.origin.handle("/wide", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(page.String()))
	})
	if r := s.visit(t, "/wide"); r.body != page.String() {
		t.Errorf("%q", r.body)
	}
}

// TestPageWithoutContentTypeIsSeenAsBrowsersSeeIt: they look at its first bytes.
func TestPageWithoutContentTypeIsSeenAsBrowsersSeeIt(t *testing.T) {
	for name, header := range map[string]string{
		"length known":   "Content-Length: " + strconv.Itoa(len(html)) + "\r\n",
		"length unknown": "Connection: close\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			raw := rawOrigin(t, "HTTP/1.1 200 OK\r\n"+header+"\r\n"+html)
			s := load(t, "", strings.Replace(frame, "<body>", "privacy\n\treverse_proxy "+raw, 1))
			r := s.visit(t, "/page")
			r.whole(t, true)
			r.has(t, "Content-Type", "text/html")
		})
	}
	t.Run("header first", func(t *testing.T) {
		r := serve(t, "privacy\n\tflusher").visit(t, "/")
		r.whole(t, true)
		r.has(t, "Content-Type", "text/html")
	})
	t.Run("no page", func(t *testing.T) {
		raw := rawOrigin(t, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\x89PNG\r\n\x1a\n<html>")
		s := load(t, "", strings.Replace(frame, "<body>", "privacy\n\treverse_proxy "+raw, 1))
		s.visit(t, "/page").untouched(t)
	})
	t.Run("empty", func(t *testing.T) {
		raw := rawOrigin(t, "HTTP/1.1 200 OK\r\nConnection: close\r\nSet-Cookie: _fbp=1\r\n\r\n")
		s := load(t, "", strings.Replace(frame, "<body>", "privacy\n\treverse_proxy "+raw, 1))
		r := s.visit(t, "/page")
		r.is(t, http.StatusOK)
		r.lacks(t, "Set-Cookie", "_fbp")
	})
}

// TestCompressedPagePassesButItsCookiesDoNot: a site that compresses although it
// was asked not to is not broken.
func TestCompressedPagePassesButItsCookiesDoNot(t *testing.T) {
	s := serve(t, gateway)
	s.origin.handle("/zip", func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("the origin was asked for %q", got)
		}
		h := w.Header()
		h.Set("Content-Type", "text/html")
		h.Set("Content-Encoding", "gzip")
		h.Add("Set-Cookie", "_fbp=1")
		w.Write([]byte("\x1f\x8b not really"))
	})
	r := s.visit(t, "/zip", "Accept-Encoding: gzip, br")
	if r.body != "\x1f\x8b not really" {
		t.Errorf("%q", r.body)
	}
	r.has(t, "Content-Encoding", "gzip")
	r.lacks(t, "Set-Cookie", "_fbp")
}

// TestHeadSaysWhatGetSays, but for the length of a page that was not made.
func TestHeadSaysWhatGetSays(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		path := ask("tag", "v1", "set", "PHPSESSID=1", "set", "_fbp=1")
		document := []string{"Accept: text/html", "Sec-Fetch-Dest: document"}
		get, head := s.visit(t, path), s.send(t, "HEAD", path, "", document...)
		if head.body != "" || head.length != -1 {
			t.Errorf("a body of %d bytes, Content-Length %d", len(head.body), head.length)
		}
		for _, name := range []string{"Etag", "Cache-Control", "Set-Cookie", "Content-Type"} {
			if a, b := strings.Join(get.header[name], "|"), strings.Join(head.header[name], "|"); a != b {
				t.Errorf("%s: GET %q, HEAD %q", name, a, b)
			}
		}
		head.has(t, "Vary", "Cookie")
		if asset := s.send(t, "HEAD", ask("type", "text/css"), "", "Accept: */*"); asset.length != 17 {
			t.Errorf("Content-Length %d of an asset", asset.length)
		}
	})
}

// TestOwnPolicyOfASiteLetsTheNoticeWork: the site's Content-Security-Policy gets
// what the insertion needs and stays as strict for all else.
func TestOwnPolicyOfASiteLetsTheNoticeWork(t *testing.T) {
	s := serve(t, gateway)
	r := s.visit(t, ask("head", "Content-Security-Policy: default-src 'self'; script-src 'self'; form-action 'none'"))
	r.has(t, "Content-Security-Policy", "'sha256-")
	r.has(t, "Content-Security-Policy", "form-action http://127.0.0.1:"+s.port+"/.privacy/choice")
	policies := r.header["Content-Security-Policy"]
	if len(policies) != 2 || strings.Contains(policies[0], "unsafe-inline") {
		t.Errorf("the site's own policy, and that of the gateway beside it: %q", policies)
	}
	r = s.visit(t, ask("head", "Content-Security-Policy: default-src 'self'", "type", "text/plain"))
	if got := r.header.Get("Content-Security-Policy"); got != "default-src 'self'" {
		t.Errorf("no page, but %q", got)
	}
}

// TestExceptedPagesAreLeftAlone while their cookies are governed.
func TestExceptedPagesAreLeftAlone(t *testing.T) {
	s := serve(t, "privacy {\n pages {\n except /admin/*\n }\n }\n reverse_proxy <origin>")
	r := s.visit(t, "/admin/page?tag=v1&set=_fbp%3D1")
	r.untouched(t)
	if r.body != html || r.header.Get("Etag") != `"v1"` {
		t.Errorf("%q, %q", r.header.Get("Etag"), r.body)
	}
	r.lacks(t, "Set-Cookie", "_fbp")
	s.visit(t, "/admin/page?tag=v1", `If-None-Match: "v1"`).is(t, http.StatusNotModified)
}
