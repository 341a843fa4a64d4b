package conformance

import (
	"net/http"
	"strings"
	"testing"
)

// TestUnchangedPageIsNotSentAgain: a browser's copy is good as long as the page
// and the visitor's choice are what they were.
func TestUnchangedPageIsNotSentAgain(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		path := ask("tag", "v1")
		for _, encoding := range []string{"identity", "gzip"} {
			accept := "Accept-Encoding: " + encoding
			first := s.visit(t, path, accept)
			first.is(t, http.StatusOK)
			tag := first.header.Get("Etag")
			if tag == `"v1"` || !strings.HasPrefix(tag, `"v1-`) {
				t.Fatalf("the changed page has the tag %q", tag)
			}
			again := s.visit(t, path, accept, "If-None-Match: "+tag)
			again.is(t, http.StatusNotModified)
			for _, name := range []string{"Etag", "Cache-Control"} {
				// encode marks the tags of pages, not those of a 304.
				if a, b := strings.Replace(first.header.Get(name), "-gzip", "", 1), again.header.Get(name); a != b {
					t.Errorf("%s: %q on the page, %q on the 304", name, a, b)
				}
			}
			again.has(t, "Vary", "Cookie")
			s.visit(t, ask("tag", "v2"), accept, "If-None-Match: "+tag).is(t, http.StatusOK)
		}
	})
}

// TestNoCopyOutlivesAChange of the choice, of the signal, of the language or of
// what the page is wanted for; nor does one from before the gateway was there.
func TestNoCopyOutlivesAChange(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		path := ask("tag", "v1")
		tag := "If-None-Match: " + s.visit(t, path).header.Get("Etag")
		accepted := "Cookie: " + s.choose(t, "choice=accept").cookie("privacy-record")
		refused := "Cookie: " + s.choose(t, "choice=refuse").cookie("privacy-record")
		for name, field := range map[string]string{
			"accepted": accepted, "refused": refused, "signal": "Sec-GPC: 1", "language": "Accept-Language: fr",
			"frame": "Sec-Fetch-Dest: iframe", "fragment": "Hx-Request: true",
		} {
			if r := s.visit(t, path, tag, field); r.status != http.StatusOK {
				t.Errorf("%s: status %d", name, r.status)
			}
		}
		was := "If-None-Match: " + s.visit(t, path, accepted).header.Get("Etag")
		s.visit(t, path, accepted, was).is(t, http.StatusNotModified)
		s.visit(t, path, refused, was).is(t, http.StatusOK)
		s.visit(t, path, was).is(t, http.StatusOK)

		s.visit(t, path, `If-None-Match: "v1"`).is(t, http.StatusOK)
		s.visit(t, path, `If-None-Match: W/"v0", "v1"`).is(t, http.StatusOK)
		s.visit(t, path, "If-None-Match: v1"+strings.TrimPrefix(tag, `If-None-Match: "v1`)).is(t, http.StatusOK)
	})
}

// TestSharedCachesKeepNeitherCookiesNorPages of one visitor for another.
func TestSharedCachesKeepNeitherCookiesNorPages(t *testing.T) {
	s := serve(t, gateway)
	lasting := []string{
		"head", "Cache-Control: public, max-age=3600, s-maxage=9000, stale-while-revalidate=60", "head", "Cdn-Cache-Control: max-age=9000",
		"head", "Surrogate-Control: max-age=9000", "head", "Cloudflare-Cdn-Cache-Control: max-age=9000",
	}
	for name, r := range map[string]*reply{
		"page":          s.visit(t, ask(lasting...)),
		"cookie":        s.get(t, ask(append(lasting, "type", "text/css", "set", "PHPSESSID=1")...)),
		"both":          s.visit(t, ask(append(lasting, "set", "PHPSESSID=1")...)),
		"deletion":      s.visit(t, ask(append(lasting, "type", "text/css")...), "Cookie: _fbp=1"),
		"without a say": s.get(t, ask("type", "text/css", "set", "PHPSESSID=1")),
	} {
		t.Run(name, func(t *testing.T) {
			r.has(t, "Cache-Control", "private")
			r.lacks(t, "Cache-Control", "public")
			r.lacks(t, "Cache-Control", "s-maxage")
			for _, other := range []string{"Cdn-Cache-Control", "Surrogate-Control", "Cloudflare-Cdn-Cache-Control"} {
				r.lacks(t, other, "max-age")
			}
		})
	}
	s.visit(t, ask(lasting...)).lacks(t, "Cache-Control", "max-age")
	s.visit(t, ask(lasting...)).has(t, "Cache-Control", "no-cache")
	s.visit(t, ask("head", "Cache-Control: no-store")).has(t, "Cache-Control", "no-store")
	if got := s.get(t, ask("type", "text/css", "head", "Cache-Control: public, max-age=60")).header.Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("an asset without cookies became %q", got)
	}
}

