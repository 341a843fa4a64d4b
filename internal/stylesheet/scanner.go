package stylesheet

import "bytes"

// A scanner takes a Rewriter through the bytes at hand.
type scanner struct {
	*Rewriter
	in, out []byte
	at      int  // in[at] is read next
	kept    int  // in[:kept] is written, or left out
	floor   int  // in[:floor] belongs to tokens that are over
	last    bool // nothing comes after in
}

// run reads as far as the bytes go. in[at:] must be read again with more.
func (s *scanner) run() {
	for s.step() {
		s.floor = s.at
		if s.drop {
			s.kept = s.at
		}
	}
	if s.last {
		s.at = len(s.in)
	}
	if s.drop {
		s.kept = s.at
	}
	s.out = append(s.out, s.in[s.kept:s.at]...)
}

// step reads on in the present mode and reports whether there is more to read.
func (s *scanner) step() bool {
	if s.at == len(s.in) {
		return false
	}
	switch s.mode {
	case inComment:
		return s.comment()
	case inString:
		return s.string()
	case inName:
		return s.longName()
	case inURL:
		return s.url()
	case inBadURL:
		return s.badURL()
	case beforeURL:
		return s.urlSpace()
	}
	return s.between()
}

// stops are the bytes that may change what follows; all others pass at once.
var stops = tableOf("(){}[]\"'/\\@;")

// nextStop returns the index of the first stop in b[i:], or len(b). Most bytes
// of a sheet are passed here, four at a time.
func nextStop(b []byte, i int) int {
	for ; len(b)-i >= 4; i += 4 {
		four := b[i : i+4 : i+4]
		if stops[four[0]] || stops[four[1]] || stops[four[2]] || stops[four[3]] {
			break
		}
	}
	for i < len(b) && !stops[b[i]] {
		i++
	}
	return i
}

// between reads tokens until one comes that has a mode of its own.
func (s *scanner) between() bool {
	for {
		if s.opening && !s.declaration() {
			return false
		}
		i := nextStop(s.in, s.at)
		s.at = i
		if i == len(s.in) {
			s.holdName(i)
			return false
		}
		switch c := s.in[i]; c {
		case '"', '\'':
			return s.openString(c)
		case '/':
			return s.slash()
		case '\\':
			return s.escapedName()
		case '@':
			return s.atKeyword()
		case '(':
			if s.function(s.nameBefore(i)) {
				s.at++
				return true
			}
		case ';':
			s.leave()
			s.opening = true
		default:
			s.bracket(c)
		}
		s.at++
		s.floor = s.at
	}
}

// slash opens a comment, or is nothing.
func (s *scanner) slash() bool {
	if s.at+1 == len(s.in) && !s.last {
		return false
	}
	if bytes.HasPrefix(s.in[s.at:], []byte("/*")) {
		s.mode = inComment
		s.at += 2
		return true
	}
	s.opening = false
	s.at++
	return true
}

// comment skips to the end of a comment.
func (s *scanner) comment() bool {
	if n := bytes.Index(s.in[s.at:], []byte("*/")); n >= 0 {
		s.at += n + 2
		s.mode = between
		return true
	}
	s.at = len(s.in)
	if s.in[s.at-1] == '*' {
		s.at--
	}
	return false
}

// declaration looks, where one may begin, for a property whose strings may
// become addresses.
func (s *scanner) declaration() bool {
	for s.at < len(s.in) && isSpace(s.in[s.at]) {
		s.at++
	}
	s.floor = s.at
	if s.at == len(s.in) {
		return false
	}
	switch s.in[s.at] {
	case '/':
		return true // perhaps a comment, behind which it may begin as well
	case '-', '\\', 'r', 'R', 'i', 'I':
		n, _, ok := s.readName(s.at)
		if !ok {
			return false
		}
		if n.custom() || n.is("initial-value") || n.is("result") {
			s.enter(property)
		}
	}
	s.opening = false
	return true
}

// atKeyword reads the name of an at-rule.
func (s *scanner) atKeyword() bool {
	n, end, ok := s.readName(s.at + 1)
	if !ok {
		return false
	}
	switch {
	case n.is("import"):
		s.enter(importRule)
	case n.is("namespace"):
		s.enter(namespaceRule)
	}
	s.at = end
	if n.endless {
		s.mode = inName
	}
	return true
}

// tableOf marks bytes.
func tableOf(marked string) (table [256]bool) {
	for i := range len(marked) {
		table[marked[i]] = true
	}
	return table
}

// isSpace reports whether CSS takes c for white space.
func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || isNewline(c)
}

// isNewline reports whether CSS takes c for the end of a line.
func isNewline(c byte) bool {
	return c == '\n' || c == '\r' || c == '\f'
}
