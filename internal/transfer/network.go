package transfer

import (
	"fmt"
	"net/netip"
	"slices"
)

// OwnNetworks lists what no packet leaves the operator's own network for:
// loopback (RFC 1122, RFC 4291), private (RFC 1918), unique local (RFC 4193) and
// link-local addresses (RFC 3927, RFC 4291). Shared addresses of providers
// (100.64.0.0/10, RFC 6598) are not among them: they lead to a stranger.
func OwnNetworks() []netip.Prefix { return slices.Clone(ownNetworks) }

var ownNetworks = prefixes(
	"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
	"::1/128", "fc00::/7", "fe80::/10",
)

// WellKnownNAT64 is the prefix of translators that RFC 6052 gives to everybody.
var WellKnownNAT64 = netip.MustParsePrefix("64:ff9b::/96")

// tunnels lead through relays of which nobody knows where they are: 6to4 (RFC
// 3056, its relays are given up by RFC 7526) and Teredo (RFC 4380). The address
// that they carry says nothing about the way.
var tunnels = prefixes("2002::/16", "2001::/32")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// networks says of addresses what no database knows.
type networks struct {
	own   []netip.Prefix
	nat64 []netip.Prefix
}

// kind is what sort of way leads to an address.
type kind uint8

const (
	public kind = iota // its country decides
	own                // within the operator's network
	hidden             // through a tunnel, or a translator to a network that it cannot stand for
)

// reach says which address a packet to addr really reaches, and by what way.
// Zones are only the interface that it leaves by, and mapped addresses are
// others in the clothes of IPv6.
func (n *networks) reach(addr netip.Addr) (netip.Addr, kind) {
	addr = addr.Unmap().WithZone("")
	if addr.IsUnspecified() || contains(n.own, addr) {
		return addr, own // unspecified means this machine
	}
	if addr.Is4() {
		return addr, public
	}
	for _, prefix := range n.nat64 {
		if !prefix.Contains(addr) {
			continue
		}
		addr = translated(addr, prefix.Bits())
		if addr.IsUnspecified() || contains(n.own, addr) || contains(ownNetworks, addr) {
			return addr, hidden // RFC 6052, section 3.1
		}
		return addr, public
	}
	if contains(tunnels, addr) {
		return addr, hidden
	}
	return addr, public
}

func contains(list []netip.Prefix, addr netip.Addr) bool {
	for i := range list {
		if list[i].Contains(addr) {
			return true
		}
	}
	return false
}

// translated is the IPv4 address within one of a translator whose prefix has
// this many bits (RFC 6052, section 2.2): it follows the prefix and leaves out
// the ninth byte.
func translated(addr netip.Addr, bits int) netip.Addr {
	const skipped = 8
	bytes := addr.As16()
	var v4 [4]byte
	from := bits / 8
	for i := range v4 {
		if from == skipped {
			from++
		}
		v4[i] = bytes[from]
		from++
	}
	return netip.AddrFrom4(v4)
}

// newNetworks checks what the owner declares. No own networks means OwnNetworks.
func newNetworks(ownNets, nat64 []netip.Prefix) (networks, error) {
	n := networks{own: ownNetworks, nat64: []netip.Prefix{WellKnownNAT64}}
	for _, prefix := range ownNets {
		if err := checkOwn(prefix); err != nil {
			return n, err
		}
	}
	if len(ownNets) > 0 {
		n.own = slices.Clone(ownNets)
	}
	for _, prefix := range nat64 {
		if err := checkNAT64(prefix); err != nil {
			return n, err
		}
		n.nat64 = append(n.nat64, prefix)
	}
	return n, nil
}

// The widest networks that one operator may have: the largest that were ever
// given to one.
const (
	widestV4 = 8
	widestV6 = 19
)

func checkOwn(prefix netip.Prefix) error {
	if !prefix.IsValid() {
		return fmt.Errorf("an own network is no range of addresses: write one such as 203.0.113.0/24")
	}
	if prefix != prefix.Masked() {
		return fmt.Errorf("own network %s has bits beyond its length: write %s", prefix, prefix.Masked())
	}
	widest := widestV4
	if prefix.Addr().Is6() {
		widest = widestV6
	}
	if prefix.Bits() < widest && !slices.ContainsFunc(ownNetworks, func(p netip.Prefix) bool { return p.Bits() <= prefix.Bits() && p.Contains(prefix.Addr()) }) {
		return fmt.Errorf("own network %s is wider than one operator's can be, and everything in it would pass: write /%d or narrower", prefix, widest)
	}
	return nil
}

func checkNAT64(prefix netip.Prefix) error {
	if !prefix.IsValid() || !prefix.Addr().Is6() || prefix.Addr().Is4In6() {
		return fmt.Errorf("nat64 %s: write the IPv6 prefix of the translator, such as 2001:db8:64::/96", prefix)
	}
	switch prefix.Bits() {
	case 32, 40, 48, 56, 64, 96:
	default:
		return fmt.Errorf("nat64 %s: a translator's prefix has 32, 40, 48, 56, 64 or 96 bits (RFC 6052)", prefix)
	}
	if prefix != prefix.Masked() || prefix.Addr().As16()[8] != 0 {
		return fmt.Errorf("nat64 %s has bits where none may be (RFC 6052): write the prefix alone", prefix)
	}
	return nil
}
