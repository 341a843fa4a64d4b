package transfer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// readList adds the ranges of a list to a table: CSV as IP2Location, DB-IP,
// IPinfo and ip-location-db write it, or the files geoip and geoip6 of Tor. A
// line holds the first and the last address, or a network, then among others the
// code of the country; addresses of IPv4 may be numbers. A heading is passed
// over, and so are comments after a #.
func readList(b *builder, data []byte) error {
	lines := csv.NewReader(bytes.NewReader(data))
	lines.Comment, lines.FieldsPerRecord, lines.ReuseRecord = '#', -1, true
	for first := true; ; first = false {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err // says the line
		}
		if first && isHeading(fields[0]) {
			continue
		}
		if err := readLine(b, fields); err != nil {
			line, _ := lines.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// isHeading tells whether a field names its column: addresses have digits or
// colons.
func isHeading(field string) bool { return !strings.ContainsAny(field, "0123456789:") }

func readLine(b *builder, fields []string) error {
	from, to, rest, err := readRange(fields)
	if err != nil {
		return err
	}
	country, ok := readCode(rest)
	if !ok {
		return errors.New("no country: write its code of two capital letters after the addresses")
	}
	return b.add(from, to, country)
}

// readRange reads the addresses that a line begins with.
func readRange(fields []string) (first, last netip.Addr, rest []string, err error) {
	if strings.IndexByte(fields[0], '/') >= 0 {
		network, err := netip.ParsePrefix(fields[0])
		if err != nil {
			return first, last, nil, errAddress
		}
		return network.Masked().Addr(), lastOf(network), fields[1:], nil
	}
	if len(fields) < 2 {
		return first, last, nil, errAddress
	}
	first, ok1 := readAddress(fields[0])
	last, ok2 := readAddress(fields[1])
	if !ok1 || !ok2 {
		return first, last, nil, errAddress
	}
	return first, last, fields[2:], nil
}

var errAddress = errors.New("no range of addresses: write the first and the last one, or a network such as 192.0.2.0/24")

func readAddress(text string) (netip.Addr, bool) {
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}), true
	}
	addr, err := netip.ParseAddr(text)
	return addr, err == nil && addr.Zone() == ""
}

// lastOf is the last address of a network.
func lastOf(network netip.Prefix) netip.Addr {
	bytes := network.Masked().Addr().AsSlice()
	for bit := network.Bits(); bit < 8*len(bytes); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// readCode finds the country among fields. Some have its name before its code.
func readCode(fields []string) (Country, bool) {
	for i, field := range fields {
		if _, ok := Country(field).index(); ok {
			return Country(field), true
		}
		if i == 0 && isUnknown(field) {
			return "", true
		}
	}
	return "", false
}

// isUnknown tells whether a list says that it does not know.
func isUnknown(field string) bool { return field == "??" || field == "-" || field == "" }

// generated finds the day on which a list was made in the comments at its
// beginning, as IPFire writes it. It is zero when they do not say.
func generated(data []byte) time.Time {
	for len(data) > 0 && data[0] == '#' {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		if text, ok := strings.CutPrefix(string(line), "# Generated: "); ok {
			if at, err := time.Parse(time.RFC1123, strings.TrimSpace(text)); err == nil {
				return at
			}
		}
	}
	return time.Time{}
}
