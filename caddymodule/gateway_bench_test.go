package caddymodule

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// sink is a response writer that costs nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header       { return s.header }
func (*sink) Write(p []byte) (int, error) { return len(p), nil }
func (*sink) WriteHeader(int)             {}

// article is a piece of a page as publishers write them.
const article = `<h2 id="part">A part</h2><img src="/images/boat.jpg" srcset="/images/boat-2x.jpg 2x" alt="A boat">
<p class="text">The boats come back before the town is awake, and <a href="/articles/fish">what they bring</a>
is sold by seven. <em>Nobody</em> speaks much: the price is known, the hands are cold &amp; the coffee is waiting.</p>
<iframe src="https://www.youtube.com/embed/aBcDeFgHiJk" width="560" height="315" title="A film"></iframe>
<script async src="https://platform.twitter.com/widgets.js"></script>
<p class="text">A gull walks along the wall as if it had been asked to count the boxes, and finds <strong>none</strong>
of them wanting. By eight the stones are washed and the square belongs to the school again.</p>
`

// BenchmarkServeHTTP measures what the gateway adds to one request, without
// network, TLS and proxying: a browser's headers, and twelve cookies of which two
// are the application's.
func BenchmarkServeHTTP(b *testing.B) {
	const cookies = "PHPSESSID=0a1b2c3d4e5f6071; JSESSIONID=99887766; _ga=GA1.1.1234567890.1700000000; _gid=GA1.1.99.1700000000; " +
		"_fbp=fb.1.1700000000000.123456789; _gcl_au=1.1.555.1700000000; _hjSessionUser_123=eyJpZCI6IjEifQ; _pk_id.1.abcd=0123456789abcdef.1700000000.; " +
		"theme=dark; lang=fr; compare_list=1.2.3; _clck=abc"
	lines := []string{
		"PHPSESSID=0a1b2c3d4e5f6071; path=/; HttpOnly", "theme=dark; Path=/; Max-Age=31536000",
		"_ga=GA1.1.1234567890.1700000000; Path=/; Max-Age=63072000", "_fbp=fb.1.1700000000000.1; Path=/; Max-Age=63072000",
		"visitor_id123=5; Path=/; Expires=Thu, 31 Dec 2037 23:55:55 GMT",
	}
	for _, bm := range []struct {
		name, dest string
		set        []string
	}{{"asset", "script", nil}, {"api", "empty", lines}, {"page", "document", lines}} {
		b.Run(bm.name, func(b *testing.B) {
			site := newSite(b, new(Gateway))
			body := []byte(strings.Repeat(article, 32<<10/len(article)))
			next := caddyhttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) error {
				w.Header()["Set-Cookie"] = append([]string(nil), bm.set...)
				w.Header()["Content-Type"] = []string{map[bool]string{true: "text/html; charset=utf-8", false: "application/json"}[bm.dest == "document"]}
				w.WriteHeader(http.StatusOK)
				w.Write(body)
				return nil
			})
			r, err := http.NewRequest(http.MethodGet, "https://www.courrier.example/assets/app.js", nil)
			if err != nil {
				b.Fatal(err)
			}
			r = caddyhttp.PrepareRequest(r, caddy.NewReplacer(), nil, nil)
			vars := context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{})
			w := &sink{make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				r := r.WithContext(vars)
				r.Header = http.Header{
					"Accept": {"*/*"}, "Accept-Language": {"fr-FR,fr;q=0.9,en;q=0.8"}, "Sec-Fetch-Dest": {bm.dest},
					"Sec-Fetch-Site": {"same-origin"}, "User-Agent": {"Mozilla/5.0"}, "Cookie": {cookies},
				}
				clear(w.header)
				if err := site.ServeHTTP(w, r, next); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
