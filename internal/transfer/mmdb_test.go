package transfer

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// mmdb writes files of the MaxMind DB format (version 2.0), for these tests.
type mmdb struct {
	version uint64 // 4 or 6, of the addresses
	bits    int    // of a record: 24, 28 or 32
	built   time.Time
	record  func(Country) []byte // as its maker writes it
	nodes   [][2]int             // each to a node, to empty, or to ^ the place of a record
	data    []byte
	places  map[Country]int
}

const empty = 1 << 30

func newMMDB() *mmdb {
	return &mmdb{version: 6, bits: 28, built: noon.Add(-24 * time.Hour), record: maxmindRecord, nodes: [][2]int{{empty, empty}}, places: make(map[Country]int)}
}

func maxmindRecord(c Country) []byte {
	return fields("country", fields("iso_code", word(string(c))), "registered_country", fields("iso_code", word("US")))
}

// control is how a value begins, by its type and size.
func control(kind, size int) []byte {
	if kind > 7 {
		return []byte{byte(size), byte(kind - 7)}
	}
	if size >= 29 {
		return []byte{byte(kind<<5 | 29), byte(size - 29)}
	}
	return []byte{byte(kind<<5 | size)}
}

func word(text string) []byte { return append(control(2, len(text)), text...) }

func number(kind int, n uint64) []byte {
	b := bytes.TrimLeft(binary.BigEndian.AppendUint64(nil, n), "\x00")
	return append(control(kind, len(b)), b...)
}

// fields makes a map of names and encoded values.
func fields(pairs ...any) []byte {
	all := control(7, len(pairs)/2)
	for _, one := range pairs {
		switch one := one.(type) {
		case string:
			all = append(all, word(one)...)
		case []byte:
			all = append(all, one...)
		}
	}
	return all
}

// add gives a network a country.
func (m *mmdb) add(text string, c Country) *mmdb {
	network := netip.MustParsePrefix(text)
	place, ok := m.places[c]
	if !ok {
		place = len(m.data)
		m.places[c] = place
		m.data = append(m.data, m.record(c)...)
	}
	addr, bits := network.Addr().AsSlice(), network.Bits()
	if len(addr) == 4 && m.version == 6 {
		addr, bits = append(make([]byte, 12), addr...), bits+96
	}
	node := 0
	for bit := range bits {
		side := int(addr[bit/8] >> (7 - bit%8) & 1)
		if bit == bits-1 {
			m.nodes[node][side] = ^place
			break
		}
		if m.nodes[node][side] == empty {
			m.nodes = append(m.nodes, [2]int{empty, empty})
			m.nodes[node][side] = len(m.nodes) - 1
		}
		node = m.nodes[node][side]
	}
	return m
}

func (m *mmdb) file() []byte {
	var b []byte
	value := func(to int) uint32 {
		switch {
		case to == empty:
			return uint32(len(m.nodes))
		case to < 0:
			return uint32(len(m.nodes) + 16 + ^to)
		}
		return uint32(to)
	}
	for _, node := range m.nodes {
		left, right := value(node[0]), value(node[1])
		switch m.bits {
		case 24:
			b = append(b, byte(left>>16), byte(left>>8), byte(left), byte(right>>16), byte(right>>8), byte(right))
		case 28:
			b = append(b, byte(left>>16), byte(left>>8), byte(left), byte(left>>24<<4|right>>24), byte(right>>16), byte(right>>8), byte(right))
		case 32:
			b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, left), right)
		}
	}
	b = append(append(b, make([]byte, 16)...), m.data...)
	b = append(b, "\xab\xcd\xefMaxMind.com"...)
	return append(b, fields(
		"binary_format_major_version", number(5, 2), "binary_format_minor_version", number(5, 0),
		"build_epoch", number(9, uint64(m.built.Unix())), "database_type", word("Test-Country"),
		"description", fields("en", word("test")), "ip_version", number(5, m.version),
		"languages", append(control(11, 1), word("en")...), "node_count", number(6, uint64(len(m.nodes))), "record_size", number(5, uint64(m.bits)),
	)...)
}

func tableOfMMDB(t testing.TB, data []byte) (*table, time.Time) {
	t.Helper()
	var b builder
	built, err := readMMDB(&b, data)
	if err != nil {
		t.Fatal(err)
	}
	return b.table(), built
}

