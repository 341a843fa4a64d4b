package page

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Nearly all tags of a page are written in one way: a short name and, if any,
// attributes with short names, one blank before each, and quotes around their values.
// Such tags are read eight bytes at a time. Whatever is written otherwise is left to
// plainTag, which reads byte by byte and finds the same.

// ahead is how many bytes beyond a place may be read without asking.
const ahead = 24

// usualTag returns where the tag at p[start] ends, if it is written as usual and does
// not have to be looked at; otherwise -1.
func usualTag(p []byte, start int) int {
	i := start + 1
	if len(p)-i < ahead {
		return -1
	}
	if p[i] == '/' {
		i++
	}
	word := binary.LittleEndian.Uint64(p[i:])
	ends := zeroBytes(word^eight('>')) | zeroBytes(word^eight(' '))
	length := bits.TrailingZeros64(ends) / 8
	if length == 8 || !isOrdinary((word|eight(0x20))&(1<<(8*length)-1)) {
		return -1
	}
	for i += length; p[i] == ' '; {
		if i = usualAttribute(p, i+1); i < 0 {
			return -1
		}
	}
	if p[i] != '>' {
		return -1
	}
	return i + 1
}

// usualAttribute returns where the attribute at p[i] ends, if it is written as usual
// and acts on no element by which it may stand here; otherwise -1. What ends it is
// within p.
func usualAttribute(p []byte, i int) int {
	if len(p)-i < ahead {
		return -1
	}
	word := binary.LittleEndian.Uint64(p[i:])
	equals := zeroBytes(word ^ eight('='))
	other := lessBytes(word, '0') | zeroBytes(word^eight('>')) // blanks, quotes, slashes among them
	length := bits.TrailingZeros64(equals) / 8                 // 0: the sign is part of a name (HTML 13.2.5.32)
	if length == 0 || equals == 0 || bits.TrailingZeros64(other)/8 < length || actsAnywhere(byte(word), byte(word>>8)) {
		return -1
	}
	i += length + 1
	quote := p[i]
	if quote != '"' && quote != '\'' {
		return -1
	}
	n := bytes.IndexByte(p[i+1:], quote)
	if n < 0 {
		return -1
	}
	return complete(p, i+n+2)
}

// eight is a word of eight bytes c.
func eight(c byte) uint64 { return uint64(c) * 0x0101010101010101 }

// zeroBytes sets the highest bit of each zero byte of a word, as far as the first of
// them; beyond it, it may err (H. S. Warren, Hacker's Delight, section 6-1).
func zeroBytes(word uint64) uint64 { return (word - eight(1)) &^ word & eight(0x80) }

// lessBytes likewise marks bytes less than c, which is at most 0x80.
func lessBytes(word uint64, c byte) uint64 { return (word - eight(c)) &^ word & eight(0x80) }

// ordinaryNames are names of up to seven letters that do not have to be looked at, as words,
// at the places that ordinarySlot gives them. A name whose place is taken is left out:
// it is read byte by byte.
var ordinaryNames = func() (table [1 << ordinaryBits]uint64) {
	for _, name := range []string{
		"p", "a", "div", "span", "li", "ul", "ol", "td", "tr", "th", "em", "strong", "b", "i", "br", "h1", "h2", "h3", "h4", "h5", "h6",
		"table", "tbody", "thead", "tfoot", "dl", "dt", "dd", "nav", "main", "section", "article", "aside", "header", "footer", "figure",
		"button", "label", "form", "option", "select", "small", "sup", "sub", "code", "pre", "time", "hr", "abbr", "u", "s", "q", "cite",
		"mark", "details", "summary", "dfn", "kbd", "var", "samp", "ins", "del", "wbr", "picture", "caption", "col", "legend", "output",
		"font", "center", "address", "bdi", "bdo", "data", "dialog", "menu", "meter", "ruby", "rt", "rp", "map", "area",
	} {
		word := nameWord(name)
		if at := ordinarySlot(word); table[at] == 0 && !matters([]byte(name)) {
			table[at] = word
		}
	}
	return table
}()

const ordinaryBits = 10

func isOrdinary(word uint64) bool { return word != 0 && ordinaryNames[ordinarySlot(word)] == word }

func ordinarySlot(word uint64) uint64 { return word * 0x9e3779b97f4a7c15 >> (64 - ordinaryBits) }

// nameWord is a name of up to seven letters as it is read from a page.
func nameWord(name string) (word uint64) {
	for i := range len(name) {
		word |= uint64(name[i]) << (8 * i)
	}
	return word
}
