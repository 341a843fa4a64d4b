package transfer

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// street is a world on loopback: addresses that stand for countries, with
// listeners that count, and an own server of names.
type street struct {
	t      *testing.T
	port   string
	places *places
	houses map[string]*house
	names  *names
	guard  *Guard
	events *events
}

// newStreet has houses in France, Germany and the United States, and one that is
// nowhere. Loopback is not the operator's own network here.
func newStreet(t *testing.T, c Config) *street {
	t.Helper()
	s := &street{t: t, houses: make(map[string]*house), names: newNames(t), events: new(events)}
	s.places = &places{known: map[string]Country{"127.0.0.2": "FR", "127.0.0.3": "US", "127.0.0.4": "DE", "::1": "US"}}
	s.port = s.build("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.9", "::1")
	c.Own = prefixes("10.0.0.0/8")
	var err error
	s.guard, err = NewGuard(Options{Rules: rulesOf(t, c), Countries: s.places, Now: atNoon, Told: s.events.note})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shop is a recipient in France, with a name in this street.
var shop = recipient("shop", "FR", "shop.test", "127.0.0.0/8", "::1")

func newShop(t *testing.T) *street { return newStreet(t, Config{Recipients: []Recipient{shop}}) }

// build lets a house listen at each address, all at one port.
func (s *street) build(addrs ...string) (port string) {
	s.t.Helper()
	for range 20 { // the port may be taken at one of the addresses
		port = "0"
		var listeners []net.Listener
		for _, addr := range addrs {
			l, err := net.Listen("tcp", net.JoinHostPort(addr, port))
			if err != nil {
				break
			}
			_, port, _ = net.SplitHostPort(l.Addr().String())
			listeners = append(listeners, l)
		}
		if len(listeners) == len(addrs) {
			for i, addr := range addrs {
				s.houses[addr] = newHouse(s.t, listeners[i])
			}
			return port
		}
		for _, l := range listeners {
			l.Close()
		}
	}
	s.t.Fatal("no port is free at all addresses")
	return ""
}

// dial connects to a host of this street.
func (s *street) dial(o DialerOptions, host string) (net.Conn, error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	return s.dialer(o).DialContext(ctx, "tcp", net.JoinHostPort(host, s.port))
}

func (s *street) dialer(o DialerOptions) *Dialer {
	o.Settings.Resolver = s.names.resolver()
	return s.guard.Dialer(o)
}

// visited checks who was connected to, and that all others heard nothing at all.
func (s *street) visited(want ...string) {
	s.t.Helper()
	var got []string
	for addr, h := range s.houses {
		for range h.visits(s.t) {
			got = append(got, addr)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Errorf("visited %v, want %v", got, want)
	}
}

// house is a listener that counts who comes, and answers HTTP.
type house struct {
	listener net.Listener
	mu       sync.Mutex
	came     []string // addresses of those who came
}

func newHouse(t *testing.T, l net.Listener) *house {
	h := &house{listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			h.mu.Lock()
			h.came = append(h.came, conn.RemoteAddr().String())
			h.mu.Unlock()
			go answer(conn)
		}
	}()
	return h
}

// answer answers every request of a connection with an empty page.
func answer(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 4096)
	for {
		if n, err := conn.Read(buf); n == 0 || err != nil {
			return
		}
		if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")); err != nil {
			return
		}
	}
}

// visits forgets and counts those who came. A last visitor proves that nobody is
// still waiting at the door: they are let in in their order.
func (h *house) visits(t *testing.T) int {
	t.Helper()
	last, err := net.Dial("tcp", h.listener.Addr().String())
	if err != nil {
		return 0 // the house is gone
	}
	defer last.Close()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		h.mu.Lock()
		if n := len(h.came); n > 0 && h.came[n-1] == last.LocalAddr().String() {
			h.came = nil
			h.mu.Unlock()
			return n - 1
		}
		h.mu.Unlock()
	}
	t.Error("the last visitor was not let in")
	return 0
}

// places is a Geography that can change.
type places struct {
	mu    sync.Mutex
	known map[string]Country
}

func (p *places) Where(addr netip.Addr) (one, other Country) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[addr.String()], p.known[addr.String()]
}

func (p *places) Database() string { return "street 2026-11-28" }

func (p *places) move(addr string, to Country) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[addr] = to
}

// events keeps what a guard tells.
type events struct {
	mu  sync.Mutex
	all []Event
}

func (e *events) note(one Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, one)
}

// taken forgets and lists them, as "outcome host country".
func (e *events) taken() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []string
	for _, one := range e.all {
		list = append(list, one.Outcome.String()+" "+one.Host+" "+string(one.Decision.Country))
	}
	e.all = nil
	return list
}

// names is a server of names (RFC 1035) on loopback.
type names struct {
	conn  net.PacketConn
	mu    sync.Mutex
	addrs map[string][]string
	asked []string
}

func newNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	n := &names{conn: conn, addrs: make(map[string][]string)}
	go n.serve()
	return n
}

// set gives a name its addresses.
func (n *names) set(name string, addrs ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addrs[name+"."] = addrs
}

func (n *names) questions() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.asked)
}

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", n.conn.LocalAddr().String())
	}}
}

func (n *names) serve() {
	buf := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var question dnsmessage.Message
		if question.Unpack(buf[:size]) != nil || len(question.Questions) != 1 {
			continue
		}
		reply, err := n.reply(question)
		if err != nil {
			continue
		}
		if _, err := n.conn.WriteTo(reply, from); err != nil {
			return
		}
	}
}

func (n *names) reply(m dnsmessage.Message) ([]byte, error) {
	q := m.Questions[0]
	n.mu.Lock()
	n.asked = append(n.asked, q.Name.String())
	addrs := n.addrs[q.Name.String()]
	n.mu.Unlock()
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	for _, text := range addrs {
		addr := netip.MustParseAddr(text)
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type}
		switch {
		case addr.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: addr.As4()}})
		case addr.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
		}
	}
	return m.Pack()
}
