package transfer

import (
	"net/netip"
	"sync"
	"time"

	"github.com/phuslu/iploc"
)

// Attribution is the sentence that the licence of the embedded table demands
// (IP2Location LITE, CC BY-SA 4.0). Whoever shows countries must show it too.
const Attribution = "This site or product includes IP2Location LITE data available from http://www.ip2location.com."

// embeddedName is how registers call the embedded table.
const embeddedName = "IP2Location LITE"

// embeddedCountry is the country of an address in the embedded table.
func embeddedCountry(addr netip.Addr) Country {
	if c := Country(iploc.IPCountry(addr)); c != "ZZ" {
		return c
	}
	return ""
}

// unpack makes the embedded table ready. Its part for IPv6 is compressed, and the
// first look-up would otherwise wait 30 ms for it.
var unpack = sync.OnceFunc(func() { iploc.IPCountry(netip.IPv6Unspecified()) })

// embeddedBuilt is the day of the embedded table, which its version ends in. It
// is zero, and the table too old, when a version ends otherwise.
func embeddedBuilt() time.Time {
	const layout = "20060102"
	if len(iploc.Version) < len(layout) {
		return time.Time{}
	}
	built, err := time.Parse(layout, iploc.Version[len(iploc.Version)-len(layout):])
	if err != nil {
		return time.Time{}
	}
	return built
}
