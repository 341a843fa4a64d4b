package stylesheet

const (
	// maxKnown is the length of the longest name that means something here.
	maxKnown = len("-webkit-cross-fade")

	// maxName is the length in bytes beyond which a name means nothing, however
	// it is escaped: at most eight bytes stand for one.
	maxName = 8 * (maxKnown + 1)
)

// A name is an identifier without its escapes and in lower case. Of long ones
// only the beginning is kept.
type name struct {
	text    [maxKnown + 1]byte
	length  int
	endless bool // longer than maxName, and not read to its end
}

func (n *name) is(text string) bool { return string(n.text[:n.length]) == text }

// custom reports whether the name is that of a custom property.
func (n *name) custom() bool { return n.length > 2 && n.text[0] == '-' && n.text[1] == '-' }

func (n *name) add(c rune) {
	if n.length == len(n.text) {
		return
	}
	switch {
	case 'A' <= c && c <= 'Z':
		c |= 0x20
	case c == 0 || c > '~':
		c = 0xff // in no name that is known
	}
	n.text[n.length] = byte(c)
	n.length++
}

// readName reads the name that begins at in[start]. ok is false when its end is
// not there yet.
func (s *scanner) readName(start int) (n name, end int, ok bool) {
	i := start
	for i < len(s.in) {
		if i-start > maxName {
			n.endless = true
			return n, i, true
		}
		c := s.in[i]
		if inNames[c] {
			n.add(rune(c))
			i++
			continue
		}
		if c != '\\' {
			return n, i, true
		}
		r, length, ok := readEscape(s.in[i:], s.last)
		if !ok {
			return n, i, false
		}
		if length == 0 {
			return n, i, true
		}
		n.add(r)
		i += length
	}
	return n, i, s.last
}

// nameBefore returns the name that ends before in[end]. It has no escapes:
// names that do are read forward, by escapedName. Where a function cannot begin
// it is empty.
func (s *scanner) nameBefore(end int) (n name) {
	start := s.startOfName(end)
	if end-start > maxKnown || s.isHash(start) {
		return n
	}
	for _, c := range s.in[start:end] {
		n.add(rune(c))
	}
	return n
}

// startOfName returns where the name before in[end] begins, at most a little
// more than maxKnown bytes before.
func (s *scanner) startOfName(end int) int {
	floor := max(s.floor, end-2*maxKnown)
	start := end
	for start > floor && inNames[s.in[start-1]] {
		start--
	}
	if end-start >= 2 && start-2 >= s.floor && string(s.in[start-2:start+2]) == "<!--" {
		start += 2 // the name begins behind a mark that old pages have
	}
	return start
}

// isHash reports whether the name that begins at in[start] is behind a #, and
// so not that of a function.
func (s *scanner) isHash(start int) bool {
	return start > s.floor && s.in[start-1] == '#'
}

// holdName steps back to the beginning of the name that may go on behind
// in[end], and a bit more to tell whether it is one.
func (s *scanner) holdName(end int) {
	s.at = max(s.floor, s.startOfName(end)-len("<!--"))
}

// escapedName reads a name that has a backslash at in[at].
func (s *scanner) escapedName() bool {
	start := s.startOfName(s.at)
	n, end, ok := s.readName(start)
	switch {
	case !ok:
		s.holdName(s.at)
		return false
	case end <= s.at:
		s.at++ // the end of a line cannot be escaped
	case n.endless:
		s.at = end
		s.mode = inName
	default:
		s.at = end
		if end < len(s.in) && s.in[end] == '(' {
			if s.isHash(start) {
				n = name{}
			}
			s.function(n)
			s.at++
		}
	}
	return true
}

// longName skips the rest of a name.
func (s *scanner) longName() bool {
	for s.at < len(s.in) {
		if inNames[s.in[s.at]] {
			s.at++
			continue
		}
		_, length, ok := readEscape(s.in[s.at:], s.last)
		if !ok {
			return false
		}
		if length == 0 {
			s.mode = between
			return true
		}
		s.at += length
	}
	return false
}

// inNames are the bytes that names are made of. The byte 0 is read as U+FFFD,
// and all that is not ASCII is a letter.
var inNames = func() (table [256]bool) {
	for c := range table {
		switch letter := c | 0x20; {
		case c == 0, c == '-', c == '_', c >= 0x80, '0' <= c && c <= '9', 'a' <= letter && letter <= 'z':
			table[c] = true
		}
	}
	return table
}()
