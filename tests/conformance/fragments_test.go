package conformance

import (
	"io"
	"net/http"
	"net/url"
	"testing"
)

// fragment is what a script asks for to put it into a page.
const fragment = `<div class=comments><script src=https://connect.facebook.net/en_US/fbevents.js></script><img src=https://other.test/a.png alt=A>
<iframe src=https://www.youtube.com/embed/x></iframe><img src=/own.png></div>`

// TestFragmentsAreHeldLikePages, but bring neither guard nor notice.
func TestFragmentsAreHeldLikePages(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		s.publish("/part", fragment)
		s.publish("/whole", services)
		yes := s.decide(t, "choice=accept")
		film := s.decide(t, "choice=allow&service=youtube")
		for name, fields := range map[string][]string{
			"htmx":         {"Accept: */*", "Hx-Request: true", "Sec-Fetch-Dest: empty"},
			"turbo":        {"Accept: text/html, application/xhtml+xml", "Turbo-Frame: comments", "Sec-Fetch-Dest: empty"},
			"pjax":         {"Accept: text/html, */*; q=0.01", "X-Pjax: true", "X-Requested-With: XMLHttpRequest", "Sec-Fetch-Dest: empty"},
			"fetch, html":  {"Accept: text/html", "Sec-Fetch-Dest: empty"},
			"fetch":        {"Accept: */*", "Sec-Fetch-Dest: empty"},
			"fetch, gzip":  {"Accept: */*", "Sec-Fetch-Dest: empty", "Accept-Encoding: gzip, br"},
			"htmx, old":    {"Accept: */*", "Hx-Request: true"},
			"by form":      {"Accept: */*", "Hx-Request: true", "Sec-Fetch-Dest: empty", "Content-Type: application/x-www-form-urlencoded"},
			"fetch, quiet": {"Sec-Fetch-Dest: empty"},
		} {
			t.Run(name, func(t *testing.T) {
				method := "GET"
				if name == "by form" {
					method = "POST"
				}
				send := func(path string, more ...string) *reply {
					return s.send(t, method, path, "", append(append([]string{at}, fields...), more...)...).unzip(t)
				}
				for _, path := range []string{"/part", "/whole"} {
					r := send(path)
					r.loads(t)
					r.untouched(t)
					r.has(t, "Vary", "Cookie")
					r.has(t, "Cache-Control", "private")
					r.lacks(t, "Etag", `"v1"`)
				}
				send("/part", film).loads(t, "www.youtube.com")
				send("/part", yes).equals(t, fragment)
				send("/whole", yes).equals(t, services)
			})
		}
	})
}

// TestDataIsNeverTouched, whatever it holds and whoever asks.
func TestDataIsNeverTouched(t *testing.T) {
	s := serve(t, gateway)
	const data = `{"html":"<img src=https://other.test/a.png><script src='https://connect.facebook.net/x.js'></script>"}`
	s.origin.handle("/data", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		w.Header().Set("Etag", `"v1"`)
		io.WriteString(w, data)
	})
	for _, kind := range []string{"application/json", "application/json; charset=utf-8", "application/ld+json", "text/javascript", "text/plain", "application/octet-stream", "text/event-stream"} {
		for _, fields := range [][]string{{"Accept: */*", "Sec-Fetch-Dest: empty"}, {"Accept: application/json"}, {"Accept: text/html", "Hx-Request: true", "Sec-Fetch-Dest: empty"}, {"Accept: text/html", "Sec-Fetch-Dest: empty"}} {
			r := s.send(t, "GET", "/data?type="+url.QueryEscape(kind), "", append(fields, at)...)
			r.equals(t, data)
			if r.policy(t) != nil || r.header.Get("Etag") != `"v1"` || r.length != int64(len(data)) && kind != "text/event-stream" {
				t.Errorf("%s, %q: %v", kind, fields, r.header)
			}
		}
	}
}

// TestFragmentOfACompressingSiteIsHeldToo: what cannot be read cannot be held, so
// the site is asked for what can.
func TestFragmentOfACompressingSiteIsHeldToo(t *testing.T) {
	s := serve(t, gateway)
	s.publish("/part", fragment)
	for _, fields := range [][]string{{"Accept: */*", "Hx-Request: true"}, {"Accept: */*", "Turbo-Frame: a"}, {"Accept: text/html"}} {
		s.send(t, "GET", "/part", "", append(fields, at, "Sec-Fetch-Dest: empty", "Accept-Encoding: gzip, deflate, br, zstd")...)
		if got := s.origin.last(t).Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("%q: the site may answer in %q", fields, got)
		}
	}
}

// TestPagesLeftAloneHoldNothingBack, and have no policy.
func TestPagesLeftAloneHoldNothingBack(t *testing.T) {
	for name, directives := range map[string]string{
		"excepted": "privacy {\n pages {\n except /admin/*\n }\n }\n reverse_proxy <origin>", "observed": "privacy {\n mode observe\n }\n reverse_proxy <origin>",
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, directives)
			s.publish("/admin/news", everything)
			for _, fields := range [][]string{
				{"Sec-Fetch-Dest: document", "Accept: text/html"}, {"Sec-Fetch-Dest: empty", "Hx-Request: true"}, {"Sec-Fetch-Dest: iframe"}, {"Sec-Fetch-Dest: worker"},
			} {
				r := s.send(t, "GET", "/admin/news", "", append(fields, at)...)
				r.equals(t, everything)
				if r.policy(t) != nil {
					t.Errorf("%q: %q", fields, r.policy(t))
				}
			}
			if name == "observed" {
				return
			}
			s.publish("/news", everything)
			s.visit(t, "/news", at).loads(t, own...)
		})
	}
}
