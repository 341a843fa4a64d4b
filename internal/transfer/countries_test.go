package transfer

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func atNoon() time.Time { return noon }

// complete is a list that passes for a database of the world: the anchors are
// where they are, and all else is in one country.
func complete(elsewhere Country) string {
	var b strings.Builder
	next := netip.MustParseAddr("0.0.0.0")
	line := func(first, last netip.Addr, c Country) { fmt.Fprintf(&b, "%s,%s,%s\n", first, last, c) }
	sorted := slices.SortedFunc(slices.Values(anchors), func(a, b anchor) int { return a.addr.Compare(b.addr) })
	for _, a := range sorted {
		line(next, a.addr.Prev(), elsewhere)
		line(a.addr, a.addr, a.country)
		next = a.addr.Next()
	}
	line(next, netip.MustParseAddr("255.255.255.255"), elsewhere)
	line(netip.MustParseAddr("2001:db8::"), netip.MustParseAddr("2001:db8::ffff"), elsewhere)
	return b.String()
}

// shelf is a folder with a database in it.
type shelf struct {
	t    *testing.T
	path string
	now  time.Time
	*Countries
}

func newShelf(t *testing.T, name string) *shelf {
	t.Helper()
	s := &shelf{t: t, path: filepath.Join(t.TempDir(), name), now: noon}
	var err error
	s.Countries, err = NewCountries(CountriesOptions{Path: s.path, Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// put writes a file as of a time.
func (s *shelf) put(path, data string, at time.Time) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		s.t.Fatal(err)
	}
}

// somewhere is an address that only the file decides about.
var somewhere = netip.MustParseAddr("192.0.2.1")

// wants refreshes, and checks what then holds.
func (s *shelf) wants(step string, swapped bool, country Country, fault string) {
	s.t.Helper()
	got, err := s.Refresh()
	if got != swapped || (err == nil) != (fault == "") || err != nil && !strings.Contains(err.Error(), fault) {
		s.t.Errorf("%s: swapped %v, %v", step, got, err)
	}
	if c := s.Country(somewhere); c != country {
		s.t.Errorf("%s: %q, want %q", step, c, country)
	}
	if alarms := s.Status().Alarms(); (len(alarms) == 0) != (fault == "") {
		s.t.Errorf("%s: alarms %v", step, alarms)
	}
	if again, err := s.Refresh(); again || err != nil {
		s.t.Errorf("%s: told twice: %v, %v", step, again, err)
	}
}

func TestDoubtfulDatabasesDoNotTakeThePlaceOfGoodOnes(t *testing.T) {
	s := newShelf(t, "world.csv")
	s.wants("no file", false, "", "no such file")
	s.put(s.path, complete("FR"), noon.Add(-72*time.Hour))
	s.wants("a good one", true, "FR", "")
	s.put(s.path, complete("DE"), noon.Add(-48*time.Hour))
	s.wants("a newer one", true, "DE", "")

	half, _, _ := strings.Cut(complete("SE"), "131.111.8.43")
	swapped := strings.NewReplacer(",NL\n", ",CN\n", ",JP\n", ",CN\n").Replace(complete("SE"))
	at := noon.Add(-24 * time.Hour)
	for fault, data := range map[string]string{
		"7 of 12 well-known addresses":     half,
		"bytes: the file was cut off":      "1",
		"well-known addresses are in":      swapped,
		"no range of addresses":            strings.Repeat("<html>404 Not Found</html>\n", 9),
		"ranges overlap":                   complete("SE") + complete("SE"),
		"no country: write its code":       strings.ReplaceAll(complete("SE"), ",SE", ",Sweden"),
		"of all IPv4 addresses: the file ": strings.ReplaceAll(complete("SE"), ",SE", ",??"),
	} {
		at = at.Add(time.Minute)
		s.put(s.path, data, at)
		s.wants(fault, false, "DE", fault)
	}
	s.put(s.path, complete("SE"), noon.Add(-72*time.Hour))
	s.wants("an older one", false, "DE", "before the one in use")
	s.put(s.path, complete("SE"), noon.Add(100*time.Hour))
	s.wants("one of the future", false, "DE", "yet to come")
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	s.wants("removed", false, "DE", "no such file")
	s.put(s.path, complete("SE"), noon)
	s.wants("a good one again", true, "SE", "")
	if err := errors.Join(os.Remove(s.path), os.Mkdir(s.path, 0o700)); err != nil {
		t.Fatal(err)
	}
	s.wants("a folder in its place", false, "SE", "is no file")
}

func TestOneAnchorMayMove(t *testing.T) {
	s := newShelf(t, "world.csv")
	s.put(s.path, strings.Replace(complete("FR"), ",BR\n", ",UY\n", 1), noon)
	s.wants("one moved", true, "FR", "")
}

func TestAgeOfTheDatabaseIsKnown(t *testing.T) {
	s := newShelf(t, "world.csv")
	s.put(s.path, complete("FR"), noon.Add(-24*time.Hour))
	s.wants("fresh", true, "FR", "")
	if got := s.Status(); got.Age != 24*time.Hour || got.Stale || got.Database != "world.csv 2026-11-27" {
		t.Errorf("%+v", got)
	}
	s.now = noon.AddDate(1, 0, 0)
	got := s.Status()
	if alarms := got.Alarms(); !got.Stale || len(alarms) != 1 || !strings.Contains(alarms[0].Error(), "366 days old") {
		t.Errorf("after a year: %v", alarms)
	}
	if c := s.Country(somewhere); c != "FR" {
		t.Errorf("old data are still used: %q", c)
	}
}

func TestOldFilesYieldToTheEmbeddedTable(t *testing.T) {
	s := newShelf(t, "world.csv")
	s.put(s.path, complete("FR"), noon.AddDate(0, -4, 0)) // older than the embedded table, and not too old
	s.wants("the owner's choice", true, "FR", "")
	old := newShelf(t, "world.csv")
	old.put(old.path, complete("FR"), noon.AddDate(-3, 0, 0))
	old.wants("frozen years ago", false, "", "older than may be")
}

func TestEveryKindOfFileIsReadByItsName(t *testing.T) {
	t.Run("mmdb", func(t *testing.T) {
		s := newShelf(t, "Country.MMDB")
		m := newMMDB().add("0.0.0.0/1", "FR").add("128.0.0.0/2", "FR").add("192.0.0.0/24", "FR").add("192.0.2.0/24", "DE")
		s.put(s.path, string(m.file()), noon)
		s.wants("without anchors", false, "", "well-known addresses")
		m = newMMDB()
		for _, part := range split(netip.MustParsePrefix("0.0.0.0/0")) {
			m.add(part.prefix, part.country)
		}
		s.put(s.path, string(m.file()), noon.Add(time.Second))
		s.wants("complete", true, "SE", "")
		if got := s.Status(); !got.Built.Equal(m.built) {
			t.Errorf("built %v", got.Built)
		}
	})
	t.Run("tor", func(t *testing.T) {
		s := newShelf(t, "tor")
		if err := os.Mkdir(s.path, 0o700); err != nil {
			t.Fatal(err)
		}
		v4, v6 := filepath.Join(s.path, "geoip"), filepath.Join(s.path, "geoip6")
		header := "# Generated: Thu, 26 Nov 2026 04:33:59 GMT\n"
		list, _, _ := strings.Cut(complete("FR"), "2001:db8")
		s.put(v4, header+list, noon)
		s.wants("a half of it", false, "", "geoip6")
		s.put(v6, header+"2001:db8::,2001:db8::ffff,FR\n# "+strings.Repeat("-", leastFile), noon)
		s.wants("both", true, "FR", "")
		if got := s.Status(); got.Built.Format(time.DateOnly) != "2026-11-26" || s.Country(netip.MustParseAddr("2001:db8::1")) != "FR" {
			t.Errorf("%+v", got)
		}
		s.put(v6, header+"2001:db8::,2001:db8::ffff,DE\n# "+strings.Repeat("-", leastFile), noon.Add(-time.Hour))
		s.wants("the second has changed", true, "FR", "")
		if c := s.Country(netip.MustParseAddr("2001:db8::1")); c != "DE" {
			t.Errorf("%q", c)
		}
	})
	t.Run("other", func(t *testing.T) {
		s := newShelf(t, "world.dat")
		s.put(s.path, complete("FR"), noon)
		s.wants("of no known kind", false, "", "not a directory")
	})
}

// piece is a network with one country.
type piece struct {
	prefix  string
	country Country
}

// split cuts a network so that each anchor stands alone, and all else is in Sweden.
func split(network netip.Prefix) []piece {
	var inside []anchor
	for _, a := range anchors {
		if network.Contains(a.addr) {
			inside = append(inside, a)
		}
	}
	switch {
	case network.Bits() == 0, len(inside) > 0 && network.Bits() < 32:
		low := netip.PrefixFrom(network.Addr(), network.Bits()+1)
		high := netip.PrefixFrom(lastOf(network), network.Bits()+1).Masked()
		return append(split(low), split(high)...)
	case len(inside) == 1:
		return []piece{{network.String(), inside[0].country}}
	}
	return []piece{{network.String(), "SE"}}
}

func TestEmbeddedTableKnowsTheWorld(t *testing.T) {
	c, err := NewCountries(CountriesOptions{Now: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range append(slices.Clone(anchors), []anchor{
		{netip.MustParseAddr("2001:67c:2e8:22::1"), "NL"}, {netip.MustParseAddr("2001:660::1"), "FR"}, {netip.MustParseAddr("2001:200::1"), "JP"},
		{netip.MustParseAddr("::ffff:193.0.6.139"), "NL"}, {netip.MustParseAddr("127.0.0.1"), ""}, {netip.MustParseAddr("::1"), ""}, {netip.Addr{}, ""},
	}...) {
		if got := c.Country(a.addr); got != a.country {
			t.Errorf("%s: %q, want %q", a.addr, got, a.country)
		}
	}
	status := c.Status()
	if status.Built.Year() < 2026 || !strings.HasPrefix(status.Database, embeddedName+" 20") || !strings.HasSuffix(Attribution, "http://www.ip2location.com.") {
		t.Errorf("%+v", status)
	}
	if swapped, err := c.Refresh(); swapped || err != nil {
		t.Errorf("%v, %v", swapped, err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for want, o := range map[string]CountriesOptions{"clock": {}, "write 0 for 180d": {Now: atNoon, MaxAge: -1}} {
		if _, err := NewCountries(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
	rules := rulesOf(t, Config{})
	for want, o := range map[string]Options{
		"rules": {Countries: globe, Now: atNoon}, "countries of addresses": {Rules: rules, Now: atNoon}, "clock": {Rules: rules, Countries: globe},
	} {
		if _, err := NewGuard(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
}

func TestLookUpsDoNotAllocate(t *testing.T) {
	s := newShelf(t, "world.csv")
	addr4, addr6 := netip.MustParseAddr("193.0.6.139"), netip.MustParseAddr("2001:db8::1")
	for range 2 {
		if n := testing.AllocsPerRun(100, func() { s.Country(addr4); s.Country(addr6) }); n != 0 {
			t.Errorf("%s: %v allocations", s.Database(), n)
		}
		s.put(s.path, complete("FR"), noon)
		if _, err := s.Refresh(); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkCountry(b *testing.B) {
	c, err := NewCountries(CountriesOptions{Now: atNoon})
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{"IPv4": "193.0.6.139", "IPv6": "2001:67c:2e8:22::1"} {
		addr := netip.MustParseAddr(text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if c.Country(addr) != "NL" {
					b.Fatal("elsewhere")
				}
			}
		})
	}
}
