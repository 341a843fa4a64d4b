package transfer

import (
	"net/netip"
	"strings"
	"testing"
)

func TestAddressesAreWhatTheyReallyReach(t *testing.T) {
	n, err := newNetworks(nil, prefixes("2001:db8::/32", "2001:db8:122::/48", "64:ff9b:1::/96"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]struct {
		addr string
		way  kind
	}{
		"192.0.2.33":                   {"192.0.2.33", public},
		"::ffff:192.0.2.33":            {"192.0.2.33", public},
		"::ffff:c000:221":              {"192.0.2.33", public},
		"::192.0.2.33":                 {"::c000:221", public}, // given up by RFC 4291: no database has a country for it
		"64:ff9b::192.0.2.33":          {"192.0.2.33", public},
		"64:ff9b:1::192.0.2.33":        {"192.0.2.33", public},
		"64:ff9b:1:1::192.0.2.33":      {"64:ff9b:1:1::c000:221", public}, // of a translator that is not declared
		"64:ff9b::10.0.0.1":            {"10.0.0.1", hidden},
		"64:ff9b::127.0.0.1":           {"127.0.0.1", hidden},
		"64:ff9b::169.254.169.254":     {"169.254.169.254", hidden},
		"64:ff9b::0.0.0.0":             {"0.0.0.0", hidden},
		"2001:db8:c000:221::":          {"192.0.2.33", public}, // the rows of RFC 6052, section 2.4
		"2002:c000:221::1":             {"2002:c000:221::1", hidden},
		"2002:0a00:0001::1":            {"2002:a00:1::1", hidden},
		"2001:0:53aa:64c:0:7aa:a1b2::": {"2001:0:53aa:64c:0:7aa:a1b2:0", hidden},
		"127.0.0.1":                    {"127.0.0.1", own},
		"127.255.255.254":              {"127.255.255.254", own},
		"10.1.2.3":                     {"10.1.2.3", own},
		"172.16.0.1":                   {"172.16.0.1", own},
		"172.32.0.1":                   {"172.32.0.1", public},
		"192.168.1.1":                  {"192.168.1.1", own},
		"169.254.169.254":              {"169.254.169.254", own},
		"::ffff:10.1.2.3":              {"10.1.2.3", own},
		"::1":                          {"::1", own},
		"fd00::1":                      {"fd00::1", own},
		"fe80::1%eth0":                 {"fe80::1", own},
		"2a00::1%eth0":                 {"2a00::1", public},
		"fec0::1":                      {"fec0::1", public},
		"0.0.0.0":                      {"0.0.0.0", own},
		"::":                           {"::", own},
		"100.64.0.1":                   {"100.64.0.1", public},
	} {
		addr, way := n.reach(netip.MustParseAddr(text))
		if addr.String() != want.addr || way != want.way {
			t.Errorf("%s: %s, %d, want %s, %d", text, addr, way, want.addr, want.way)
		}
	}
}

// TestTranslatedAddressesAreFoundWhereverTheyStand holds the table of RFC 6052,
// section 2.4.
func TestTranslatedAddressesAreFoundWhereverTheyStand(t *testing.T) {
	for prefix, text := range map[string]string{
		"2001:db8::/32":         "2001:db8:c000:221::",
		"2001:db8:100::/40":     "2001:db8:1c0:2:21::",
		"2001:db8:122::/48":     "2001:db8:122:c000:2:2100::",
		"2001:db8:122:300::/56": "2001:db8:122:3c0:0:221::",
		"2001:db8:122:344::/64": "2001:db8:122:344:c0:2:2100::",
		"2001:db8:122:344::/96": "2001:db8:122:344::192.0.2.33",
		"64:ff9b::/96":          "64:ff9b::192.0.2.33",
	} {
		p, addr := netip.MustParsePrefix(prefix), netip.MustParseAddr(text)
		if err := checkNAT64(p); err != nil || !p.Contains(addr) {
			t.Errorf("%s: %v", prefix, err)
		}
		if got := translated(addr, p.Bits()); got.String() != "192.0.2.33" {
			t.Errorf("%s in %s: %s", text, prefix, got)
		}
	}
}

func TestSpecialAddressesPassOnlyWithinTheOwnNetwork(t *testing.T) {
	countries, err := NewCountries(CountriesOptions{Now: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGuard(Options{Rules: rulesOf(t, Config{Area: Adequate, AllowUndeclared: true}), Countries: &Atlas{First: countries}, Now: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	// The special-purpose registries of IANA, and what mapped and translated
	// addresses make of them.
	for _, text := range []string{
		"0.0.0.1", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
		"255.255.255.255", "::ffff:224.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1",
		"2001:db8::1", "2002:c100:68b::1", "fec0::1", "ff02::1", "3fff::1", "5f00::1", "::c100:68b",
	} {
		if d := g.Decide("x", netip.MustParseAddr(text)); d.Allowed || d.Reason != UnknownCountry && d.Reason != Hidden {
			t.Errorf("%s: %+v", text, d)
		}
	}
	if d := g.Decide("x", netip.Addr{}); d.Allowed {
		t.Errorf("no address: %+v", d)
	}
	if d := g.Decide("x", netip.MustParseAddr("64:ff9b::193.0.6.139")); !d.Allowed || d.Country != "NL" {
		t.Errorf("translated: %+v", d)
	}
}

func TestNetworksAreCheckedAsDeclared(t *testing.T) {
	for text, want := range map[string]string{
		"0.0.0.0/0": "wider", "64.0.0.0/2": "wider", "2000::/3": "wider", "2a00::/12": "wider", "::/0": "wider", "fc00::/6": "wider",
		"10.0.0.1/8": "write 10.0.0.0/8", "10.0.0.0/8": "", "fc00::/7": "", "fd00::/8": "", "fe80::/10": "", "203.0.113.0/24": "", "2a01:e0a::/32": "",
	} {
		_, err := NewRules(Config{Own: prefixes(text)}, noon)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("own network %s: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"64:ff9b:1::/48": "", "2001:db8::/64": "", "2001:db8::/44": "has 32, 40", "192.0.2.0/24": "IPv6 prefix", "2001:db8:0:0:100::/96": "where none may be",
		"2001:db8::1/96": "where none may be",
	} {
		_, err := NewRules(Config{NAT64: prefixes(text)}, noon)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("nat64 %s: %v", text, err)
		}
	}
	if _, err := NewRules(Config{Own: []netip.Prefix{{}}}, noon); err == nil {
		t.Error("an invalid own network")
	}
	if _, err := NewRules(Config{NAT64: []netip.Prefix{{}}}, noon); err == nil {
		t.Error("an invalid translator")
	}
}

func FuzzReach(f *testing.F) {
	for _, text := range []string{"127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::1.2.3.4", "2002::", "fe80::1"} {
		bytes := netip.MustParseAddr(text).As16()
		f.Add(bytes[:])
	}
	r, err := NewRules(Config{AllowUndeclared: true}, noon)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		addr, ok := netip.AddrFromSlice(bytes)
		if !ok {
			return
		}
		d := r.decide(world{}, "x", addr, noon.Unix())
		plain := addr.Unmap()
		local := plain.IsLoopback() || plain.IsPrivate() || plain.IsLinkLocalUnicast() || plain.IsUnspecified()
		if d.Allowed != local {
			t.Errorf("%s: %+v", addr, d)
		}
	})
}
