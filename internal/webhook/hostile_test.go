package webhook

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// raw answers with bytes, and closes.
func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text) // a sender that has gone hears nothing
	}
}

// hanging answers with bytes, and waits until the sender has gone.
func hanging(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, conn)
	}
}

// endless sends a body that never ends, until nobody listens.
func endless(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(code)
		for err := error(nil); err == nil; {
			_, err = w.Write(make([]byte, 32<<10))
		}
	}
}

func TestEveryAnswerIsTakenForWhatItIs(t *testing.T) {
	c := newClock()
	elsewhere := newReceiver(t, c)
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   Trouble // empty: it has arrived
		next   time.Duration
	}{
		"200":                    {status(200), "", 0},
		"202":                    {status(202), "", 0},
		"204":                    {status(204), "", 0},
		"an HTML page":           {raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"), "", 0},
		"success without end":    {endless(200), "", 0},
		"failure without end":    {endless(500), Failing, 5 * time.Second},
		"compressed bomb":        {raw("HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b"), Failing, 5 * time.Second},
		"redirect elsewhere":     {status(301, "Location: "+elsewhere.URL), Redirected, 5 * time.Second},
		"redirect that keeps":    {status(308, "Location: "+elsewhere.URL), Redirected, 5 * time.Second},
		"redirect to nowhere":    {status(302), Redirected, 5 * time.Second},
		"not modified":           {status(304), Redirected, 5 * time.Second},
		"bad request":            {status(400), Rejected, 5 * time.Second},
		"unauthorised":           {status(401), Rejected, 5 * time.Second},
		"not found, asks":        {status(404, "Retry-After: 600"), Rejected, 5 * time.Second},
		"throttled":              {status(429), Throttled, 5 * time.Second},
		"throttled, asks":        {status(429, "Retry-After: 600"), Throttled, 600 * time.Second},
		"unavailable, asks":      {status(503, "Retry-After: Sun, 01 Mar 2026 13:00:00 GMT"), Failing, time.Hour},
		"unavailable, asks much": {status(503, "Retry-After: 99999999999"), Failing, maxAsked},
		"unavailable, in riddles": {status(503, "Retry-After: when it suits"), Failing,
			5 * time.Second},
		"switching protocols": {raw("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), Rejected, 5 * time.Second},
		"no status":           {raw("HTTP/1.1\r\n\r\n"), Unreadable, 5 * time.Second},
		"no HTTP":             {raw("SSH-2.0-OpenSSH_9.2\r\n"), Unreadable, 5 * time.Second},
		"header without end":  {raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: "+strings.Repeat("b", 1000)+"\r\n", 100)), Unreadable, 5 * time.Second},
		"says nothing":        {raw(""), Unreachable, 5 * time.Second},
		"hangs":               {func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }, Timeout, 5 * time.Second},
		"hangs in the header": {hanging("HTTP/1.1 200 OK\r\n"), Timeout, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, c)
			r.answers(test.answer)
			messages := openStore(t, t.TempDir(), c.now)
			o := options(messages, c)
			o.Timeout = 300 * time.Millisecond
			s, e := newSender(o), &endpoint{Endpoint: r.endpoint("mailer")}
			post(t, messages, c, "mailer", 1)
			drive(s, e)
			if len(r.attempts()) != 1 {
				t.Fatalf("%d attempts", len(r.attempts()))
			}
			left := pendingOf(t, messages)
			if test.want == "" {
				if len(left) != 0 {
					t.Fatalf("it is still there: %+v", left[0].Progress)
				}
				return
			}
			wantTrouble(t, left, test.want)
			if wait := left[0].Next.Sub(c.now()); wait < test.next*9/10 || wait > test.next*11/10 {
				t.Errorf("tried again in %v, want about %v", wait, test.next)
			}
		})
	}
	if n := len(elsewhere.attempts()); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func wantTrouble(t *testing.T, left []store.Pending, want Trouble) {
	t.Helper()
	if len(left) != 1 || Trouble(left[0].Trouble) != want || left[0].Attempts != 1 {
		t.Fatalf("left is %+v, want trouble %s", left, want)
	}
}

var errRefused = errors.New("data must not go there")

// failing is a transport that fails.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("dialling: %w", f.err)
}

func TestFailureToConnectIsNamed(t *testing.T) {
	c := newClock()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, test := range map[string]struct {
		url       string
		transport http.RoundTripper
		want      Trouble
	}{
		"nobody listens":          {nobody, nil, Unreachable},
		"no such name":            {nobody, failing{&net.DNSError{IsNotFound: true}}, Unreachable},
		"unknown authority":       {secure.URL, nil, Certificate},
		"names are not answered":  {nobody, failing{&net.DNSError{IsTimeout: true}}, Timeout},
		"no TLS there":            {"https" + strings.TrimPrefix(plain.URL, "http"), nil, Certificate},
		"the guard forbids it":    {nobody, failing{errRefused}, Forbidden},
		"an address that is none": {"http://[::1", nil, Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			messages := openStore(t, t.TempDir(), c.now)
			o := options(messages, c)
			o.Forbidden = func(err error) bool { return errors.Is(err, errRefused) }
			if test.transport != nil {
				o.Transport = test.transport
			}
			post(t, messages, c, "mailer", 1)
			drive(newSender(o), &endpoint{Endpoint: Endpoint{Name: "mailer", URL: test.url, Secrets: []Secret{secret(t, keyText)}}})
			wantTrouble(t, pendingOf(t, messages), test.want)
		})
	}
}
