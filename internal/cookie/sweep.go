package cookie

import (
	"iter"
	"strings"
)

// likely is how many of a name's first scopes hold nearly every cookie: the
// host alone and the registrable domain, both with Path=/.
const likely = 2

// Sweep returns at most budget lines that delete cookies of these names, each
// given once, for one response. The other parameters are those of Deletions.
// A budget of less than two lines is none.
//
// A full set of lines would outgrow the header buffers of proxies (90 bytes a
// line, dozens of lines a name), so it is spread over responses: each carries
// the likeliest scopes of the names, as far as two thirds of the budget go,
// and a share of the other scopes. turn, raised by one from response to
// response, moves both windows on, so that every line has its turn.
func Sweep(names []string, host, path string, secure bool, turn uint, budget int) []string {
	if budget < 2 || len(names) == 0 {
		return nil
	}
	groups := (len(names) + budget - 1) / budget
	group, turn := int(turn%uint(groups)), turn/uint(groups)
	names = names[group*budget : min(len(names), (group+1)*budget)]

	s := sweep{scopes: scopes(host, path, secure)}
	for _, name := range names {
		if deletable(name, secure) {
			s.names = append(s.names, name)
		}
	}
	head := count(s.steps(0, likely))
	tail := count(s.steps(likely, len(s.scopes)))
	first := min(head, budget-min(tail, (budget+2)/3))
	l := lines{ends: make([]int, 0, budget)}
	l.text.Grow(budget * usualLine)
	l.window(s.steps(0, likely), head, first, turn)
	l.window(s.steps(likely, len(s.scopes)), tail, min(tail, budget-first), turn)
	return l.split()
}

// usualLine is about what a line takes, in bytes.
const usualLine = 112

// lines are being written, one behind the other in one piece of memory.
type lines struct {
	text strings.Builder
	line []byte // the one being written
	ends []int
}

// split parts what was written.
func (l *lines) split() []string {
	text, start := l.text.String(), 0
	parts := make([]string, len(l.ends))
	for i, end := range l.ends {
		parts[i], start = text[start:end], end
	}
	return parts
}

// sweep is all that is to be deleted for one request.
type sweep struct {
	names  []string
	scopes []scope
}

// steps yields the names and scopes of the lines, the first scope of every
// name before the second of any. Each name counts only the scopes that fit it.
func (s sweep) steps(from, to int) iter.Seq2[string, scope] {
	return func(yield func(string, scope) bool) {
		for _, scope := range s.scopes[min(from, len(s.scopes)):min(to, len(s.scopes))] {
			for _, name := range s.names {
				if scope.fits(name) && !yield(name, scope) {
					return
				}
			}
		}
	}
}

// window writes size lines of the total that steps yields. Successive turns
// take successive windows, round and round.
func (l *lines) window(steps iter.Seq2[string, scope], total, size int, turn uint) {
	if size == 0 {
		return
	}
	start := int(turn % uint(total) * uint(size) % uint(total))
	at := 0
	for range 2 { // a window may run over the end into the beginning
		for name, scope := range steps {
			if at == start+size {
				return
			}
			if at >= start {
				l.line = scope.appendDeletion(l.line[:0], name)
				l.text.Write(l.line)
				l.ends = append(l.ends, l.text.Len())
			}
			at++
		}
	}
}

func count(steps iter.Seq2[string, scope]) (n int) {
	for range steps {
		n++
	}
	return n
}
