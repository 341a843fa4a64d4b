package stylesheet

import (
	"bytes"
	"strings"
)

// openString begins a string. One that is an address is read to its end first.
func (s *scanner) openString(quote byte) bool {
	s.quote = quote
	if !s.loads {
		s.at++
		s.mode = inString
		return true
	}
	start := s.at
	end, found := s.findStringEnd(start)
	switch found {
	case more:
		return false
	case long:
		s.tooLong(start, start+1, end, inString)
	case bad:
		s.at = end
	default:
		after := min(end+1, len(s.in))
		s.replace(start, after, s.in[start+1:end], string(quote))
		s.at = after
	}
	return true
}

// urlSpace skips the white space after url( and finds out whether a string
// follows.
func (s *scanner) urlSpace() bool {
	for ; s.at < len(s.in); s.at++ {
		switch c := s.in[s.at]; {
		case isSpace(c):
		case c == '"' || c == '\'':
			s.push(')', true)
			s.mode = between
			return true
		default:
			s.mode = inURL
			return true
		}
	}
	return false
}

// url reads an address without quotes, and the bracket behind it.
func (s *scanner) url() bool {
	start := s.at
	end, after, found := s.findURLEnd(start)
	switch found {
	case more:
		return false
	case long:
		s.tooLong(start, start, after, inBadURL)
	case bad:
		s.at = after
		s.mode = inBadURL
	default:
		s.replace(start, end, s.in[start:end], "")
		s.at = after
		s.mode = between
	}
	return true
}

// replace asks about the address in raw, and writes what takes the place of
// in[from:to] if it changes.
func (s *scanner) replace(from, to int, raw []byte, quote string) {
	address := decode(raw, quote != "")
	if s.inside == namespaceRule || address == "" || address == Nothing || address[0] == '#' {
		return
	}
	instead, ok := s.edit(address)
	if !ok {
		instead = Nothing
	}
	if instead != address {
		s.write(from, to, instead, quote)
	}
}

// write writes address in place of in[from:to].
func (s *scanner) write(from, to int, address, quote string) {
	s.out = append(s.out, s.in[s.kept:from]...)
	s.out = append(s.out, quote...)
	s.out = appendEscaped(s.out, address)
	s.out = append(s.out, quote...)
	s.kept = to
}

// tooLong deals with an address of more than maxAddress bytes that begins at
// in[address], part of a token that begins at in[from]. What was read of it
// ends at in[to]; the rest is skipped in the mode rest.
func (s *scanner) tooLong(from, address, to int, rest mode) {
	start := bytes.TrimLeft(s.in[address:to], " \t\r\n\f")
	if s.inside != namespaceRule && !strings.EqualFold(string(start[:min(len("data:"), len(start))]), "data:") {
		quote := ""
		if rest == inString {
			quote = string(s.quote)
		}
		s.write(from, to, Nothing, quote)
		s.drop = true
	}
	s.at = to
	s.mode = rest
}

// string skips to the end of a string, which the end of a line is too.
func (s *scanner) string() bool {
	for s.at < len(s.in) {
		switch c := s.in[s.at]; {
		case c == s.quote:
			s.at++
			return s.end()
		case isNewline(c):
			return s.end()
		case c == '\\':
			length, ok := stringEscape(s.in[s.at:], s.last)
			if !ok {
				return false
			}
			s.at += length
		default:
			s.at++
		}
	}
	return false
}

// badURL skips to the bracket that ends an address without quotes, whatever is
// in it (CSS Syntax 3, 4.3.14).
func (s *scanner) badURL() bool {
	for s.at < len(s.in) {
		switch s.in[s.at] {
		case ')':
			s.end()
			s.at++
			return true
		case '\\':
			_, length, ok := readEscape(s.in[s.at:], s.last)
			if !ok {
				return false
			}
			s.at += max(length, 1)
		default:
			s.at++
		}
	}
	return false
}

// end ends a token that was skipped.
func (s *scanner) end() bool {
	if s.drop {
		s.kept = s.at
		s.drop = false
	}
	s.mode = between
	return true
}
