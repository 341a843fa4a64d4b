package conformance

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestObservingGatewayChangesNothing: its answers and what the origin gets are
// those of a Caddy without it, byte for byte.
func TestObservingGatewayChangesNothing(t *testing.T) {
	type scene struct {
		method, path string
		fields       []string
	}
	cookies := "Cookie: _ga=GA1.1.1.2; _fbp=3; PHPSESSID=x; privacy-record=old; privacy=x"
	var scenes []scene
	for _, path := range []string{
		"/page", ask("tag", "v1"), ask("status", "404"), ask("status", "304"), ask("status", "204"), ask("type", "text/css"),
		ask("head", "Cache-Control: public, s-maxage=9", "head", "Content-Security-Policy: default-src 'self'", "head", "Last-Modified: x"),
		ask("status", "302", "head", "Location: /x", "set", "_fbp=1; Max-Age=99999999", "set", "bad\x01=1", "set", "_ga"),
		"/.privacy/", "/.privacy/choice", "/.well-known/gpc.json",
	} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			scenes = append(scenes,
				scene{method, path, append(document, cookies, "Accept-Encoding: gzip", `If-None-Match: "v1"`, "Range: bytes=0-9", "Sec-GPC: 1")},
				scene{method, path, []string{"Accept: */*"}})
		}
	}
	run := func(t *testing.T, directives string) (answers []*reply, requests []string) {
		s := serve(t, directives)
		for _, sc := range scenes {
			r := s.send(t, sc.method, sc.path, "", sc.fields...)
			r.header.Del("Date")
			answers = append(answers, r)
			h := s.origin.last(t).Header
			h.Del("X-Forwarded-Host") // the port differs
			requests = append(requests, strings.Join(slices.Sorted(maps.Keys(h)), " ")+strings.Join(h["Cookie"], ";"))
		}
		return answers, requests
	}
	for _, around := range []string{"", "encode\n\t"} {
		t.Run("around "+strings.TrimSpace(around), func(t *testing.T) {
			var want, got []*reply
			var sent, observed []string
			t.Run("plain Caddy", func(t *testing.T) { want, sent = run(t, around+"reverse_proxy <origin>") })
			t.Run("observing", func(t *testing.T) {
				got, observed = run(t, around+"privacy {\n mode observe\n }\n reverse_proxy <origin>")
			})
			for i, sc := range scenes {
				a, b := want[i], got[i]
				if a.status != b.status || a.body != b.body || a.length != b.length || !maps.EqualFunc(a.header, b.header, slices.Equal[[]string]) {
					t.Errorf("%s %s:\n%d %v\n%d %v", sc.method, sc.path, a.status, a.header, b.status, b.header)
				}
				if sent[i] != observed[i] {
					t.Errorf("%s %s: the origin got\n%s\n%s", sc.method, sc.path, sent[i], observed[i])
				}
			}
		})
	}
}
