package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// TestNoCopyOutlivesAGrant, of whatever kind, in neither direction: a page with
// what it held back is not confirmed to who granted it, nor the other way round.
func TestNoCopyOutlivesAGrant(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		for _, tag := range []string{`"v1"`, `W/"v1"`, `"v1-gzip"`, `""`, `"a,b"`} {
			path := "/copies/" + strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' || r == '1' {
					return r
				}
				return '-'
			}, tag)
			s.origin.handle(path, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Etag"] = []string{tag}
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				if asked := r.Header.Get("If-None-Match"); asked == "*" || asked != "" && strings.Contains(asked, strings.TrimPrefix(tag, "W/")) {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				w.Write([]byte(services))
			})
			standings := map[string]string{
				"no choice": "Cookie: a=b", "refused": s.decide(t, "choice=refuse"), "accepted": s.decide(t, "choice=accept"),
				"statistics": s.decide(t, "choice=save&purpose=statistics"), "film": s.decide(t, "choice=allow&service=youtube"),
				"map": s.decide(t, "choice=allow&host=unknown.test"),
			}
			for range 2 { // what the site uses is known from the second round on
				s.visit(t, path, at)
			}
			for was, before := range standings {
				first := s.visit(t, path, at, before)
				got := first.header.Get("Etag")
				if got == "" || got == tag {
					t.Errorf("%s, %s: the page has the tag %q", tag, was, got)
				}
				for is, after := range standings {
					want := http.StatusOK
					if was == is {
						want = http.StatusNotModified
					}
					for _, sent := range []string{got, "W/" + strings.TrimPrefix(got, "W/"), got + `, "other"`, `"other", ` + got} {
						if r := s.visit(t, path, at, after, "If-None-Match: "+sent); r.status != want {
							t.Errorf("%s, from %s to %s: status %d", sent, was, is, r.status)
						}
					}
				}
			}
			for is, after := range standings {
				for _, sent := range []string{tag, "*", tag + "-p00000000", `"v1-p00000000"`} {
					if r := s.visit(t, path, at, after, "If-None-Match: "+sent); r.status != http.StatusOK {
						t.Errorf("%s confirmed to %s", sent, is)
					}
				}
			}
		}
	})
}

// TestNoCopyOfAFragmentOutlivesAGrant, which htmx and its like ask for anew.
func TestNoCopyOfAFragmentOutlivesAGrant(t *testing.T) {
	s := serve(t, gateway)
	yes := s.decide(t, "choice=accept")
	for _, fields := range [][]string{{"Hx-Request: true"}, {"Accept: text/html"}, {"Accept: */*"}} {
		fields = append(fields, at, "Sec-Fetch-Dest: empty")
		send := func(more ...string) *reply { return s.send(t, "GET", ask("tag", "v1"), "", append(fields, more...)...) }
		before, after := send().header.Get("Etag"), send(yes).header.Get("Etag")
		if before == after || before == `"v1"` || before == "" {
			t.Errorf("%q: %s before a yes, %s after it", fields, before, after)
		}
		send(yes, "If-None-Match: "+before).is(t, http.StatusOK)
		send("If-None-Match: "+after).is(t, http.StatusOK)
	}
}

// TestCopiesAreNotConfirmedOnceTagsAct: who accepted everything gets the page anew
// when the site turns out to be tagged for another consent tool.
func TestCopiesAreNotConfirmedOnceTagsAct(t *testing.T) {
	s := serve(t, gateway)
	s.origin.handle("/tagged", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"v1"`)
		w.Header().Set("Content-Type", "text/html")
		if strings.Contains(r.Header.Get("If-None-Match"), `"v1"`) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write([]byte(`<!DOCTYPE html><script type="text/plain" data-category="analytics" src="/own.js"></script>`))
	})
	yes := s.decide(t, "choice=accept")
	copied := "If-None-Match: " + s.visit(t, "/tagged", at, yes).header.Get("Etag")
	second := s.visit(t, "/tagged", at, yes, copied)
	second.is(t, http.StatusOK)
	s.visit(t, "/tagged", at, yes, "If-None-Match: "+second.header.Get("Etag")).is(t, http.StatusNotModified)
}

// TestCopiesAreNotConfirmedOnceTheirScriptsMayLoadMore: a page says to its scripts
// from where they may load, which grows with what the site's pages name.
func TestCopiesAreNotConfirmedOnceTheirScriptsMayLoadMore(t *testing.T) {
	s := serve(t, gateway)
	s.origin.handle("/named", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"v1"`)
		w.Header().Set("Content-Type", "text/html")
		if strings.Contains(r.Header.Get("If-None-Match"), `"v1"`) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write([]byte("<!DOCTYPE html><img src=https://unknown.test/a.png>"))
	})
	marketing := s.decide(t, "choice=save&purpose=marketing")
	first := s.visit(t, "/named", at, marketing)
	first.loads(t, "unknown.test")
	second := s.visit(t, "/named", at, marketing, "If-None-Match: "+first.header.Get("Etag"))
	second.is(t, http.StatusOK)
	second.confines(t, "unknown.test")
	s.visit(t, "/named", at, marketing, "If-None-Match: "+second.header.Get("Etag")).is(t, http.StatusNotModified)
}
