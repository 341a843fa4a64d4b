package transfer

import (
	"errors"
	"fmt"
	"net/netip"
)

// table holds the country of every address, read from a file. It takes 6 bytes
// for a range of IPv4 and 18 for one of IPv6, and none of it is taken from the file as it
// was: whatever was wrong there cannot harm a look-up.
type table struct {
	v4      []uint32 // where ranges begin, ascending; each ends where the next begins
	v6      []position
	codes4  []uint16 // of countries, by codeOf
	codes6  []uint16
	covered uint64 // addresses of IPv4 whose country is known
}

// position is an address as a number.
type position struct{ high, low uint64 }

func (p position) less(q position) bool {
	return p.high < q.high || p.high == q.high && p.low < q.low
}

// next is the position after p; ok is false when p is the last.
func (p position) next() (q position, ok bool) {
	p.low++
	if p.low == 0 {
		p.high++
	}
	return p, p != position{}
}

func positionOf(addr netip.Addr) position {
	var p position
	if addr.Is4() {
		for _, b := range addr.As4() {
			p.low = p.low<<8 | uint64(b)
		}
		return p
	}
	bytes := addr.As16()
	for i := range 8 {
		p.high, p.low = p.high<<8|uint64(bytes[i]), p.low<<8|uint64(bytes[8+i])
	}
	return p
}

// codeOf keeps a country in two bytes. 0 is unknown.
func codeOf(c Country) uint16 {
	if i, ok := c.index(); ok {
		return uint16(i) + 1
	}
	return 0
}

// spelled is every code of two letters, one after the other.
var spelled = func() string {
	all := make([]byte, 0, 2*pairs)
	for i := range pairs {
		all = append(all, byte('A'+i/letters), byte('A'+i%letters))
	}
	return string(all)
}()

func countryOf(code uint16) Country {
	if code == 0 {
		return ""
	}
	at := 2 * int(code-1)
	return Country(spelled[at : at+2])
}

// country does not allocate.
func (t *table) country(addr netip.Addr) Country {
	p := positionOf(addr)
	if addr.Is4() {
		return t.country4(uint32(p.low))
	}
	from, to := 0, len(t.v6)
	for from < to {
		if middle := int(uint(from+to) >> 1); p.less(t.v6[middle]) {
			to = middle
		} else {
			from = middle + 1
		}
	}
	if from == 0 {
		return ""
	}
	return countryOf(t.codes6[from-1])
}

func (t *table) country4(p uint32) Country {
	from, to := 0, len(t.v4)
	for from < to {
		if middle := int(uint(from+to) >> 1); p < t.v4[middle] {
			to = middle
		} else {
			from = middle + 1
		}
	}
	if from == 0 {
		return ""
	}
	return countryOf(t.codes4[from-1])
}

// maxRanges bounds what a file can make a table take: 72 MiB. Complete databases
// have less than a million ranges.
const maxRanges = 4 << 20

var (
	errOrder = errors.New("ranges overlap or are not in ascending order: the file is damaged, or sorted otherwise")
	errSize  = fmt.Errorf("more than %d ranges: a database of countries has fewer", maxRanges)
)

// builder makes a table of ranges that come in ascending order, each family by
// itself.
type builder struct {
	v4, v6 family
}

// family is the part of a table that is being built. The country of all
// addresses before next is settled.
type family struct {
	begin []position
	codes []uint16
	next  position
	full  bool
}

// add gives the addresses from first to last a country.
func (b *builder) add(first, last netip.Addr, c Country) error {
	first, last = first.Unmap(), last.Unmap()
	if first.BitLen() != last.BitLen() || last.Less(first) {
		return fmt.Errorf("the range from %s to %s has no end: write the lower address first", first, last)
	}
	if len(b.v4.begin)+len(b.v6.begin) >= maxRanges {
		return errSize
	}
	f := &b.v6
	if first.Is4() {
		f = &b.v4
	}
	return f.add(positionOf(first), positionOf(last), codeOf(c))
}

func (f *family) add(first, last position, code uint16) error {
	if f.full || first.less(f.next) {
		return errOrder
	}
	if f.next != first {
		f.begins(f.next, 0)
	}
	f.begins(first, code)
	next, more := last.next()
	f.next, f.full = next, !more
	return nil
}

// begins starts a range, unless the one before has the same country.
func (f *family) begins(at position, code uint16) {
	if n := len(f.codes); n > 0 && f.codes[n-1] == code {
		return
	}
	f.begin, f.codes = append(f.begin, at), append(f.codes, code)
}

// end settles the rest of the addresses, which are unknown.
func (f *family) end() {
	if !f.full && len(f.begin) > 0 {
		f.begins(f.next, 0)
	}
}

func (b *builder) table() *table {
	b.v4.end()
	b.v6.end()
	t := &table{v6: b.v6.begin, codes6: b.v6.codes}
	for i, p := range b.v4.begin {
		if p.low > lastV4 {
			break
		}
		end := uint64(lastV4) + 1
		if i+1 < len(b.v4.begin) {
			end = b.v4.begin[i+1].low
		}
		t.v4, t.codes4 = append(t.v4, uint32(p.low)), append(t.codes4, b.v4.codes[i])
		if b.v4.codes[i] != 0 {
			t.covered += end - p.low
		}
	}
	return t
}

const lastV4 = 1<<32 - 1
