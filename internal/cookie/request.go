package cookie

import (
	"iter"
	"strings"
)

// Bounds of what Filter examines in one request, all its Cookie fields
// together. They are far beyond what browsers keep for a site (180 cookies of
// 4 KiB at most, rarely 8 KiB in all).
const (
	maxPairs = 3000
	maxBytes = 256 << 10
)

// Filter removes from the Cookie fields of a request every pair that keep
// refuses. Pairs that are kept stay byte for byte and in their order, because
// servers disagree on which of two pairs of one name counts. keep is called
// once per pair, with the name and value that Pairs would yield.
//
// A pair that holds a control byte cannot come from a browser and is read
// differently by every server: it is removed without asking. So is everything
// beyond 3000 pairs or 256 KiB; see Oversized.
//
// When nothing is removed, fields itself is returned and nothing is
// allocated; otherwise fields stays untouched and a new slice is returned,
// nil when no pair is left. HTTP/1 may bring several fields: pass them all.
func Filter(fields []string, keep func(name, value string) bool) (kept []string, changed bool) {
	q := quota{pairs: maxPairs, bytes: maxBytes}
	for i, field := range fields {
		left := filter(field, keep, &q)
		if !changed && len(left) != len(field) {
			changed = true
			kept = append(make([]string, 0, len(fields)), fields[:i]...)
		}
		if changed && left != "" {
			kept = append(kept, left)
		}
	}
	switch {
	case !changed:
		return fields, false
	case len(kept) == 0:
		return nil, true
	}
	return kept, true
}

// filter is Filter for one field. It returns the field itself or something
// shorter.
func filter(field string, keep func(name, value string) bool, q *quota) string {
	var (
		out     strings.Builder // what is kept, once a pair was dropped
		dropped bool
		intact  int // end of the last pair before the first dropped one
		unclean = controls(field)
	)
	for next := 0; next < len(field); {
		start := next
		raw := segment(field[start:])
		next += len(raw) + 1
		pair := trim(raw)
		examined := q.take(raw)
		if examined && pair == "" {
			continue
		}
		switch {
		case !examined || unclean && controls(pair) || !keep(split(pair)):
			if !dropped {
				dropped = true
				out.Grow(len(field))
				out.WriteString(field[:intact])
			}
		case !dropped:
			intact = start + len(raw)
		case out.Len() == 0:
			out.WriteString(pair)
		default:
			out.WriteString(field[start-1 : start+len(raw)]) // with its semicolon
		}
		if !examined {
			break // and so is all that follows
		}
	}
	if !dropped {
		return field
	}
	return out.String()
}

// Oversized reports whether Filter would leave a part of these fields
// unexamined, and therefore remove it.
func Oversized(fields []string) bool {
	pairs, bytes := 0, 0
	for _, field := range fields {
		pairs += 1 + strings.Count(field, ";")
		bytes += len(field) + 1
	}
	return pairs > maxPairs || bytes > maxBytes
}

// Pairs yields the name and value of every pair in one Cookie field, as
// browsers write them (RFC 6265bis, 5.8.3): the name is empty for a cookie
// without one, quotes belong to the value, nothing is decoded, and a name may
// come several times. Pairs with control bytes are left out, as in Filter.
func Pairs(field string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for at := 0; at >= 0; {
			var name, value string
			if name, value, at = pairAt(field, at); at >= 0 && !yield(name, value) {
				return
			}
		}
	}
}

// pairAt returns the first pair at or after a place in a field, and the place of
// what follows it, negative if there was none.
func pairAt(field string, at int) (name, value string, next int) {
	for at < len(field) {
		raw := segment(field[at:])
		at += len(raw) + 1
		if pair := trim(raw); pair != "" && !controls(pair) {
			name, value = split(pair)
			return name, value, at
		}
	}
	return "", "", -1
}

// All yields the values of the pairs called name, in the order sent. There
// may be several: the same name with another path, domain or partition, or
// one that somebody planted.
func All(fields []string, name string) iter.Seq[string] {
	return func(yield func(value string) bool) {
		for _, field := range fields {
			for at := start(field, name); at >= 0; {
				var n, value string
				if n, value, at = pairAt(field, at); at >= 0 && n == name && !yield(value) {
					return
				}
			}
		}
	}
}

// First returns the first of the values that All yields, and whether there is one.
func First(fields []string, name string) (value string, ok bool) {
	for _, field := range fields {
		for at := start(field, name); at >= 0; {
			var n string
			if n, value, at = pairAt(field, at); at >= 0 && n == name {
				return value, true
			}
		}
	}
	return "", false
}

// start is where to begin looking for a name: nowhere in most requests, which is
// far quicker to see than to read all pairs.
func start(field, name string) int {
	if strings.Contains(field, name) {
		return 0
	}
	return -1
}

// segment returns what stands before the next semicolon.
func segment(s string) string {
	if i := strings.IndexByte(s, ';'); i >= 0 { //nolint:modernize // strings.Cut takes twice as long, twelve times a request
		return s[:i]
	}
	return s
}

// split parts a pair at its first "=". Without one the whole is the value of a
// nameless cookie (RFC 6265bis, 5.6 step 3).
func split(pair string) (name, value string) {
	if i := strings.IndexByte(pair, '='); i >= 0 { //nolint:modernize // as above
		return trim(pair[:i]), trim(pair[i+1:])
	}
	return "", trim(pair)
}

// quota is what may still be examined of a request.
type quota struct{ pairs, bytes int }

// take accounts for one segment and the semicolon that ends it.
func (q *quota) take(segment string) bool {
	q.pairs--
	q.bytes -= len(segment) + 1
	return q.pairs >= 0 && q.bytes >= 0
}
