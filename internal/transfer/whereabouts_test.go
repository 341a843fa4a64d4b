package transfer

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// phonebook answers look-ups, and counts them.
type phonebook struct {
	mu    sync.Mutex
	addrs map[string][]netip.Addr
	err   error
	asked map[string]int
}

func (p *phonebook) lookup(_ context.Context, host string) ([]netip.Addr, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked == nil {
		p.asked = make(map[string]int)
	}
	p.asked[host]++
	return p.addrs[host], p.err
}

func (p *phonebook) set(host string, err error, addrs ...netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.addrs == nil {
		p.addrs = make(map[string][]netip.Addr)
	}
	p.addrs[host], p.err = addrs, err
}

// wait until what is wanted has been looked up.
func (w *Whereabouts) settle(t *testing.T) {
	t.Helper()
	for range 1000 {
		w.mu.RLock()
		waiting := false
		for _, known := range w.hosts {
			waiting = waiting || known.waiting
		}
		w.mu.RUnlock()
		if !waiting {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("look-ups do not end")
}

func TestAHostIsLookedUpInTheBackgroundAndAgainAfterAWhile(t *testing.T) {
	clock := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	pass := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		clock = clock.Add(d)
	}
	book := new(phonebook)
	w := &Whereabouts{Lookup: book.lookup, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return clock
	}}
	go w.Run(t.Context())
	first, second := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	book.set("a.example", nil, first)

	if addrs := w.Of("a.example"); len(addrs) != 0 {
		t.Errorf("known before it was looked up: %v", addrs)
	}
	w.settle(t)
	if addrs := w.Of("a.example"); len(addrs) != 1 || addrs[0] != first || w.Changes() != 1 {
		t.Errorf("%v, %d changes", addrs, w.Changes())
	}
	w.settle(t)
	if book.asked["a.example"] != 1 {
		t.Errorf("asked %d times", book.asked["a.example"])
	}

	// It moves: the old address holds until the new one is known.
	book.set("a.example", nil, second)
	pass(lookAgain)
	if addrs := w.Of("a.example"); len(addrs) != 1 || addrs[0] != first {
		t.Errorf("%v", addrs)
	}
	w.settle(t)
	if addrs := w.Of("a.example"); len(addrs) != 1 || addrs[0] != second || w.Changes() != 2 {
		t.Errorf("%v, %d changes", addrs, w.Changes())
	}

	// A resolver that fails for now takes nothing away; one that knows of no such name does.
	book.set("a.example", errors.New("server failure"))
	pass(lookAgain)
	w.Of("a.example")
	w.settle(t)
	if addrs := w.Of("a.example"); len(addrs) != 1 {
		t.Errorf("forgotten at a failure")
	}
	w.settle(t)
	book.set("a.example", &net.DNSError{IsNotFound: true})
	pass(lookAgain)
	w.Of("a.example")
	w.settle(t)
	if addrs := w.Of("a.example"); len(addrs) != 0 || w.Changes() != 3 {
		t.Errorf("%v, %d changes", addrs, w.Changes())
	}

	pass(2 * lookAgain)
	w.Forget()
	if len(w.hosts) != 0 {
		t.Errorf("%d hosts remembered that nobody asks about", len(w.hosts))
	}
}

func TestWhereaboutsAreBounded(t *testing.T) {
	w := &Whereabouts{Lookup: new(phonebook).lookup, Now: time.Now} // and nobody runs it
	for n := range 2 * maxWhereabouts {
		w.Of(strconv.Itoa(n) + ".example")
		w.Of("0.example")
	}
	if len(w.hosts) != maxWhereabouts || len(w.waiting) != maxWhereabouts {
		t.Errorf("%d hosts, %d waiting", len(w.hosts), len(w.waiting))
	}
}

// TestWhatIsAskedAboutNeedNotLast: names are parts of pages, whose memory is used again.
func TestWhatIsAskedAboutNeedNotLast(t *testing.T) {
	book := new(phonebook)
	book.set("a.example", nil, netip.MustParseAddr("192.0.2.1"))
	w := &Whereabouts{Lookup: book.lookup, Now: time.Now}
	page := []byte("a.example")
	w.Of(unsafe.String(&page[0], len(page)))
	copy(page, "zzzzzzzzz")
	go w.Run(t.Context())
	w.settle(t)
	if addrs := w.Of("a.example"); len(addrs) != 1 {
		t.Errorf("%v", addrs)
	}
}

func TestAHostThatIsAnAddressNeedsNoLookup(t *testing.T) {
	book := new(phonebook)
	w := &Whereabouts{Lookup: book.lookup, Now: time.Now}
	for _, host := range []string{"192.0.2.1", "[2001:db8::1]"} {
		if addrs := w.Of(host); len(addrs) != 1 || len(w.waiting) != 0 {
			t.Errorf("%s: %v", host, addrs)
		}
	}
}

