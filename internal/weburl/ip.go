package weburl

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// endsInNumber reports whether browsers read a name as an IPv4 address: its
// last label is a number.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" || !isDigit(last[0]) {
		return false
	}
	if strings.HasPrefix(last, "0x") {
		return strings.Trim(last[2:], "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// parseIPv4 reads one to four numbers, each decimal, octal (leading zero) or
// hexadecimal (0x). The last one fills all bytes that remain.
func parseIPv4(name string) (host string, ok bool) {
	var ip uint64
	rest, more := name, true
	for parts := 1; more; parts++ {
		var part string
		part, rest, more = strings.Cut(rest, ".")
		limit := 8
		if !more {
			limit = 8 * (5 - parts)
		}
		n, ok := parseNumber(part)
		if !ok || parts > 4 || n >= 1<<limit {
			return "", false
		}
		ip = ip<<limit | n
	}
	return canonicalIPv4(name, uint32(ip)), true
}

// canonicalIPv4 writes the address, or returns name if that is how it is
// written already.
func canonicalIPv4(name string, ip uint32) string {
	var buf [len("255.255.255.255")]byte
	b := netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}).AppendTo(buf[:0])
	if string(b) == name {
		return name
	}
	return string(b)
}

// parseNumber reads one number of an IPv4 address, of 64 bits at most.
func parseNumber(text string) (n uint64, ok bool) {
	digits, base := text, 10
	switch {
	case text == "":
		return 0, false
	case strings.HasPrefix(text, "0x"):
		digits, base = text[2:], 16
	case len(text) > 1 && text[0] == '0':
		digits, base = text[1:], 8
	}
	if digits == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(digits, base, 64)
	return n, err == nil
}

// parseIPv6 reads an address with its brackets. One that embeds IPv4 is written
// in hexadecimal, as the standard does.
func parseIPv6(text string) (host string, ok bool) {
	inner, closed := strings.CutSuffix(text[1:], "]")
	if !closed || strings.Contains(inner, "%") {
		return "", false
	}
	ip, err := netip.ParseAddr(inner)
	if err != nil || !ip.Is6() {
		return "", false
	}
	if ip.Is4In6() {
		b := ip.As16()
		return fmt.Sprintf("[::ffff:%x:%x]", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15])), true
	}
	return "[" + ip.String() + "]", true
}
