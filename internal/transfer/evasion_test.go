package transfer

import (
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNoSpellingOfAnAddressGetsAround(t *testing.T) {
	s := newShop(t)
	for host, reason := range map[string]Reason{
		"127.0.0.3":                OutsideCountry,
		"::ffff:127.0.0.3":         OutsideCountry,
		"::ffff:7f00:3":            OutsideCountry,
		"64:ff9b::127.0.0.3":       Hidden,
		"64:ff9b::7f00:3":          Hidden,
		"2002:7f00:3::1":           Hidden,
		"2001:0:7f00:3::1":         Hidden,
		"::127.0.0.3":              UnknownCountry,
		"::1":                      OutsideCountry,
		"::1%lo":                   OutsideCountry,
		"0:0:0:0:0:0:0:1":          OutsideCountry,
		"127.0.0.9":                UnknownCountry,
		"fe80::1%lo":               UnknownCountry,
		"64:ff9b:1:7f00:0:300::":   UnknownCountry,
		"::ffff:0:127.0.0.3":       UnknownCountry,
		"ff02::1%lo":               UnknownCountry,
		"2001:db8::5efe:127.0.0.3": UnknownCountry,
	} {
		_, err := s.dial(DialerOptions{}, host)
		if got := refusal(t, err).Decision.Reason; got != reason {
			t.Errorf("%s: %s, want %s", host, got, reason)
		}
	}
	s.visited()
	s.names.set("shop.test", "64:ff9b::7f00:3", "2002:7f00:3::1", "::ffff:127.0.0.3")
	_, err := s.dial(DialerOptions{}, "shop.test")
	refusal(t, err)
	s.visited()
}

func TestZoneIsNoWayInNorOut(t *testing.T) {
	s := newShop(t)
	s.places.move("::1", "FR")
	conn, err := s.dial(DialerOptions{}, "::1%lo")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if got := s.events.taken(); !slices.Equal(got, []string{"connected ::1 FR"}) {
		t.Errorf("%v", got)
	}
	s.visited("::1")
}

func TestOwnMachineIsTheOperatorsOwn(t *testing.T) {
	g := guardOf(t, Config{})
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, host := range []string{"", "127.0.0.1", "localhost", "::1", "0.0.0.0", "::"} {
		conn, err := g.Dialer(DialerOptions{}).DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Errorf("%q: %v", host, err)
			continue
		}
		conn.Close()
		_, err = g.Dialer(DialerOptions{Outward: true}).DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if refused := refusal(t, err); refused.Decision.Reason != OwnRefused {
			t.Errorf("%q outward: %v", host, err)
		}
	}
}

func TestSocketsInTheFileSystemAreTheOperatorsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, l)
	s := newShop(t)
	conn, err := s.guard.Dialer(DialerOptions{}).DialContext(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	_, err = s.guard.Dialer(DialerOptions{Outward: true}).DialContext(t.Context(), "unix", path)
	if refused := refusal(t, err); refused.Decision.Reason != OwnRefused || strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if got := s.events.taken(); !slices.Equal(got, []string{"connected unix ", "refused unix "}) {
		t.Errorf("%v", got)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.came) > 1 {
		t.Errorf("%d came", len(h.came))
	}
}

func TestOtherNetworksAreRefused(t *testing.T) {
	d := newShop(t).dialer(DialerOptions{})
	for _, network := range []string{"ip", "ip4:icmp", "", "sctp"} {
		if _, err := d.DialContext(t.Context(), network, "127.0.0.2:1"); err == nil {
			t.Errorf("%q: connected", network)
		}
	}
	for _, address := range []string{"", "shop.test", "127.0.0.2:1:2"} {
		if _, err := d.DialContext(t.Context(), "tcp", address); err == nil {
			t.Errorf("%q: connected", address)
		}
	}
}

func TestDatagramsAreGuarded(t *testing.T) {
	s := newShop(t)
	d := s.dialer(DialerOptions{})
	conn, err := d.DialContext(t.Context(), "udp", "127.0.0.2:9")
	if err != nil {
		t.Fatal(err)
	}
	if s.guard.Open() != 1 {
		t.Error("it is not known")
	}
	datagrams, ok := conn.(net.PacketConn)
	if !ok {
		t.Fatal("it is taken for a stream")
	}
	if _, err := datagrams.WriteTo([]byte("x"), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 3), Port: 9}); err == nil {
		t.Error("it sends to others")
	}
	conn.Close()
	if s.guard.Open() != 0 {
		t.Error("it is still known")
	}
	_, err = d.DialContext(t.Context(), "udp", "127.0.0.3:9")
	refusal(t, err)
}

func FuzzAddrOf(f *testing.F) {
	for _, seed := range []string{":80", "127.0.0.1:80", "[::1%lo]:80", "[fe80::1]:", "/run/s", "@s", "1.2.3.4", "[]:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		addr := addrOf(address)
		if want, err := netip.ParseAddrPort(address); err == nil && addr != want.Addr() {
			t.Errorf("%q: %s", address, addr)
		}
	})
}
