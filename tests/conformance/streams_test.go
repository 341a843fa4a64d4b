package conformance

import (
	"crypto/sha256"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// document is what a browser says when it wants a page.
var document = []string{"Accept: text/html", "Sec-Fetch-Dest: document"}

// readTo reads a body until it has brought the text.
func readTo(t *testing.T, body io.Reader, text string) string {
	t.Helper()
	var got strings.Builder
	for buf := make([]byte, 4096); !strings.Contains(got.String(), text); {
		n, err := body.Read(buf)
		got.Write(buf[:n])
		if err != nil && !strings.Contains(got.String(), text) {
			t.Fatalf("%v before %q: %q", err, text, got.String())
		}
	}
	return got.String()
}

// TestSlowPageIsShownAsItComes: the origin sends its second half only when the
// browser has the first.
func TestSlowPageIsShownAsItComes(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		shown := make(chan struct{})
		s.origin.handle("/slow", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<!DOCTYPE html><html><head><title>Slow</title></head><body><p>first</p>")
			http.NewResponseController(w).Flush()
			select {
			case <-shown:
			case <-r.Context().Done():
			}
			io.WriteString(w, "<p>second</p></body></html>")
		})
		resp := s.open(t, "GET", "/slow", nil, document...)
		first := readTo(t, resp.Body, "<p>first</p>")
		close(shown)
		rest, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		r := &reply{header: resp.Header, body: first + string(rest), length: -1}
		r.whole(t, true)
		if strings.Contains(first, linkMark) || !strings.Contains(first, guardMark) {
			t.Errorf("first %q", first)
		}
	})
}

// TestFinishedPageHasALengthOfItsOwn: what the site sends whole goes out whole, unless
// it is too long to be kept.
func TestFinishedPageHasALengthOfItsOwn(t *testing.T) {
	s := serve(t, gateway)
	for name, size := range map[string]int{"short": 1 << 10, "usual": 60 << 10, "long": 200 << 10} {
		t.Run(name, func(t *testing.T) {
			s.origin.handle("/"+name, func(w http.ResponseWriter, _ *http.Request) {
				text := "<!DOCTYPE html><html><head><title>x</title></head><body>" + strings.Repeat("<p>text", size/7) + "</body></html>"
				w.Header().Set("Content-Type", "text/html")
				w.Header().Set("Content-Length", strconv.Itoa(len(text)))
				io.WriteString(w, text)
			})
			r := s.send(t, "GET", "/"+name, "", document...)
			r.whole(t, true)
			if want := int64(len(r.body)); r.length != want && size <= 64<<10 || size > 64<<10 && r.length != -1 {
				t.Errorf("%d bytes are announced for %d", r.length, want)
			}
		})
	}
}

// TestEventsArriveOneByOne (server-sent events), with nothing added.
func TestEventsArriveOneByOne(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		next := make(chan struct{})
		s.origin.handle("/events", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Add("Set-Cookie", "_fbp=1")
			for _, event := range []string{"data: one\n\n", "data: two\n\n"} {
				io.WriteString(w, event)
				http.NewResponseController(w).Flush()
				select {
				case <-next:
				case <-r.Context().Done():
					return
				}
			}
		})
		resp := s.open(t, "GET", "/events", nil, "Accept: text/event-stream")
		got := readTo(t, resp.Body, "one\n\n")
		next <- struct{}{}
		got += readTo(t, resp.Body, "two\n\n")
		next <- struct{}{}
		rest, err := io.ReadAll(resp.Body)
		if err != nil || got+string(rest) != "data: one\n\ndata: two\n\n" {
			t.Errorf("%q %q, %v", got, rest, err)
		}
		if resp.Header["Set-Cookie"] != nil {
			t.Errorf("%q", resp.Header["Set-Cookie"])
		}
	})
}