// TestFetchedPageIsNotShownAsThePage: what a script or a prefetch has got, which
// has neither guard nor notice, is asked for anew when the visitor goes there.
func TestFetchedPageIsNotShownAsThePage(t *testing.T) {
	s := serve(t, gateway)
	r := s.get(t, ask("tag", "v1", "head", "Cache-Control: max-age=3600"), "Sec-Fetch-Dest: empty")
	r.untouched(t)
	r.has(t, "Cache-Control", "no-cache")
	r.has(t, "Vary", "Sec-Fetch-Dest")
	s.visit(t, ask("tag", "v1"), "If-None-Match: "+r.header.Get("Etag")).is(t, http.StatusOK)
	s.visit(t, "/page").has(t, "Vary", "Sec-Fetch-Dest")

	again := s.get(t, ask("tag", "v1", "head", "Cache-Control: max-age=3600", "head", "Vary: Accept"), "Sec-Fetch-Dest: empty", `If-None-Match: "v1"`)
	again.is(t, http.StatusNotModified)
	again.has(t, "Vary", "Sec-Fetch-Dest") // a 304 renews the fields of what is kept
}

// TestNotModifiedNeverMakesAPageLast: a 304 renews the fields of the page that
// the browser keeps, even if the site leaves the validator out.
func TestNotModifiedNeverMakesAPageLast(t *testing.T) {
	s := serve(t, gateway)
	tag := s.visit(t, ask("tag", "v1")).header.Get("Etag")
	r := s.visit(t, ask("status", "304", "head", "Cache-Control: public, max-age=3600"), "If-None-Match: "+tag)
	r.is(t, http.StatusNotModified)
	r.lacks(t, "Cache-Control", "max-age")
	r.has(t, "Cache-Control", "private")
}

// TestValidatorsOfTheUnchangedPageAreGone: they say nothing of the changed one.
func TestValidatorsOfTheUnchangedPageAreGone(t *testing.T) {
	s := serve(t, gateway)
	fields := []string{"Last-Modified", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest", "Accept-Ranges"}
	var query []string
	for _, name := range fields {
		query = append(query, "head", name+": x")
	}
	page, asset := s.visit(t, ask(query...)), s.visit(t, ask(append(query, "type", "text/css")...))
	for _, name := range fields {
		if _, ok := page.header[name]; ok {
			t.Errorf("the page has %s", name)
		}
		if _, ok := asset.header[name]; !ok {
			t.Errorf("the asset has lost %s", name)
		}
	}
}

// TestFilesKeepRangesLengthsAndDates under file_server, and its pages are whole.
func TestFilesKeepRangesLengthsAndDates(t *testing.T) {
	eachWay(t, "privacy\n\troot * <folder>/site\n\tfile_server", func(t *testing.T, s *site) {
		text := strings.Repeat("0123456789", 100)
		s.write(t, "site/index.html", html)
		s.write(t, "site/data.bin", text)

		r := s.visit(t, "/")
		r.whole(t, true)
		s.visit(t, "/", "If-None-Match: "+r.header.Get("Etag")).is(t, http.StatusNotModified)
		s.visit(t, "/", "Range: bytes=0-9").whole(t, true)
		s.visit(t, "/", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT").whole(t, true)

		r = s.get(t, "/data.bin")
		if r.length != 1000 || r.body != text || r.header.Get("Last-Modified") == "" {
			t.Errorf("Content-Length %d, Last-Modified %q", r.length, r.header.Get("Last-Modified"))
		}
		r.has(t, "Accept-Ranges", "bytes")
		tag := r.header.Get("Etag")
		r = s.get(t, "/data.bin", "Range: bytes=10-14", "If-Range: "+tag)
		r.is(t, http.StatusPartialContent)
		r.has(t, "Content-Range", "bytes 10-14/1000")
		if r.body != "01234" || r.length != 5 {
			t.Errorf("%q, Content-Length %d", r.body, r.length)
		}
		s.get(t, "/data.bin", "If-None-Match: "+tag).is(t, http.StatusNotModified)
		s.get(t, "/data.bin", "Range: bytes=5000-").is(t, http.StatusRequestedRangeNotSatisfiable)
		s.get(t, "/missing").is(t, http.StatusNotFound)
	})
}

// TestPartOfAPageIsNeverServedAsAPage: the origin is not asked for one, and if
// it sends one all the same nothing is written into it.
func TestPartOfAPageIsNeverServedAsAPage(t *testing.T) {
	s := serve(t, gateway)
	s.visit(t, "/page", "Range: bytes=0-9", `If-Range: "v1"`)
	for _, name := range []string{"Range", "If-Range"} {
		if got := s.origin.last(t).Header.Get(name); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	r := s.visit(t, ask("status", "206", "head", "Content-Range: bytes 0-9/99", "set", "_fbp=1"))
	r.untouched(t)
	r.lacks(t, "Set-Cookie", "_fbp")
	s.get(t, "/page", "Range: bytes=0-9")
	if got := s.origin.last(t).Header.Get("Range"); got != "bytes=0-9" {
		t.Errorf("a download was asked for as %q", got)
	}
}
