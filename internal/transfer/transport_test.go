package transfer

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// get asks a host of the street for its page.
func (s *street) get(t *testing.T, transport http.RoundTripper, host string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+net.JoinHostPort(host, s.port)+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err == nil {
		response.Body.Close()
	}
	return err
}

func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	s := newShop(t)
	s.names.set("shop.test", "127.0.0.2")
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "http://127.0.0.4:"+s.port) // inside, but it could lead anywhere
	}
	ours := s.dialer(DialerOptions{}).Transport()
	theirs := http.DefaultTransport.(*http.Transport).Clone()
	theirs.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse("http://127.0.0.4:" + s.port) }
	if err := s.dialer(DialerOptions{}).Guard(theirs); err != nil {
		t.Fatal(err)
	}
	for _, transport := range []*http.Transport{ours, theirs} {
		if err := s.get(t, transport, "shop.test"); err != nil {
			t.Fatal(err)
		}
		s.visited("127.0.0.2")
		transport.CloseIdleConnections()
	}
}

func TestPooledConnectionsEndWithWhatAllowedThem(t *testing.T) {
	for name, change := range map[string]func(*street){
		"stricter rules":   func(s *street) { s.guard.Use(rulesOf(t, Config{Own: prefixes("10.0.0.0/8")})) },
		"another database": func(s *street) { s.places.move("127.0.0.2", "US"); s.guard.Recheck() },
		"recipient outside": func(s *street) {
			foreign := with(shop, func(r *Recipient) { r.Parent = "US" })
			s.guard.Use(rulesOf(t, Config{Own: prefixes("10.0.0.0/8"), Recipients: []Recipient{foreign}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.names.set("shop.test", "127.0.0.2")
			transport := s.dialer(DialerOptions{}).Transport()
			for range 3 {
				if err := s.get(t, transport, "shop.test"); err != nil {
					t.Fatal(err)
				}
			}
			s.visited("127.0.0.2") // once: connections are used again
			if got := s.events.taken(); !slices.Equal(got, []string{"connected shop.test FR"}) {
				t.Errorf("%v", got)
			}
			change(s)
			if n := s.guard.Open(); n != 0 {
				t.Errorf("%d are open", n)
			}
			if got := s.events.taken(); len(got) != 1 || !strings.HasPrefix(got[0], "closed shop.test") {
				t.Errorf("%v", got)
			}
			waitForError(t, func() error { return s.get(t, transport, "shop.test") })
			refusal(t, s.get(t, transport, "shop.test"))
			s.visited()
		})
	}
}

// waitForError gives the pool the time to notice that its connection is gone.
func waitForError(t *testing.T, do func() error) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if do() != nil {
			return
		}
	}
	t.Error("the connection is still used")
}

func TestPooledConnectionsOutliveRulesThatAllowThem(t *testing.T) {
	s := newShop(t)
	s.names.set("shop.test", "127.0.0.2")
	transport := s.dialer(DialerOptions{}).Transport()
	if err := s.get(t, transport, "shop.test"); err != nil {
		t.Fatal(err)
	}
	if n := s.guard.Use(rulesOf(t, Config{Own: prefixes("10.0.0.0/8"), Recipients: []Recipient{shop}})); n != 0 {
		t.Errorf("%d were ended", n)
	}
	if err := s.get(t, transport, "shop.test"); err != nil {
		t.Error(err)
	}
	s.visited("127.0.0.2")
	transport.CloseIdleConnections()
	if n := s.guard.Open(); n != 0 {
		t.Errorf("%d are open after the pool is empty", n)
	}
}

func TestRedirectsOutsideAreNotFollowed(t *testing.T) {
	s := newShop(t)
	s.names.set("away.test", "127.0.0.3")
	origin := httptest.NewUnstartedServer(http.RedirectHandler("http://away.test:"+s.port+"/?id=7", http.StatusFound))
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	origin.Listener.Close()
	origin.Listener = l
	origin.Start()
	defer origin.Close()
	client := http.Client{Transport: s.dialer(DialerOptions{}).Transport()}
	_, err = client.Get(origin.URL)
	if refused := refusal(t, err); refused.Host != "away.test" {
		t.Errorf("%+v", refused)
	}
	s.visited()
}

func TestTransportThatDialsByItselfIsRefused(t *testing.T) {
	d := newShop(t).dialer(DialerOptions{})
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }
	if err := d.Guard(&http.Transport{DialTLSContext: dial}); err == nil || !strings.Contains(err.Error(), "leave out what makes it do so") {
		t.Error(err)
	}
	//nolint:staticcheck // old fields still work
	if err := d.Guard(&http.Transport{DialTLS: func(string, string) (net.Conn, error) { return nil, net.ErrClosed }}); err == nil {
		t.Error("the old field")
	}
	//nolint:staticcheck // likewise
	old := &http.Transport{Dial: func(string, string) (net.Conn, error) { return nil, net.ErrClosed }, DialContext: dial}
	if err := d.Guard(old); err != nil {
		t.Fatal(err)
	}
	if _, err := old.DialContext(t.Context(), "tcp", "127.0.0.3:1"); err == nil {
		t.Error("not guarded")
	} else {
		refusal(t, err)
	}
}

func TestTLSRunsOverGuardedConnections(t *testing.T) {
	s := newShop(t)
	origin := httptest.NewUnstartedServer(http.NotFoundHandler())
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	origin.Listener.Close()
	origin.Listener, origin.EnableHTTP2 = l, true
	origin.StartTLS()
	defer origin.Close()
	transport := s.dialer(DialerOptions{}).Transport()
	transport.TLSClientConfig = &tls.Config{RootCAs: origin.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.ProtoMajor != 2 || s.guard.Open() != 1 {
		t.Errorf("%s, %d open", response.Proto, s.guard.Open())
	}
	transport.CloseIdleConnections()
}

func TestConnectionsKeepWhatTCPCanDo(t *testing.T) {
	s := newShop(t)
	conn, err := s.dial(DialerOptions{}, "127.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := conn.(interface{ CloseWrite() error }); !ok {
		t.Error("it cannot be half closed")
	}
	conn.Close()
	conn.Close()
	if n := s.guard.Open(); n != 0 {
		t.Errorf("%d are open", n)
	}
}
