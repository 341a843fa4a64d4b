package stylesheet

// extent is what is known of where an address ends.
type extent uint8

const (
	whole extent = iota
	more         // its end is not there yet
	bad          // it is invalid: it loads nothing
	long         // it is longer than maxAddress
)

// findStringEnd looks for the mark that ends the string at in[start]; end is its
// index, or that of the byte reached.
func (s *scanner) findStringEnd(start int) (end int, found extent) {
	i := start + max(s.seen, 1)
	for s.seen = 0; i-start <= maxAddress; {
		if i == len(s.in) {
			return i, s.wait(i - start)
		}
		switch c := s.in[i]; {
		case c == s.quote:
			return i, whole
		case isNewline(c):
			return i, bad
		case c == '\\':
			n, ok := stringEscape(s.in[i:], s.last)
			if !ok {
				return i, s.wait(i - start)
			}
			i += n
		default:
			i++
		}
	}
	return i, long
}

// inAddress are the bytes that cannot end an address without quotes, nor make
// it invalid (CSS Syntax 3, 4.3.6). Like everywhere the byte 0 is read as U+FFFD.
var inAddress = func() (table [256]bool) {
	for c := range table {
		table[c] = c == 0 || c > ' ' && c != 0x7f
	}
	for _, c := range []byte("\"'()\\") {
		table[c] = false
	}
	return table
}()

// findURLEnd looks for the end of the address without quotes at in[start]. after
// is behind the bracket, or the index of the byte reached.
func (s *scanner) findURLEnd(start int) (end, after int, found extent) {
	i := start + s.seen
	for s.seen = 0; i-start <= maxAddress; {
		if i == len(s.in) {
			return i, i, s.wait(i - start)
		}
		switch c := s.in[i]; {
		case inAddress[c]:
			i++
		case c == ')':
			return i, i + 1, whole
		case isSpace(c):
			return s.findBracket(start, i)
		case c == '\\':
			_, n, ok := readEscape(s.in[i:], s.last)
			if !ok {
				return i, i, s.wait(i - start)
			}
			if n == 0 {
				return i, i, bad
			}
			i += n
		default:
			return i, i, bad
		}
	}
	return i, i, long
}

// findBracket looks for the bracket behind the white space at in[end], which
// ends the address that begins at in[start].
func (s *scanner) findBracket(start, end int) (_, after int, found extent) {
	for i := end; i-start <= maxAddress; i++ {
		switch {
		case i == len(s.in):
			return end, i, s.wait(end - start)
		case s.in[i] == ')':
			return end, i + 1, whole
		case !isSpace(s.in[i]):
			return end, i, bad
		}
	}
	return end, start + maxAddress + 1, long
}

// wait remembers how far an address was seen until more of it comes. If nothing
// comes any more, the address ends there.
func (s *scanner) wait(seen int) extent {
	if s.last {
		return whole
	}
	s.seen = seen
	return more
}