// TestServicesPassByDeclarationAndElseByTheirSeats: what the owner declared outranks what is
// known.
func TestServicesPassByDeclarationAndElseByTheirSeats(t *testing.T) {
	guard := func(c Config) *Guard {
		rules, err := NewRules(c, noon)
		if err != nil {
			t.Fatal(err)
		}
		g, err := NewGuard(Options{Rules: rules, Countries: atlas{}, Now: func() time.Time { return noon }})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	declared := Config{Recipients: []Recipient{
		{Name: "film", Entity: "Film Inc.", Country: "IE", Parent: "US", Services: []string{"film"}, Transfer: DPF},
		{Name: "maps", Entity: "Maps AG", Country: "DE", Services: []string{"maps"}, Terms: Terms{Version: "1", Date: noon.AddDate(-2, 0, 0), Until: noon.AddDate(-1, 0, 0)}},
		{Name: "chat", Entity: "Chat SAS", Country: "FR", Hosts: []string{"chat.example.com"}},
	}}
	for _, test := range []struct {
		name, id, host string
		seats          []Country
		config         Config
		allowed        bool
		reason         Reason
	}{
		{"inside", "video", "", []Country{"FR"}, Config{}, true, Inside},
		{"outside", "video", "", []Country{"US"}, Config{}, false, RecipientOutside},
		{"inside, of a parent outside", "video", "", []Country{"US", "IE"}, Config{}, false, RecipientOutside},
		{"outside what is adequate on a condition", "video", "", []Country{"US"}, Config{Area: Adequate}, false, RecipientOutside},
		{"in another area", "video", "", []Country{"NO"}, Config{Area: EEA}, true, Inside},
		{"of nobody known", "video", "", nil, Config{}, false, Undeclared},
		{"declared with a basis", "film", "", []Country{"US", "IE"}, declared, true, Excepted},
		{"declared, its terms ended", "maps", "", []Country{"DE"}, declared, false, Ended},
		{"declared by its host", "talk", "www.chat.example.com", []Country{"US"}, declared, true, Inside},
	} {
		d := guard(test.config).Service(test.id, test.host, test.seats...)
		if d.Allowed != test.allowed || d.Reason != test.reason {
			t.Errorf("%s: %v, %v", test.name, d.Allowed, d.Reason)
		}
	}
	if _, err := NewRules(Config{Recipients: []Recipient{
		{Name: "a", Entity: "A", Country: "FR", Services: []string{"film"}}, {Name: "b", Entity: "B", Country: "FR", Services: []string{"film"}},
	}}, noon); err == nil {
		t.Error("a service with two recipients")
	}
}

// TestAHostNobodyKnowsPassesWhereAllItsAddressesMay: a browser may take any of them.
func TestAHostNobodyKnowsPassesWhereAllItsAddressesMay(t *testing.T) {
	rules, err := NewRules(Config{AllowUndeclared: true, Recipients: []Recipient{
		{Name: "declared", Entity: "A", Country: "FR", Hosts: []string{"declared.example.com"}},
	}}, noon)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGuard(Options{Rules: rules, Countries: atlas{"192.0.2.1": "FR", "192.0.2.2": "US", "192.0.2.3": "DE"}, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		host   string
		addrs  []string
		reason Reason
	}{
		{"x.example", nil, UnknownCountry},
		{"x.example", []string{"192.0.2.1"}, Inside},
		{"x.example", []string{"192.0.2.1", "192.0.2.3"}, Inside},
		{"x.example", []string{"192.0.2.1", "192.0.2.2"}, OutsideCountry},
		{"x.example", []string{"192.0.2.9"}, UnknownCountry},
		{"x.example", []string{"10.0.0.1"}, OwnNetwork},
		{"x.example", []string{"2002::1"}, Hidden},
		{"declared.example.com", []string{"192.0.2.2"}, Inside},
	} {
		var addrs []netip.Addr
		for _, text := range test.addrs {
			addrs = append(addrs, netip.MustParseAddr(text))
		}
		d := g.Browsed(test.host, addrs)
		if d.Reason != test.reason || d.Allowed != (test.reason == Inside || test.reason == OwnNetwork) {
			t.Errorf("%s %v: %v %v", test.host, test.addrs, d.Allowed, d.Reason)
		}
	}
	if n := testing.AllocsPerRun(100, func() { g.Service("film", "x.example", "US", "IE") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// atlas says where addresses are.
type atlas map[string]Country

func (a atlas) Where(addr netip.Addr) (one, other Country) {
	if len(a) == 0 {
		return "", ""
	}
	return a[addr.String()], a[addr.String()]
}

func (atlas) Database() string { return "atlas" }
