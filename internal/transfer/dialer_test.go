package transfer

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// refusal is the refusal in an error; the test fails without one.
func refusal(t *testing.T, err error) *RefusedError {
	t.Helper()
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("not refused: %v", err)
	}
	return refused
}

func TestOfSeveralAddressesOneInsideIsUsed(t *testing.T) {
	for _, addrs := range [][]string{
		{"127.0.0.3", "127.0.0.2"}, {"127.0.0.2", "127.0.0.3"}, {"127.0.0.9", "127.0.0.3", "127.0.0.2"}, {"::1", "127.0.0.2"}, {"::1", "127.0.0.3", "127.0.0.9", "127.0.0.2"},
	} {
		s := newShop(t)
		s.names.set("shop.test", addrs...)
		begin := time.Now()
		conn, err := s.dial(DialerOptions{}, "shop.test")
		if err != nil {
			t.Errorf("%v: %v", addrs, err)
			continue
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%v: took %v: refused addresses are waited for", addrs, took)
		}
		conn.Close()
		s.visited("127.0.0.2")
	}
}

func TestRefusalCostsNoPacket(t *testing.T) {
	s := newShop(t)
	s.names.set("shop.test", "127.0.0.3", "127.0.0.9", "::1")
	_, err := s.dial(DialerOptions{}, "shop.test")
	refused := refusal(t, err)
	if refused.Host != "shop.test" || refused.Decision.Recipient.Name != "shop" || !slices.Contains([]Reason{OutsideCountry, UnknownCountry}, refused.Decision.Reason) {
		t.Errorf("%+v", refused)
	}
	s.visited()
	if got := s.events.taken(); len(got) != 3 || !slices.Contains(got, "refused shop.test US") || !slices.Contains(got, "refused shop.test ") {
		t.Errorf("%v", got)
	}
}

func TestNameThatMovesOutsideIsCutOff(t *testing.T) {
	s := newShop(t)
	s.names.set("shop.test", "127.0.0.2")
	conn, err := s.dial(DialerOptions{}, "shop.test")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	s.visited("127.0.0.2")
	s.names.set("shop.test", "127.0.0.3") // rebinding: the name is the same, the address is not
	_, err = s.dial(DialerOptions{}, "shop.test")
	if refused := refusal(t, err); refused.Decision.Reason != OutsideCountry || refused.Decision.Country != "US" {
		t.Errorf("%+v", refused)
	}
	s.visited()
	s.names.set("shop.test", "127.0.0.3", "127.0.0.4")
	conn, err = s.dial(DialerOptions{}, "shop.test")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	s.visited("127.0.0.4")
}

func TestRefusedRecipientIsNotEvenLookedUp(t *testing.T) {
	s := newStreet(t, Config{Recipients: []Recipient{recipient("foreign", "US", "foreign.test")}})
	s.names.set("api.foreign.test", "127.0.0.2")
	_, err := s.dial(DialerOptions{}, "API.foreign.test.")
	if refused := refusal(t, err); refused.Decision.Reason != RecipientOutside || refused.Host != "api.foreign.test" {
		t.Errorf("%+v", refused)
	}
	if n := s.names.questions(); n != 0 {
		t.Errorf("%d questions were asked", n)
	}
	s.visited()
}

func TestUndeclaredHostsAreRefusedWithoutAPacket(t *testing.T) {
	s := newStreet(t, Config{Recipients: []Recipient{recipient("shop", "FR", "shop.test")}})
	s.names.set("other.test", "127.0.0.2")
	_, err := s.dial(DialerOptions{}, "other.test")
	if refused := refusal(t, err); refused.Decision.Reason != Undeclared || refused.Decision.Country != "FR" {
		t.Errorf("%+v", refused)
	}
	s.visited()
}

func TestFailureOfAllowedAddressIsNoRefusal(t *testing.T) {
	for _, addrs := range [][]string{{"127.0.0.3", "127.0.0.2"}, {"127.0.0.2", "127.0.0.3"}} {
		s := newShop(t)
		s.houses["127.0.0.2"].listener.Close()
		s.names.set("shop.test", addrs...)
		_, err := s.dial(DialerOptions{}, "shop.test")
		var refused *RefusedError
		var op *net.OpError
		if err == nil || errors.As(err, &refused) || !errors.As(err, &op) || op.Op != "dial" {
			t.Errorf("%v: %v", addrs, err)
		}
		s.visited()
	}
}

func TestSettingsOfTheCallerAreKept(t *testing.T) {
	s := newShop(t)
	s.names.set("shop.test", "127.0.0.3", "127.0.0.2")
	var seen []string
	note := func(address string) error {
		seen = append(seen, address)
		return nil
	}
	for _, settings := range []net.Dialer{
		{ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error { return note(address) }},
		{Control: func(_, address string, _ syscall.RawConn) error { return note(address) }},
	} {
		seen = nil
		conn, err := s.dial(DialerOptions{Settings: settings}, "shop.test")
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if !slices.Equal(seen, []string{"127.0.0.2:" + s.port}) {
			t.Errorf("called with %v", seen)
		}
	}
}

func TestChangeWhileConnectingIsSeen(t *testing.T) {
	s := newShop(t)
	move := func(context.Context, string, string, syscall.RawConn) error {
		s.places.move("127.0.0.2", "US")
		return nil
	}
	_, err := s.dial(DialerOptions{Settings: net.Dialer{ControlContext: move}}, "127.0.0.2")
	refusal(t, err)
	if n := s.guard.Open(); n != 0 {
		t.Errorf("%d are open", n)
	}
}

func TestManyDialAndChangeAtOnce(t *testing.T) {
	s := newShop(t)
	allow, forbid := s.guard.Rules(), rulesOf(t, Config{Own: prefixes("10.0.0.0/8")})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 20 {
				if conn, err := s.dial(DialerOptions{}, "127.0.0.2"); err == nil {
					conn.Close()
				}
			}
		})
	}
	for range 20 {
		s.guard.Use(forbid)
		s.guard.Use(allow)
	}
	wait.Wait()
	if n := s.guard.Open(); n != 0 {
		t.Errorf("%d are open", n)
	}
}

func TestErrorsSayWhatToWrite(t *testing.T) {
	r := &shop
	for want, d := range map[string]Decision{
		`no connection to shop.test: its address is in US, outside the area "eu": use a server inside, or declare US`: {Reason: OutsideCountry, Country: "US", Recipient: r},
		"nobody knows in which country":                               {Reason: UnknownCountry},
		"declare the prefix of your translator":                       {Reason: Hidden},
		"declare the recipient that answers at shop.test":             {Reason: Undeclared},
		`the recipient shop brings data to IN, outside the area "eu"`: {Reason: RecipientOutside, Fault: "IN", Recipient: r},
		"the terms of the recipient shop":                             {Reason: Ended, Recipient: r},
		"it is in the operator's own network":                         {Reason: OwnRefused},
	} {
		if got := (&RefusedError{"shop.test", d, EU}).Error(); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for reason := range Reason(Reasons) {
		if reason.String() == "" {
			t.Errorf("reason %d has no word", reason)
		}
	}
}

func BenchmarkRefusedDial(b *testing.B) {
	g := guardOf(b, Config{Recipients: []Recipient{recipient("foreign", "US", "foreign.test")}})
	d := g.Dialer(DialerOptions{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.DialContext(context.Background(), "tcp", "foreign.test:443"); err == nil {
			b.Fatal("connected")
		}
	}
}
