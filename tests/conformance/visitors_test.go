package conformance

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestVisitorsAtTheSameTimeKeepApart: what one chose never shows in the answer
// to another. It is for the race detector too.
func TestVisitorsAtTheSameTimeKeepApart(t *testing.T) {
	s := serve(t, "encode\n\t"+gateway)
	t.Run("visitors", func(t *testing.T) {
		for i := range 24 {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				mine := "_ga_" + strconv.Itoa(i)
				form := [...]string{"choice=accept", "choice=refuse", "choice=save&purpose=marketing"}[i%3]
				for range 5 {
					chosen := s.choose(t, form+"&back=/visitor/"+strconv.Itoa(i))
					chosen.has(t, "Location", "/visitor/"+strconv.Itoa(i))
					r := s.visit(t, ask("set", mine+"=1; Path=/"), "Cookie: "+chosen.cookie(record), "Accept-Encoding: gzip").unzip(t)
					r.whole(t, false)
					want := ""
					if i%3 == 0 {
						want = mine + "=1; Path=/"
					}
					if got := strings.Join(r.header["Set-Cookie"], "|"); got != want {
						t.Errorf("%q, want %q", got, want)
					}
					s.visit(t, "/page").whole(t, true)
				}
			})
		}
	})
}

// TestLogsHoldNothingOfAVisitor: neither what Caddy logs of requests nor what the
// gateway says itself.
func TestLogsHoldNothingOfAVisitor(t *testing.T) {
	s := load(t, "", strings.Replace(strings.Replace(frame, "output discard", "output file <folder>/access", 1), "<body>", gateway, 1))
	chosen := s.choose(t, "choice=accept")
	s.visit(t, ask("set", "mystery=secret-value; Max-Age=99", "set", "_fbp=secret-value"), "Cookie: "+chosen.cookie(record)+"; _ga=secret-value; odd=secret-value")
	s.choose(t, "choice=perhaps&back=/secret-place", "Cookie: "+record+"=secret-value")
	token := strings.TrimPrefix(chosen.cookie(record), record+"=")
	for _, name := range []string{"log", "access"} {
		data, err := os.ReadFile(filepath.Join(s.folder, name))
		if err != nil || len(data) == 0 {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		for field := range strings.SplitSeq(string(data), ",") {
			// The address is what was asked for, and Caddy's to log.
			if !strings.Contains(field, `"uri"`) && (strings.Contains(field, "secret") || strings.Contains(field, token)) {
				t.Errorf("%s: %s", name, field)
			}
		}
	}
}

// TestNoticeIsOfferedUntilItIsAnswered and no longer.
func TestNoticeIsOfferedUntilItIsAnswered(t *testing.T) {
	s := serve(t, gateway)
	for range 3 {
		r := s.visit(t, ask("set", "PHPSESSID=1"))
		r.whole(t, true)
		for _, name := range []string{record, "privacy"} {
			if r.line(name) != "" {
				t.Errorf("a record before any choice: %q", r.line(name))
			}
		}
	}
	r := s.choose(t, "choice=save&purpose=functional")
	r.is(t, http.StatusSeeOther)
	s.visit(t, "/page", "Cookie: "+r.cookie(record)).whole(t, false)
}
