package transfer

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// world is a Geography of a few addresses.
type world map[string]Country

func (w world) Where(addr netip.Addr) (one, other Country) {
	return w[addr.String()], w[addr.String()]
}

func (w world) Database() string { return "world 2026-11-28" }

// globe has one address in each country of these tests.
var globe = world{
	"192.0.2.1": "FR", "192.0.2.2": "DE", "192.0.2.3": "US", "192.0.2.4": "NC", "192.0.2.5": "NO", "192.0.2.6": "GB",
	"192.0.2.7": "ZZ", "192.0.2.8": "IN", "192.0.2.9": "GF", "192.0.2.10": "JP", "2001:db8::1": "FR", "2001:db8::2": "US",
}

func rulesOf(t testing.TB, c Config) *Rules {
	t.Helper()
	r, err := NewRules(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func guardOf(t testing.TB, c Config) *Guard {
	t.Helper()
	g, err := NewGuard(Options{Rules: rulesOf(t, c), Countries: globe, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func recipient(name string, country Country, hosts ...string) Recipient {
	return Recipient{Name: name, Entity: name + " SA", Country: country, Hosts: hosts}
}

// with changes a recipient.
func with(r Recipient, change func(*Recipient)) Recipient {
	change(&r)
	return r
}

func TestDataStayWhereTheyMay(t *testing.T) {
	mailer := recipient("mailer", "FR", "mail.example")
	foreign := recipient("foreign", "US", "us.example")
	certified := with(foreign, func(r *Recipient) { r.Transfer = DPF })
	daughter := with(recipient("daughter", "IE", "ie.example"), func(r *Recipient) { r.Parent = "US" })
	tests := []struct {
		name      string
		config    Config
		host      string
		addr      string
		allowed   bool
		reason    Reason
		country   Country
		recipient string
		basis     Basis
	}{
		{"inside", Config{Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.1", true, Inside, "FR", "mailer", ""},
		{"below a declared host", Config{Recipients: []Recipient{mailer}}, "Smtp.Mail.Example.", "192.0.2.2", true, Inside, "DE", "mailer", ""},
		{"outermost region", Config{Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.9", true, Inside, "GF", "mailer", ""},
		{"by IPv6", Config{Recipients: []Recipient{mailer}}, "mail.example", "2001:db8::1", true, Inside, "FR", "mailer", ""},
		{"moved outside", Config{Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.3", false, OutsideCountry, "US", "mailer", ""},
		{"moved outside by IPv6", Config{Recipients: []Recipient{mailer}}, "mail.example", "2001:db8::2", false, OutsideCountry, "US", "mailer", ""},
		{"territory of a member", Config{Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.4", false, OutsideCountry, "NC", "mailer", ""},
		{"no country", Config{Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.200", false, UnknownCountry, "", "mailer", ""},
		{"a code that is none", Config{Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.7", false, UnknownCountry, "ZZ", "mailer", ""},
		{"no address", Config{Recipients: []Recipient{mailer}}, "mail.example", "", false, UnknownCountry, "", "mailer", ""},
		{"EEA is outside the Union", Config{Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.5", false, OutsideCountry, "NO", "mailer", ""},
		{"EEA by choice", Config{Area: EEA, Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.5", true, Inside, "NO", "mailer", ""},
		{"adequate by choice", Config{Area: Adequate, Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.6", true, Inside, "GB", "mailer", ""},
		{"adequate on a condition", Config{Area: Adequate, Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.10", false, OutsideCountry, "JP", "mailer", ""},
		{"United States are not adequate", Config{Area: Adequate, Recipients: []Recipient{mailer}}, "mail.example", "192.0.2.3", false, OutsideCountry, "US", "mailer", ""},
		{"undeclared", Config{}, "mail.example", "192.0.2.1", false, Undeclared, "FR", "", ""},
		{"beside a declared host", Config{Recipients: []Recipient{mailer}}, "gmail.example", "192.0.2.1", false, Undeclared, "FR", "", ""},
		{"undeclared and outside", Config{}, "mail.example", "192.0.2.3", false, OutsideCountry, "US", "", ""},
		{"undeclared, allowed", Config{AllowUndeclared: true}, "mail.example", "192.0.2.1", true, Undeclared, "FR", "", ""},
		{"undeclared, allowed, outside", Config{AllowUndeclared: true}, "mail.example", "192.0.2.3", false, OutsideCountry, "US", "", ""},
		{"company outside, address inside", Config{Recipients: []Recipient{foreign}}, "us.example", "192.0.2.1", false, RecipientOutside, "", "foreign", ""},
		{"parent outside", Config{Recipients: []Recipient{daughter}}, "ie.example", "192.0.2.1", false, RecipientOutside, "", "daughter", ""},
		{"declared exception", Config{Recipients: []Recipient{certified}}, "us.example", "192.0.2.3", true, Excepted, "US", "foreign", DPF},
		{"exception at an address inside", Config{Recipients: []Recipient{certified}}, "us.example", "192.0.2.1", true, Excepted, "FR", "foreign", DPF},
		{"exception reaches no third country", Config{Recipients: []Recipient{certified}}, "us.example", "192.0.2.8", false, OutsideCountry, "IN", "foreign", DPF},
		{"exception in the wider area", Config{Area: Adequate, Recipients: []Recipient{certified}}, "us.example", "192.0.2.3", true, Excepted, "US", "foreign", DPF},
		{"the decision falls", Config{WithoutDPF: true, Recipients: []Recipient{certified}}, "us.example", "192.0.2.3", false, RecipientOutside, "", "foreign", ""},
		{"by address", Config{Recipients: []Recipient{recipient("net", "FR", "192.0.2.0/28")}}, "node", "192.0.2.1", true, Inside, "FR", "net", ""},
		{"address as a name", Config{Recipients: []Recipient{recipient("net", "FR", "2001:db8::1")}}, "2001:db8::1", "2001:db8::1", true, Inside, "FR", "net", ""},
		{"own network", Config{}, "origin", "10.0.0.1", true, OwnNetwork, "", "", ""},
		{"foreign company in the own network", Config{Recipients: []Recipient{foreign}}, "us.example", "10.0.0.1", false, RecipientOutside, "", "foreign", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr, _ := netip.ParseAddr(tt.addr)
			d := guardOf(t, tt.config).Decide(tt.host, addr)
			var name string
			if d.Recipient != nil {
				name = d.Recipient.Name
			}
			if d.Allowed != tt.allowed || d.Reason != tt.reason || d.Country != tt.country || name != tt.recipient || d.Basis != tt.basis {
				t.Errorf("%v %s, country %q, recipient %q, basis %q", d.Allowed, d.Reason, d.Country, name, d.Basis)
			}
		})
	}
}

func TestWorstOfWhatIsDeclaredDecides(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Recipient)
		fault  Country
		basis  Basis
	}{
		"nothing outside":                 {func(*Recipient) {}, "", ""},
		"processing outside":              {func(r *Recipient) { r.Processing = []Country{"DE", "IN"} }, "IN", ""},
		"processing, with basis":          {func(r *Recipient) { r.Processing, r.Transfer = []Country{"DE", "IN"}, SCC }, "", SCC},
		"sub-recipient outside":           {func(r *Recipient) { r.Sub = []SubRecipient{{"Cloud Inc.", "US", "", time.Time{}}} }, "US", ""},
		"sub-recipient with basis":        {func(r *Recipient) { r.Sub = []SubRecipient{{"Cloud Inc.", "US", DPF, time.Time{}}} }, "", DPF},
		"sub-recipient under the other's": {func(r *Recipient) { r.Sub, r.Transfer = []SubRecipient{{"Cloud Inc.", "US", "", time.Time{}}}, DPF }, "", DPF},
		"one of two sub-recipients": {func(r *Recipient) {
			r.Sub = []SubRecipient{{"Cloud Inc.", "US", DPF, time.Time{}}, {"Support Ltd", "IN", "", time.Time{}}}
		}, "IN", DPF},
		"adequacy":                 {func(r *Recipient) { r.Parent, r.Transfer = "JP", Adequacy }, "", Adequacy},
		"consent":                  {func(r *Recipient) { r.Parent, r.Transfer = "CN", Consent }, "", Consent},
		"territory of the country": {func(r *Recipient) { r.Processing = []Country{"PF"} }, "PF", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := guardOf(t, Config{Recipients: []Recipient{with(recipient("mailer", "FR", "mail.example"), c.change)}})
			d := g.Declared("mail.example")
			if d.Allowed != (c.fault == "") || d.Fault != c.fault || d.Basis != c.basis {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestTermsEnd(t *testing.T) {
	now := noon
	mailer := with(recipient("mailer", "FR", "mail.example"), func(r *Recipient) {
		r.Terms = Terms{Version: "3", Date: noon.AddDate(-1, 0, 0), Until: noon.Add(time.Hour)}
	})
	british := with(recipient("british", "GB", "uk.example"), func(r *Recipient) { r.Transfer = Adequacy })
	g, err := NewGuard(Options{Rules: rulesOf(t, Config{Recipients: []Recipient{mailer, british}}), Countries: globe, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	paris, london := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.6")
	if !g.Decide("mail.example", paris).Allowed || !g.Decide("uk.example", london).Allowed {
		t.Error("refused before the end")
	}
	now = noon.Add(time.Hour)
	if d := g.Decide("mail.example", paris); d.Allowed || d.Reason != Ended {
		t.Errorf("after the terms: %+v", d)
	}
	now = time.Date(2032, time.January, 1, 0, 0, 0, 0, time.UTC)
	if d := g.Decide("uk.example", london); d.Allowed || d.Reason != Ended {
		t.Errorf("after the decision: %+v", d)
	}
}

func TestFirstEndCounts(t *testing.T) {
	terms := time.Date(2035, time.January, 1, 0, 0, 0, 0, time.UTC)
	british := with(recipient("british", "GB", "uk.example"), func(r *Recipient) { r.Transfer, r.Terms = Adequacy, Terms{Until: terms} })
	decision := time.Date(2031, time.December, 28, 0, 0, 0, 0, time.UTC)
	if got := british.judge(EU, true, noon.Unix()).until; got != decision.Unix() {
		t.Errorf("ends %v", time.Unix(got, 0))
	}
	british.Terms.Until = noon.Add(time.Hour)
	if got := british.judge(EU, true, noon.Unix()).until; got != british.Terms.Until.Unix() {
		t.Errorf("ends %v", time.Unix(got, 0))
	}
}

func TestRulesTellWhatTheyHold(t *testing.T) {
	r := guardOf(t, Config{Area: EEA, Recipients: many()}).Rules()
	if all := r.Recipients(); r.Area() != EEA || len(all) != 100 || all[50].Name != "host50" {
		t.Errorf("%s, %d recipients", r.Area(), len(all))
	}
	if all := OwnNetworks(); len(all) != len(ownNetworks) || &all[0] == &ownNetworks[0] {
		t.Error("the list can be changed")
	}
}

func TestContradictionsAreRefused(t *testing.T) {
	one := recipient("one", "FR", "one.example")
	change := func(f func(*Recipient)) []Recipient {
		return []Recipient{one, with(recipient("two", "FR", "two.example"), f)}
	}
	for want, recipients := range map[string][]Recipient{
		"no name":                change(func(r *Recipient) { r.Name = "" }),
		"no entity":              change(func(r *Recipient) { r.Entity = "" }),
		"no country":             change(func(r *Recipient) { r.Country = "" }),
		"no hosts":               change(func(r *Recipient) { r.Hosts = nil }),
		"is declared twice":      change(func(r *Recipient) { r.Name = "one" }),
		"write GB":               change(func(r *Recipient) { r.Country = "UK" }),
		"write NC":               change(func(r *Recipient) { r.Country = "FR-NC" }),
		"parent: country \"ZZ\"": change(func(r *Recipient) { r.Parent = "ZZ" }),
		"processing: country":    change(func(r *Recipient) { r.Processing = []Country{"XX"} }),
		"sub-recipient has no":   change(func(r *Recipient) { r.Sub = []SubRecipient{{"X", "", "", time.Time{}}} }),
		"sub-recipient X: coun":  change(func(r *Recipient) { r.Sub = []SubRecipient{{"X", "EU", "", time.Time{}}} }),
		"transfer \"trust\"":     change(func(r *Recipient) { r.Transfer = "trust" }),
		"dpf covers companies":   change(func(r *Recipient) { r.Country, r.Transfer = "IN", DPF }),
		"does not cover US":      change(func(r *Recipient) { r.Country, r.Transfer = "US", Adequacy }),
		"does not cover IN":      change(func(r *Recipient) { r.Country, r.Transfer = "IN", Adequacy }),
		"end before":             change(func(r *Recipient) { r.Terms = Terms{Date: noon, Until: noon.Add(-time.Hour)} }),
		"written twice":          change(func(r *Recipient) { r.Hosts = []string{"one.example"} }),
		"overlaps with one.exam": change(func(r *Recipient) { r.Hosts = []string{"api.one.example"} }),
		"overlaps with 192.0.2":  {recipient("one", "FR", "192.0.2.0/24"), recipient("two", "FR", "192.0.2.7")},
		"write the name alone":   change(func(r *Recipient) { r.Hosts = []string{"*.two.example"} }),
		"in lower case":          change(func(r *Recipient) { r.Hosts = []string{"Two.example"} }),
		"as it is looked up":     change(func(r *Recipient) { r.Hosts = []string{"two.example:443"} }),
		"which stands for all":   change(func(r *Recipient) { r.Hosts = []string{"https://two.example/"} }),
		"or a range of them":     change(func(r *Recipient) { r.Hosts = []string{"10.1"} }),
		"write its own name":     change(func(r *Recipient) { r.Hosts = []string{"co.uk"} }),
		"this recipient alone":   change(func(r *Recipient) { r.Hosts = []string{"0.0.0.0/0"} }),
	} {
		_, err := NewRules(Config{Recipients: recipients}, noon)
		var at *RecipientError
		if !errors.As(err, &at) || !strings.Contains(err.Error(), want) || at.Index != 1 {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := NewRules(Config{Recipients: []Recipient{recipient("one", "FR", "one.example", "www.one.example", "192.0.2.0/28", "192.0.2.1")}}, noon); err != nil {
		t.Errorf("hosts of one recipient may overlap: %v", err)
	}
	if _, err := NewRules(Config{Area: Outside}, noon); err == nil {
		t.Error("an area that is none")
	}
}

func TestOverlapIsSeenInEitherOrder(t *testing.T) {
	wide, narrow := recipient("wide", "FR", "example.org"), recipient("narrow", "FR", "www.example.org")
	for _, both := range [][]Recipient{{wide, narrow}, {narrow, wide}} {
		if _, err := NewRules(Config{Recipients: both}, noon); err == nil || !strings.Contains(err.Error(), "www.example.org of recipient narrow overlaps with example.org of recipient wide") {
			t.Error(err)
		}
	}
}

func TestDecisionDoesNotAllocate(t *testing.T) {
	g := guardOf(t, Config{Recipients: many()})
	addr := netip.MustParseAddr("10.1.2.3")
	if n := testing.AllocsPerRun(100, func() { g.Decide("a.b.host50.example", addr) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// many are a hundred recipients.
func many() []Recipient {
	var list []Recipient
	for i := range 100 {
		name := "host" + string(rune('0'+i/10)) + string(rune('0'+i%10))
		list = append(list, recipient(name, "FR", name+".example"))
	}
	return list
}

func BenchmarkDecide(b *testing.B) {
	countries, err := NewCountries(CountriesOptions{Now: func() time.Time { return noon }})
	if err != nil {
		b.Fatal(err)
	}
	g, err := NewGuard(Options{Rules: rulesOf(b, Config{Recipients: many()}), Countries: &Atlas{First: countries}, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{"IPv4": "193.0.6.139", "IPv6": "2001:67c:2e8:22::1", "NAT64": "64:ff9b::c100:68b"} {
		addr := netip.MustParseAddr(text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !g.Decide("api.host50.example", addr).Allowed {
					b.Fatal("refused")
				}
			}
		})
	}
}

func FuzzRules(f *testing.F) {
	for _, host := range []string{"a.example", "*.a.example", "192.0.2.0/24", "::/0", "com", "a..b", "xn--a", "[::1]", "_dmarc.a.example", "fe80::1%eth0"} {
		f.Add(host, "b.example", "192.0.2.1")
	}
	f.Fuzz(func(t *testing.T, one, two, asked string) {
		r, err := NewRules(Config{Recipients: []Recipient{recipient("one", "FR", one), recipient("two", "FR", two)}}, noon)
		if err != nil {
			return
		}
		addr, _ := netip.ParseAddr(asked)
		d := r.decide(globe, asked, addr, noon.Unix())
		if d.Allowed && d.Recipient == nil && d.Reason != OwnNetwork {
			t.Errorf("%q passes: %+v", asked, d)
		}
		for i, host := range []string{one, two} {
			if prefix, ok := asNetwork(host); ok {
				addr = prefix.Addr()
			}
			if place, ok := r.hosts.find(host, addr); !ok || place != i {
				t.Errorf("%q is found at %d, %v", host, place, ok)
			}
		}
	})
}
