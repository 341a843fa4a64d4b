package catalogue

import (
	"iter"
	"slices"
	"strings"
)

// Index finds, among many patterns, those that match a name. A pattern is a whole name ("sid") or a
// beginning followed by a star ("_ga_*"). Bytes are compared as they are: cookie names have case.
// A search costs one map access and one binary search and allocates nothing, so it stays about as
// fast with ten thousand patterns as with one. The zero Index matches nothing. An Index is never
// changed after NewIndex and may be shared.
type Index[V any] struct {
	exact    map[string]V
	prefixes []prefix[V]
	starts   [257]int32 // prefixes[starts[b]:starts[b+1]] begin with byte b
	begins   [64]uint64 // a bit for each beginning of a prefix: most names have none of them
	short    bool       // some prefix is too short to have such a bit
}

// prefix is one "name*" pattern. All prefixes of a name are prefixes of each other, so the longest
// one leads to the others through parent.
type prefix[V any] struct {
	text   string
	value  V
	parent int32 // the next shorter prefix that this one begins with; -1 for none
}

// NewIndex builds an index of patterns. "*" alone matches every name.
func NewIndex[V any](patterns map[string]V) *Index[V] {
	x := &Index[V]{exact: make(map[string]V, len(patterns))}
	for pattern, value := range patterns {
		if text, ok := strings.CutSuffix(pattern, "*"); ok {
			x.prefixes = append(x.prefixes, prefix[V]{text: text, value: value})
		} else {
			x.exact[pattern] = value
		}
	}
	slices.SortFunc(x.prefixes, func(a, b prefix[V]) int { return strings.Compare(a.text, b.text) })
	for i := range x.prefixes {
		x.prefixes[i].parent = x.ancestor(int32(i-1), x.prefixes[i].text)
		bit, ok := beginning(x.prefixes[i].text)
		x.begins[bit/64] |= 1 << (bit % 64)
		x.short = x.short || !ok
	}
	x.split()
	return x
}

// beginning hashes the first two bytes of a text to one of 4096 bits.
func beginning(text string) (bit uint32, ok bool) {
	if len(text) < 2 {
		return 0, false
	}
	return (uint32(text[0])<<5 ^ uint32(text[1])) % 4096, true
}

// begun reports whether some prefix may be one of name. It errs on the side of yes.
func (x *Index[V]) begun(name string) bool {
	bit, ok := beginning(name)
	return x.short || ok && x.begins[bit/64]&(1<<(bit%64)) != 0
}

// split notes where each first byte begins among the sorted prefixes.
func (x *Index[V]) split() {
	i := 0
	for b := range x.starts {
		for i < len(x.prefixes) && (x.prefixes[i].text == "" || int(x.prefixes[i].text[0]) < b) {
			i++
		}
		x.starts[b] = int32(i)
	}
}

// Longest returns the value of the most particular pattern that matches name: the whole name, or
// else the longest beginning.
func (x *Index[V]) Longest(name string) (V, bool) {
	if value, ok := x.exact[name]; ok {
		return value, true
	}
	if i := x.longestPrefix(name); i >= 0 {
		return x.prefixes[i].value, true
	}
	var none V
	return none, false
}

// All yields the value of every pattern that matches name, the most particular first.
func (x *Index[V]) All(name string) iter.Seq[V] {
	return func(yield func(V) bool) {
		if value, ok := x.exact[name]; ok && !yield(value) {
			return
		}
		for i := x.longestPrefix(name); i >= 0; i = x.prefixes[i].parent {
			if !yield(x.prefixes[i].value) {
				return
			}
		}
	}
}

// longestPrefix returns the position of the longest prefix of name, or -1. Whatever sorts between a
// prefix of name and name itself begins with that prefix, so the last prefix that does not sort
// after name either is the answer or descends from it.
func (x *Index[V]) longestPrefix(name string) int32 {
	if !x.begun(name) {
		return -1
	}
	low, high := int32(0), int32(len(x.prefixes))
	if name != "" {
		low, high = x.starts[name[0]], x.starts[int(name[0])+1]
	}
	for low < high {
		middle := int32(uint32(low+high) >> 1)
		if x.prefixes[middle].text <= name {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return x.ancestor(low-1, name)
}

// ancestor returns i or its nearest ancestor that name begins with, or -1.
func (x *Index[V]) ancestor(i int32, name string) int32 {
	for i >= 0 && !strings.HasPrefix(name, x.prefixes[i].text) {
		i = x.prefixes[i].parent
	}
	return i
}
