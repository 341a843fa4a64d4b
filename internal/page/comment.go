package page

import "bytes"

// declare takes one of the first bytes after <! and tells comment, doctype and
// CDATA section apart (HTML 13.2.5.42).
func (s *scanner) declare(c byte) (used int, k kind) {
	if s.at == 0 {
		switch {
		case c == '-':
			s.seq = "--"
		case c == '[' && s.inForeign():
			s.seq = "[cdata["
		default:
			s.seq = "doctype"
		}
	}
	small := s.seq == "[cdata[" && 'a' <= c && c <= 'z' // must be capitals
	if small || !s.spells(s.seq, c) {
		s.state, s.doc = bogus, false
		return 0, comment
	}
	if s.at < len(s.seq) {
		return 1, held
	}
	s.at = 0
	switch s.seq {
	case "--":
		s.state = commentStart
		return 1, comment
	case "doctype":
		s.state, s.doc = bogus, true
		return 1, doctype
	}
	s.state = cdata
	return 1, text
}

// commentRun passes over a comment (HTML 13.2.5.43 to 13.2.5.52).
func (s *scanner) commentRun(p []byte) int {
	for i := 0; i < len(p); i++ {
		c := p[i]
		switch {
		case s.state == commentData:
			n := bytes.IndexByte(p[i:], '-')
			if n < 0 {
				return len(p)
			}
			i += n
			s.state = commentDash
		case c == '>' && s.state != commentDash:
			s.state = data
			return i + 1
		case c == '-' && s.state == commentStart:
			s.state = commentStartDash
		case c == '-' && s.state == commentEndBang:
			s.state = commentDash
		case c == '-':
			s.state = commentEnd
		case c == '!' && s.state == commentEnd:
			s.state = commentEndBang
		default:
			s.state = commentData
		}
	}
	return len(p)
}

// bogusRun passes over what ends at the next '>' whatever stands in it.
func (s *scanner) bogusRun(p []byte) (int, kind) {
	k := comment
	if s.doc {
		k = doctype
	}
	n := bytes.IndexByte(p, '>')
	if n < 0 {
		return len(p), k
	}
	s.state = data
	return n + 1, k
}

// cdataRun passes over a CDATA section. s.at counts the brackets just seen.
func (s *scanner) cdataRun(p []byte) int {
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == ']':
			s.at = min(s.at+1, 2)
		case c == '>' && s.at == 2:
			s.state, s.at = data, 0
			return i + 1
		default:
			s.at = 0
			n := bytes.IndexByte(p[i:], ']')
			if n < 0 {
				return len(p)
			}
			i += n - 1
		}
	}
	return len(p)
}
