package catalogue

import (
	"cmp"
	"slices"
	"strings"
)

// Index finds, among many patterns, the one that matches a name best. A pattern is a whole name
// ("sid") or a beginning followed by a star ("_ga_*"). Bytes are compared as they are: cookie names
// have case. A search reads each byte of the name at most once and allocates nothing, so it is as
// fast with ten thousand patterns as with one. The zero Index matches nothing. An Index is never
// changed after NewIndex and may be shared.
//
// It is a trie in one array (J. Aoe, "An Efficient Digital Search Algorithm by Using a Double-Array
// Structure", 1989): the cell of a text followed by byte c is c cells after the base of the text's
// own cell. There is no pointer in it for the garbage collector to follow.
type Index[V any] struct {
	values []V
	cells  []cell
}

// cell stands for the beginning of a pattern. The first is that of the empty text.
type cell struct {
	base   int32 // where the cells of the texts one byte longer are counted from
	parent int32 // the cell of the text one byte shorter, plus one; 0: the cell is free
	whole  int32 // the value of this very text, plus one; 0: it is no pattern
	begin  int32 // the value of this text followed by a star, plus one
}

// NewIndex builds an index of patterns. "*" alone matches every name.
func NewIndex[V any](patterns map[string]V) *Index[V] {
	x := new(Index[V])
	all := make([]pattern, 0, len(patterns))
	for text, value := range patterns {
		x.values = append(x.values, value)
		text, begins := strings.CutSuffix(text, "*")
		all = append(all, pattern{text, begins, int32(len(x.values))})
	}
	slices.SortFunc(all, func(a, b pattern) int { return cmp.Compare(a.text, b.text) })
	x.reserve(0)
	x.cells[0].parent = -1 // has none, but is not free
	x.grow(0, 0, all)
	return x
}

// Longest returns the value of the most particular pattern that matches name: the whole name, or
// else the longest beginning.
func (x *Index[V]) Longest(name string) (value V, ok bool) {
	if best := x.longest(name); best != 0 {
		return x.values[best-1], true
	}
	return value, false
}

// longest returns the place of that value, plus one, or 0.
func (x *Index[V]) longest(name string) (best int32) {
	cells := x.cells
	if len(cells) == 0 {
		return 0
	}
	at := &cells[0]
	self := int32(1) // the place of at, plus one
	for i := range len(name) {
		if at.begin != 0 {
			best = at.begin
		}
		next := at.base + int32(name[i])
		if at = &cells[next]; at.parent != self {
			return best
		}
		self = next + 1
	}
	if at.whole != 0 {
		return at.whole
	}
	if at.begin != 0 {
		return at.begin
	}
	return best
}

// pattern is one to be put into the index.
type pattern struct {
	text   string
	begins bool // a star follows
	value  int32
}

// grow puts patterns, sorted and alike in their first depth bytes, below the cell of those bytes.
func (x *Index[V]) grow(at int32, depth int, patterns []pattern) {
	for len(patterns) > 0 && len(patterns[0].text) == depth {
		if p := patterns[0]; p.begins {
			x.cells[at].begin = p.value
		} else {
			x.cells[at].whole = p.value
		}
		patterns = patterns[1:]
	}
	if len(patterns) == 0 {
		return
	}
	branches := branch(patterns, depth)
	base := x.place(branches, depth)
	x.cells[at].base = base
	for _, b := range branches {
		x.cells[base+int32(b[0].text[depth])].parent = at + 1
	}
	for _, b := range branches {
		x.grow(base+int32(b[0].text[depth]), depth+1, b)
	}
}

// branch parts patterns into those that have the same byte at depth.
func branch(patterns []pattern, depth int) (branches [][]pattern) {
	for len(patterns) > 0 {
		n := 1
		for n < len(patterns) && patterns[n].text[depth] == patterns[0].text[depth] {
			n++
		}
		branches, patterns = append(branches, patterns[:n]), patterns[n:]
	}
	return branches
}

// place finds a base from which the cells of all branches are free. It searches the end of the array
// only: nearly all cells before it are taken, and looking at each would take longer than what the
// few gaps save.
func (x *Index[V]) place(branches [][]pattern, depth int) int32 {
	for base := max(len(x.cells)-2*reach, 0); ; base++ {
		x.reserve(base)
		taken := slices.ContainsFunc(branches, func(b []pattern) bool {
			return x.cells[base+int(b[0].text[depth])].parent != 0
		})
		if !taken {
			return int32(base)
		}
	}
}

// reach is how many cells can follow one.
const reach = 256

// reserve makes room for every byte after base, so that a search never leaves the array.
func (x *Index[V]) reserve(base int) {
	if missing := base + reach - len(x.cells); missing > 0 {
		x.cells = append(x.cells, make([]cell, missing)...)
	}
}
