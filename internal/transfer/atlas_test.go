package transfer

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

// opinions are two worlds that do not agree everywhere.
type opinions struct{ one, other world }

func (o opinions) Where(addr netip.Addr) (one, other Country) {
	one, _ = o.one.Where(addr)
	other, _ = o.other.Where(addr)
	return one, other
}

func (o opinions) Database() string { return "two worlds" }

func TestDataGoOnlyWhereBothDatabasesAllowIt(t *testing.T) {
	two := opinions{
		world{"192.0.2.1": "FR", "192.0.2.2": "FR", "192.0.2.3": "FR", "192.0.2.4": "US", "192.0.2.5": "FR", "192.0.2.7": "US", "192.0.2.8": "IN"},
		world{"192.0.2.1": "FR", "192.0.2.2": "DE", "192.0.2.3": "US", "192.0.2.4": "FR", "192.0.2.6": "FR", "192.0.2.7": "US", "192.0.2.8": "US"},
	}
	mailer := recipient("mailer", "FR", "mail.example")
	american := with(recipient("american", "US", "us.example"), func(r *Recipient) { r.Transfer = DPF })
	g, err := NewGuard(Options{Rules: rulesOf(t, Config{Recipients: []Recipient{mailer, american}}), Countries: two, Now: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, host, addr string
		allowed          bool
		reason           Reason
		country          Country
	}{
		{"they agree", "mail.example", "192.0.2.1", true, Inside, "FR"},
		{"other countries inside", "mail.example", "192.0.2.2", true, Inside, "FR"},
		{"the second says outside", "mail.example", "192.0.2.3", false, OutsideCountry, "US"},
		{"the first says outside", "mail.example", "192.0.2.4", false, OutsideCountry, "US"},
		{"the second does not know", "mail.example", "192.0.2.5", false, UnknownCountry, ""},
		{"the first does not know", "mail.example", "192.0.2.6", false, UnknownCountry, ""},
		{"undeclared", "other.example", "192.0.2.1", false, Undeclared, "FR"},
		{"an exception for both", "us.example", "192.0.2.7", true, Excepted, "US"},
		{"an exception for the second alone", "us.example", "192.0.2.3", true, Excepted, "US"},
		{"no exception for the first", "us.example", "192.0.2.8", false, OutsideCountry, "IN"},
	} {
		d := g.Decide(test.host, netip.MustParseAddr(test.addr))
		if d.Allowed != test.allowed || d.Reason != test.reason || d.Country != test.country {
			t.Errorf("%s: %+v", test.name, d)
		}
	}
	for addr, allowed := range map[string]bool{"192.0.2.1": true, "192.0.2.2": true, "192.0.2.3": false, "192.0.2.4": false, "192.0.2.5": false, "192.0.2.6": false} {
		if d := g.Browsed("nobody.example", []netip.Addr{netip.MustParseAddr(addr)}); d.Allowed != allowed {
			t.Errorf("a page, %s: %+v", addr, d)
		}
	}
}

func TestAtlasIsOneDatabaseOrTwo(t *testing.T) {
	one, other := newShelf(t, "one.csv"), newShelf(t, "other.csv")
	one.put(one.path, complete("FR"), noon.Add(-24*time.Hour))
	single, both := &Atlas{First: one.Countries}, &Atlas{First: one.Countries, Second: other.Countries}
	if swapped, err := both.Refresh(); !swapped || err == nil || !strings.Contains(err.Error(), "other.csv is not used") {
		t.Errorf("%v, %v", swapped, err)
	}
	if err := both.Alarm(); err == nil || single.Alarm() != nil {
		t.Errorf("%v, %v", err, single.Alarm())
	}
	if a, b := both.Where(somewhere); a != "FR" || b != "" {
		t.Errorf("%q, %q", a, b)
	}
	other.put(other.path, complete("DE"), noon.Add(-48*time.Hour))
	if swapped, err := both.Refresh(); !swapped || err != nil || both.Alarm() != nil {
		t.Errorf("%v, %v, %v", swapped, err, both.Alarm())
	}
	if a, b := both.Where(somewhere); a != "FR" || b != "DE" {
		t.Errorf("%q, %q", a, b)
	}
	if a, b := single.Where(somewhere); a != "FR" || b != "FR" {
		t.Errorf("%q, %q", a, b)
	}
	if got := both.Database(); got != "one.csv 2026-11-27 and other.csv 2026-11-26" || single.Database() != "one.csv 2026-11-27" {
		t.Errorf("%q, %q", got, single.Database())
	}
	if got := both.Status(); len(got) != 2 || got[1].Age != 48*time.Hour || len(single.Status()) != 1 {
		t.Errorf("%+v", got)
	}
}