func TestMMDBOfEveryMakerIsRead(t *testing.T) {
	for maker, record := range map[string]func(Country) []byte{
		"MaxMind, DB-IP":          maxmindRecord,
		"ip-location-db":          func(c Country) []byte { return fields("country_code", word(string(c))) },
		"IPinfo":                  func(c Country) []byte { return fields("country", word("Somewhere"), "country_code", word(string(c))) },
		"IPinfo before":           func(c Country) []byte { return fields("country", word(string(c))) },
		"numbers and lists there": func(c Country) []byte { return fields("asn", number(6, 64500), "country_code", word(string(c))) },
	} {
		for _, bits := range []int{24, 28, 32} {
			for _, version := range []uint64{4, 6} {
				m := newMMDB()
				m.bits, m.version, m.record = bits, version, record
				m.add("192.0.2.0/25", "FR").add("192.0.2.128/25", "DE").add("198.51.100.7/32", "US")
				if version == 6 {
					m.add("2001:db8::/33", "SE").add("2001:db8:ffff::/48", "NC")
				}
				table, built := tableOfMMDB(t, m.file())
				if !built.Equal(m.built) {
					t.Errorf("%s: built %v", maker, built)
				}
				for text, want := range map[string]Country{
					"192.0.2.0": "FR", "192.0.2.127": "FR", "192.0.2.128": "DE", "192.0.2.255": "DE", "192.0.3.0": "", "192.0.1.255": "", "0.0.0.0": "", "255.255.255.255": "",
					"198.51.100.7": "US", "198.51.100.8": "", "2001:db8::": "SE", "2001:db8:7fff:ffff::": "SE", "2001:db8:8000::": "", "2001:db8:ffff::1": "NC", "::": "", "ffff::": "",
				} {
					addr := netip.MustParseAddr(text)
					if version == 4 && addr.Is6() {
						want = ""
					}
					if got := table.country(addr); got != want {
						t.Errorf("%s, %d bits, version %d: %s in %q, want %q", maker, bits, version, text, got, want)
					}
				}
			}
		}
	}
}

func TestRecordsWithoutCountryAreUnknown(t *testing.T) {
	for name, record := range map[string][]byte{
		"registered only": fields("registered_country", fields("iso_code", word("FR"))),
		"empty":           fields(),
		"other type":      fields("country", fields("iso_code", number(6, 7))),
		"long":            fields("country_code", word("FRA")),
		"lower case":      fields("country_code", word("fr")),
		"no map":          word("FR"),
	} {
		m := newMMDB()
		m.record = func(Country) []byte { return record }
		table, _ := tableOfMMDB(t, m.add("192.0.2.0/24", "FR").file())
		if got := table.country(netip.MustParseAddr("192.0.2.1")); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestDamagedMMDBIsRefused(t *testing.T) {
	good := newMMDB().add("192.0.2.0/24", "FR").add("2001:db8::/32", "DE").file()
	cases := map[string][]byte{
		"nothing":    nil,
		"no such":    bytes.Repeat([]byte("192.0.2.0,192.0.2.255,FR\n"), 10),
		"begins cut": good[40:],
		"no records": newMMDB().file(),
		"other type": bytes.Replace(good, []byte("\xebcountry"), []byte("\xebcounter"), 1)[:len(good)-3],
		"node count": bytes.Replace(good, []byte("node_count"), []byte("node_kount"), 1),
		"version":    bytes.Replace(good, append(word("binary_format_major_version"), number(5, 2)...), append(word("binary_format_major_version"), number(5, 9)...), 1),
	}
	for n := 1; n < len(good); n += 7 {
		cases["cut to "+time.Duration(n).String()] = good[:n]
	}
	for name, data := range cases {
		var b builder
		if _, err := readMMDB(&b, data); err == nil {
			t.Errorf("%s: read", name)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTreeThatMeetsItselfEnds holds a small hostile file, in which both sides of
// each node lead to the same one: it has 2 to the power of 32 networks.
func TestTreeThatMeetsItselfEnds(t *testing.T) {
	for _, end := range []int{empty, ^0} {
		m := newMMDB()
		m.version, m.nodes, m.data = 4, nil, m.record("FR")
		for i := range 31 {
			m.nodes = append(m.nodes, [2]int{i + 1, i + 1})
		}
		m.nodes = append(m.nodes, [2]int{end, ^0})
		var b builder
		if _, err := readMMDB(&b, m.file()); err == nil {
			t.Error("read")
		}
	}
}

func FuzzMMDB(f *testing.F) {
	f.Add(newMMDB().add("192.0.2.0/24", "FR").add("2001:db8::/32", "DE").file())
	small := newMMDB()
	small.version, small.bits = 4, 24
	f.Add(small.add("0.0.0.0/1", "FR").add("128.0.0.0/1", "US").file())
	f.Add([]byte("\xab\xcd\xefMaxMind.com\xe0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var b builder
		if _, err := readMMDB(&b, data); err == nil {
			checkTable(t, b.table())
		}
	})
}
