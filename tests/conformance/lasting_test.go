package conformance

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// echo starts a server that takes WebSockets and repeats what comes.
func echo(t *testing.T, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, stream, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		io.Copy(conn, stream)
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
}

// socket is an open WebSocket.
type socket struct {
	net.Conn
	answers *bufio.Reader
}

func (s *site) socket(t *testing.T) *socket {
	t.Helper()
	conn, answers := s.dial(t, "GET /socket HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n")
	t.Cleanup(func() { conn.Close() })
	r, err := http.ReadResponse(answers, nil)
	if err != nil || r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%+v, %v", r, err)
	}
	return &socket{conn, answers}
}

// echoes tells whether what is sent comes back; it ends with the connection.
func (s *socket) echoes(t *testing.T) bool {
	t.Helper()
	if err := s.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := io.WriteString(s, "frame")
	if err == nil {
		_, err = io.ReadFull(s.answers, make([]byte, 5))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("neither an echo nor an end")
	}
	return err == nil
}

// lastingText is a site whose WebSockets live on through changes of configuration.
func lastingText(s *site, transfers string) string {
	return strings.Replace(guardedText(s, transfers, inAmerica+":9000"), "transport privacy", "stream_close_delay 1h\n transport privacy", 1)
}

// TestWebSocketThatOutlivesItsConfigurationObeysEveryLaterOne: it is cut off by the
// second change after it was opened, too.
func TestWebSocketThatOutlivesItsConfigurationObeysEveryLaterOne(t *testing.T) {
	if !abroad(t) {
		return
	}
	echo(t, inAmerica+":9000")
	excepted := strings.Replace(declared, "country FR", "country FR\nprocessing US\ntransfer scc", 1)
	s := guardedSite(t, excepted, inAmerica+":9000", "")
	s.reload(t, lastingText(s, excepted))
	open := s.socket(t)
	for _, step := range []struct {
		name, transfers string
		lives           bool
	}{
		{"it was opened", excepted, true},
		{"another configuration that allows it", excepted + "\n own_networks 198.51.100.0/24", true},
		{"a third one", excepted, true},
		{"one that does not", declared, false},
	} {
		if step.name != "it was opened" {
			s.reload(t, lastingText(s, step.transfers))
		}
		if got := open.echoes(t); got != step.lives {
			t.Fatalf("%s: lives %v", step.name, got)
		}
	}
}

// TestNameServersAreAskedOnlyWhereDataMayGo: they are told which hosts are looked up.
func TestNameServersAreAskedOnlyWhereDataMayGo(t *testing.T) {
	if !abroad(t) {
		return
	}
	settle(t, "netherlands", inNetherlands+":9000")
	for _, test := range []struct {
		address, transfers string
		status             int
	}{
		{"127.0.0.1:0", "", http.StatusOK},
		{inAmerica + ":0", "", http.StatusBadGateway},
		{inFrance + ":0", "", http.StatusBadGateway},
		{inFrance + ":0", "recipient names {\n entity Names\n country FR\n hosts " + inFrance + "\n }", http.StatusOK},
	} {
		dns := nameServer(t, test.address)
		dns.set("shop.example.com", inNetherlands)
		s := guardedSite(t, declared+"\n"+test.transfers, "shop.example.com:9000", "resolvers "+dns.address)
		s.get(t, "/").is(t, test.status)
		if asked := dns.questions(); (asked > 0) != (test.status == http.StatusOK) {
			t.Errorf("%s was asked %d times", test.address, asked)
		}
	}
}
