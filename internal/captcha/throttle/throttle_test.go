package throttle

import (
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// gate is a throttle with its clock.
type gate struct {
	*Throttle
	now time.Time
}

func newGate(t testing.TB, perMinute, burst int) *gate {
	t.Helper()
	g := &gate{now: storetest.Noon}
	throttle, err := New(perMinute, burst, func() time.Time { return g.now })
	if err != nil {
		t.Fatal(err)
	}
	g.Throttle = throttle
	return g
}

// allowed counts how many of n questions are let through.
func (g *gate) allowed(n int, addr string) (count int) {
	var a netip.Addr
	if addr != "" {
		a = netip.MustParseAddr(addr)
	}
	for range n {
		if ok, _ := g.Allow(a); ok {
			count++
		}
	}
	return count
}

func TestNetworkIsHeldToItsRate(t *testing.T) {
	g := newGate(t, 30, 10)
	if n := g.allowed(100, "192.0.2.1"); n != 10 {
		t.Fatalf("%d at once, want 10", n)
	}
	ok, wait := g.Allow(netip.MustParseAddr("192.0.2.1"))
	if ok || wait != 2*time.Second {
		t.Errorf("allowed %v, to wait %s, want 2s", ok, wait)
	}
	g.now = g.now.Add(wait)
	if n := g.allowed(5, "192.0.2.1"); n != 1 {
		t.Errorf("%d after the wait, want 1", n)
	}
	total := 0
	for range 600 {
		g.now = g.now.Add(time.Second)
		total += g.allowed(5, "192.0.2.1")
	}
	if total != 300 {
		t.Errorf("%d in ten minutes, want 300", total)
	}
	g.now = g.now.Add(time.Hour)
	if n := g.allowed(100, "192.0.2.1"); n != 10 {
		t.Errorf("%d at once after an hour, want 10", n)
	}
}

func TestAddressesOfANetworkShareWhatItMayAsk(t *testing.T) {
	for _, c := range []struct {
		one, other string
		same       bool
	}{
		{"192.0.2.1", "192.0.2.254", true},
		{"192.0.2.1", "192.0.3.1", false},
		{"192.0.2.1", "::ffff:192.0.2.9", true},
		{"2001:db8:1:2::1", "2001:db8:1:ffff::9", true},
		{"2001:db8:1::1", "2001:db8:2::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
		{"", "192.0.2.1", false},
		{"", "", true},
	} {
		g := newGate(t, 1, 3)
		g.allowed(3, c.one)
		want := 3
		if c.same {
			want = 0
		}
		if n := g.allowed(3, c.other); n != want {
			t.Errorf("after %q, %d of %q, want %d", c.one, n, c.other, want)
		}
	}
}

func TestMemoryIsBoundedAndKeepsWhoAsksMost(t *testing.T) {
	g := newGate(t, 1, 20)
	greedy := "203.0.113.1"
	g.allowed(100, greedy)
	// More networks than there are places, each of which asks once.
	for i := range 4 * sets * places {
		g.allowed(1, fmt.Sprintf("10.%d.%d.1", i>>8&255, i&255))
	}
	for i := range 4 * sets * places {
		g.allowed(1, fmt.Sprintf("2001:db8:%x::1", i&0xffff))
	}
	if n := g.allowed(1, greedy); n != 0 {
		t.Error("who asked most was forgotten for those who asked once")
	}
	if size := unsafe.Sizeof(*g.Throttle); size > 1<<20 {
		t.Errorf("it takes %d bytes", size)
	}
}

func TestNothingKeptTellsAnAddress(t *testing.T) {
	one, other := newGate(t, 1, 3), newGate(t, 1, 3)
	for _, g := range []*gate{one, other} {
		g.allowed(2, "198.51.100.77")
	}
	kept := func(g *gate) (networks []uint64) {
		for i := range g.sets {
			for _, b := range g.sets[i].buckets {
				if b.network != 0 {
					networks = append(networks, b.network)
				}
			}
		}
		return networks
	}
	a, b := kept(one), kept(other)
	if len(a) != 1 || len(b) != 1 || a[0] == b[0] {
		t.Errorf("kept are %x and %x: the secret makes no difference", a, b)
	}
	for _, form := range []string{"198.51.100", "3325256704", "c6336400"} {
		if strings.Contains(fmt.Sprintf("%v %x", a, a), form) {
			t.Errorf("the network is kept as %s", form)
		}
	}
}

func TestClockSetBackGivesNothingAway(t *testing.T) {
	g := newGate(t, 60, 3)
	g.allowed(3, "192.0.2.1")
	g.now = g.now.Add(-time.Hour)
	if n := g.allowed(3, "192.0.2.1"); n != 0 {
		t.Errorf("%d", n)
	}
	g.now = g.now.Add(time.Second)
	if n := g.allowed(3, "192.0.2.1"); n != 1 {
		t.Errorf("%d after a second, want 1", n)
	}
}

func TestQuestionsAtOnceAreCountedOnce(t *testing.T) {
	g := newGate(t, 1, 100)
	var allowed atomic.Int64
	storetest.AtOnce(t, 20, func(int) error {
		allowed.Add(int64(g.allowed(50, "192.0.2.1")))
		return nil
	})
	if n := allowed.Load(); n != 100 {
		t.Errorf("%d allowed, want 100", n)
	}
}

func TestRatesThatMakeNoSenseAreRefusedWithWhatToWrite(t *testing.T) {
	for _, bad := range [][2]int{{0, 1}, {-1, 1}, {1, 0}, {6001, 1}, {1, 6001}} {
		if _, err := New(bad[0], bad[1], time.Now); err == nil || !strings.Contains(err.Error(), "from 1 to 6000") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	g := newGate(b, 6000, 6000)
	addr := netip.MustParseAddr("2001:db8:1:2::1")
	b.ReportAllocs()
	for b.Loop() {
		g.Allow(addr)
		g.now = g.now.Add(time.Millisecond)
	}
}