// TestTruncatedAnswerLooksTruncated: a page whose origin died in the middle is
// not ended tidily, or caches and browsers would take it for whole.
func TestTruncatedAnswerLooksTruncated(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		for name, kind := range map[string]string{"page": "text/html", "asset": "application/octet-stream"} {
			for length, value := range map[string]string{"sized": "4000", "chunked": ""} {
				t.Run(name+" "+length, func(t *testing.T) {
					s.origin.handle("/"+name+length, func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Content-Type", kind)
						if value != "" {
							w.Header().Set("Content-Length", value)
						}
						io.WriteString(w, "<!DOCTYPE html><html><head><title>x</title></head><body><p>half</p>")
						http.NewResponseController(w).Flush()
						panic(http.ErrAbortHandler)
					})
					r := s.send(t, "GET", "/"+name+length, "", document...)
					if r.err == nil {
						t.Errorf("it looks whole: %q", r.body)
					}
					if strings.Contains(r.body, linkMark) {
						t.Error("the page was ended")
					}
					if !strings.Contains(r.body, "half") {
						t.Errorf("what came of it is not shown: %q", r.body)
					}
				})
			}
		}
	})
}

// TestInterruptedVisitorIsNoticedByTheOrigin, so that it can stop its work.
func TestInterruptedVisitorIsNoticedByTheOrigin(t *testing.T) {
	s := serve(t, gateway)
	gone := make(chan struct{})
	s.origin.handle("/long", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, html)
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(gone)
	})
	resp := s.open(t, "GET", "/long", nil, document...)
	readTo(t, resp.Body, "News")
	resp.Body.Close()
	<-gone
}

// TestUploadStreamsToTheOrigin: its first part arrives before the last is sent,
// and all of it is the same.
func TestUploadStreamsToTheOrigin(t *testing.T) {
	s := serve(t, gateway)
	const size = 8 << 20
	begun := make(chan struct{})
	s.origin.handle("/upload", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		if _, err := io.CopyN(sum, r.Body, 16); err != nil {
			t.Error(err)
		}
		close(begun)
		n, err := io.Copy(sum, r.Body)
		if err != nil || n+16 != size {
			t.Errorf("%d bytes, %v", n+16, err)
		}
		w.Write(sum.Sum(nil))
	})
	reader, writer := io.Pipe()
	sum := sha256.New()
	go func() {
		part := []byte(strings.Repeat("0123456789abcdef", 1024))
		for sent := 0; sent < size; sent += len(part) {
			if sent == len(part) {
				<-begun
			}
			sum.Write(part)
			if _, err := writer.Write(part); err != nil {
				return
			}
		}
		writer.Close()
	}()
	resp := s.open(t, "POST", "/upload", reader, "Accept: */*", "Content-Type: application/octet-stream")
	got, err := io.ReadAll(resp.Body)
	if err != nil || string(got) != string(sum.Sum(nil)) {
		t.Errorf("%x, %v", got, err)
	}
}

// TestLargeDownloadIsWhole, as a page and as a file.
func TestLargeDownloadIsWhole(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		filler := strings.Repeat("<p class=a>Some text of an article.</p>\n", 50000)
		s.origin.handle("/big", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", r.URL.Query().Get("type"))
			io.WriteString(w, "<!DOCTYPE html><title>Big</title><body>"+filler)
		})
		r := s.visit(t, "/big?type=text/html")
		r.whole(t, true)
		if !strings.Contains(r.body, filler) {
			t.Error("the page is not whole")
		}
		if r = s.get(t, "/big?type=text/plain"); !strings.HasSuffix(r.body, filler) || len(r.body) != len(filler)+39 {
			t.Errorf("%d bytes", len(r.body))
		}
	})
}

// TestTrailersPassButForCookies, announced or not.
func TestTrailersPassButForCookies(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		for _, path := range []string{"/announced", "/surprising"} {
			s.origin.handle(path, func(w http.ResponseWriter, r *http.Request) {
				h, prefix := w.Header(), http.TrailerPrefix
				h.Set("Content-Type", r.URL.Query().Get("type"))
				if r.URL.Path == "/announced" {
					h.Set("Trailer", "X-Checksum, Set-Cookie")
					prefix = ""
				}
				io.WriteString(w, html)
				http.NewResponseController(w).Flush()
				h.Set(prefix+"X-Checksum", "abc")
				h.Set(prefix+"Set-Cookie", "_fbp=1; Max-Age=99")
			})
			for _, kind := range []string{"text/html", "text/plain"} {
				r := s.visit(t, path+"?type="+kind)
				if r.err != nil || r.trailer.Get("X-Checksum") != "abc" {
					t.Errorf("%s %s: %v, %v", path, kind, r.trailer, r.err)
				}
				if _, ok := r.trailer["Set-Cookie"]; ok {
					t.Errorf("%s %s: a cookie among the trailers", path, kind)
				}
			}
		}
	})
}
