package conformance

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestWebSocketPassesAndItsHandshakeIsGoverned: what follows the handshake is
// none of the gateway's business. Caddy races with itself when it is stopped while
// a WebSocket is open, so the end of the request is waited for.
func TestWebSocketPassesAndItsHandshakeIsGoverned(t *testing.T) {
	eachWay(t, "crier\n\t"+gateway, func(t *testing.T, s *site) {
		s.origin.handle("/socket", func(w http.ResponseWriter, r *http.Request) {
			conn, stream, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Set-Cookie: _fbp=1; Max-Age=99\r\nSet-Cookie: PHPSESSID=1\r\nSet-Cookie: mystery=1; Max-Age=99\r\n\r\n")
			if _, err := io.Copy(conn, stream); err != nil && !errors.Is(err, io.EOF) {
				t.Log(err)
			}
		})
		defer func() { <-over }()
		conn, answer := s.dial(t, "GET /socket HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\n"+
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\nCookie: _fbp=1; a=2\n\n")
		defer conn.Close()
		resp, err := http.ReadResponse(answer, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := &reply{status: resp.StatusCode, header: resp.Header}
		r.is(t, http.StatusSwitchingProtocols)
		r.lacks(t, "Set-Cookie", "_fbp")
		if r.line("PHPSESSID") != "PHPSESSID=1" || r.line("mystery") != "mystery=1" {
			t.Errorf("%q", r.header["Set-Cookie"])
		}
		if got := strings.Join(s.origin.last(t).Header["Cookie"], ""); got != "a=2" {
			t.Errorf("the origin got %q", got)
		}
		for _, frame := range []string{"\x81\x85abcdefghi", "<html><head></head></html>"} {
			if _, err := io.WriteString(conn, frame); err != nil {
				t.Fatal(err)
			}
			echo := make([]byte, len(frame))
			if _, err := io.ReadFull(answer, echo); err != nil || string(echo) != frame {
				t.Fatalf("%q, %v", echo, err)
			}
		}
	})
}

// TestEarlyHintsPassWithoutCookies, and the answer after them is whole.
func TestEarlyHintsPassWithoutCookies(t *testing.T) {
	eachWay(t, gateway, func(t *testing.T, s *site) {
		s.origin.handle("/hinted", func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Link", "</style.css>; rel=preload; as=style")
			h.Set("Set-Cookie", "_fbp=1; Max-Age=99")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusEarlyHints)
			h.Set("Set-Cookie", "PHPSESSID=1")
			h.Set("Content-Type", "text/html")
			io.WriteString(w, html)
		})
		_, answer := s.dial(t, "GET /hinted HTTP/1.1\nHost: x\nAccept: text/html\nConnection: close\n\n")
		var statuses []int
		for {
			resp, err := http.ReadResponse(answer, nil)
			if err != nil {
				t.Fatal(err)
			}
			statuses = append(statuses, resp.StatusCode)
			r := &reply{status: resp.StatusCode, header: resp.Header, length: -1}
			r.lacks(t, "Set-Cookie", "_fbp")
			r.has(t, "Link", "/style.css")
			if resp.StatusCode == http.StatusEarlyHints {
				r.lacks(t, "Set-Cookie", "=")
				continue
			}
			data, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			r.body = string(data)
			r.whole(t, true)
			r.has(t, "Set-Cookie", "PHPSESSID=1")
			break
		}
		if len(statuses) != 3 || statuses[0] != 103 || statuses[2] != 200 {
			t.Errorf("%v", statuses)
		}
	})
}
