package transfer

import (
	"slices"
	"testing"
	"time"
)

// beside is another guard of the same street, whose connections are watched together
// with those of the first.
func (s *street) beside(c Config) *Guard {
	s.t.Helper()
	c.Own = prefixes("10.0.0.0/8")
	g, err := NewGuard(Options{Rules: rulesOf(s.t, c), Countries: s.places, Now: atNoon, Told: s.events.note, Beside: s.guard})
	if err != nil {
		s.t.Fatal(err)
	}
	return g
}

// TestWhatAGuardThatIsGoneHasOpenObeysEveryLaterOne: a WebSocket lives on through many
// changes of configuration.
func TestWhatAGuardThatIsGoneHasOpenObeysEveryLaterOne(t *testing.T) {
	s := newShop(t)
	allow, forbid := s.guard.Rules(), rulesOf(t, Config{Own: prefixes("10.0.0.0/8")})
	first := s.beside(Config{Recipients: []Recipient{shop}})
	dialer := first.Dialer(DialerOptions{})
	if _, err := dialer.DialContext(t.Context(), "tcp", "127.0.0.2:"+s.port); err != nil {
		t.Fatal(err)
	}
	if n := first.Yield(s.guard); n != 0 || s.guard.Open() != 1 || first.Open() != 1 {
		t.Errorf("%d were ended, %d are open", n, s.guard.Open())
	}
	if n := s.guard.Use(allow); n != 0 {
		t.Errorf("rules that allow it ended %d", n)
	}
	if n := s.guard.Use(forbid); n != 1 || s.guard.Open() != 0 {
		t.Errorf("rules that forbid it ended %d, %d are open", n, s.guard.Open())
	}
	if got := s.events.taken(); !slices.Equal(got, []string{"connected 127.0.0.2 FR", "closed 127.0.0.2 FR"}) {
		t.Errorf("%v", got)
	}
	_, err := dialer.DialContext(t.Context(), "tcp", "127.0.0.2:"+s.port)
	refusal(t, err)
	if first.Rules() != forbid || first.Decide("127.0.0.2", addrOf("127.0.0.2:1")).Allowed || first.Declared("127.0.0.2").Recipient != nil {
		t.Error("it still decides by its own rules")
	}
}

// TestEachConnectionIsJudgedByTheGuardThatMadeIt, whichever of two is asked to look.
func TestEachConnectionIsJudgedByTheGuardThatMadeIt(t *testing.T) {
	s := newShop(t)
	other := s.beside(Config{Recipients: []Recipient{shop}})
	for _, g := range []*Guard{s.guard, other} {
		conn, err := g.Dialer(DialerOptions{}).DialContext(t.Context(), "tcp", "127.0.0.2:"+s.port)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	if n := s.guard.Use(rulesOf(t, Config{Own: prefixes("10.0.0.0/8")})); n != 1 {
		t.Errorf("%d were ended", n)
	}
	s.places.move("127.0.0.2", "US")
	if n := s.guard.Recheck(); n != 1 || other.Open() != 0 {
		t.Errorf("%d were ended, %d are open", n, other.Open())
	}
}

func TestHostsAreAdmittedBeforeThereIsAnAddress(t *testing.T) {
	s := newStreet(t, Config{Recipients: []Recipient{recipient("foreign", "US", "foreign.test"), shop}})
	d := s.dialer(DialerOptions{Impersonal: true})
	if refused := refusal(t, d.Admit("cdn.foreign.test")); refused.Decision.Reason != RecipientOutside {
		t.Errorf("%+v", refused)
	}
	for _, host := range []string{"shop.test", "other.test"} {
		if err := d.Admit(host); err != nil {
			t.Error(err)
		}
	}
	if got := s.events.taken(); !slices.Equal(got, []string{"refused cdn.foreign.test "}) {
		t.Errorf("%v", got)
	}
}

// TestGuardsOfOtherRulesDecideOnTheirOwn until they yield.
func TestGuardsOfOtherRulesDecideOnTheirOwn(t *testing.T) {
	g := guardOf(t, Config{Recipients: many()})
	other, err := NewGuard(Options{Rules: rulesOf(t, Config{}), Countries: globe, Now: func() time.Time { return noon }, Beside: g})
	if err != nil {
		t.Fatal(err)
	}
	addr := addrOf("192.0.2.1:1")
	if !g.Decide("host50.example", addr).Allowed || other.Decide("host50.example", addr).Allowed {
		t.Error("they do not decide each by its own rules")
	}
}

func TestHostsOfRecipientsAreJudgedByName(t *testing.T) {
	g := guardOf(t, Config{Recipients: []Recipient{recipient("foreign", "US", "foreign.example"), recipient("net", "FR", "192.0.2.0/28")}})
	for host, allowed := range map[string]bool{"cdn.foreign.example": false, "192.0.2.3": true} {
		if d, ok := g.Named(host); !ok || d.Allowed != allowed {
			t.Errorf("%s: %+v, %v", host, d, ok)
		}
	}
	if d, ok := g.Named("other.example"); ok {
		t.Errorf("%+v", d)
	}
}
