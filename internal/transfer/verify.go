package transfer

import (
	"fmt"
	"net/netip"
)

// anchor is an address of which everybody knows where it is.
type anchor struct {
	addr    netip.Addr
	country Country
}

// anchors belong to universities and registries, which have had them for decades
// and announce them at home.
var anchors = []anchor{
	{netip.MustParseAddr("193.0.6.139"), "NL"},    // RIPE NCC, Amsterdam
	{netip.MustParseAddr("131.159.0.1"), "DE"},    // TU Munich
	{netip.MustParseAddr("134.158.0.1"), "FR"},    // IN2P3
	{netip.MustParseAddr("130.225.0.1"), "DK"},    // DeiC
	{netip.MustParseAddr("129.132.19.216"), "CH"}, // ETH Zurich
	{netip.MustParseAddr("129.240.2.6"), "NO"},    // University of Oslo
	{netip.MustParseAddr("131.111.8.42"), "GB"},   // University of Cambridge
	{netip.MustParseAddr("130.14.29.110"), "US"},  // National Library of Medicine
	{netip.MustParseAddr("133.11.0.1"), "JP"},     // University of Tokyo
	{netip.MustParseAddr("200.160.2.3"), "BR"},    // NIC.br
	{netip.MustParseAddr("202.12.29.175"), "AU"},  // APNIC, Brisbane
	{netip.MustParseAddr("140.112.8.116"), "TW"},  // National Taiwan University
}

// leastCovered is how many addresses of IPv4 a complete database knows at least:
// half of all. Those of today know 86 percent.
const leastCovered = 1 << 31

// verify refuses a table that cannot be a database of the world's countries. One
// anchor may have moved.
func (t *table) verify() error {
	if t.covered < leastCovered {
		return fmt.Errorf("it knows %d percent of all IPv4 addresses: the file was cut off, or is no database of the whole world", t.covered*100>>32)
	}
	var wrong []anchor
	for _, a := range anchors {
		if t.country(a.addr) != a.country {
			wrong = append(wrong, a)
		}
	}
	if len(wrong) > 1 {
		a := wrong[0]
		return fmt.Errorf("%d of %d well-known addresses are in other countries, such as %s in %q instead of %s: the file is damaged or forged",
			len(wrong), len(anchors), a.addr, t.country(a.addr), a.country)
	}
	return nil
}
