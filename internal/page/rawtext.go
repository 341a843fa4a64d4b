package page

import "bytes"

// escape is how deep a script is in the constructs that hide its end tag
// (HTML 13.2.5.15 to 13.2.5.31).
type escape uint8

const (
	unescaped escape = iota
	escaped          // after <!--
	doubled          // after <!-- <script
)

// rawRun passes over raw text and stops at a '<' that may matter, so that it
// returns 0 at one.
func (s *scanner) rawRun(p []byte) int {
	switch {
	case s.want.name == "plaintext": // it has no end
		return len(p)
	case s.esc != unescaped:
		return s.escapedRun(p)
	}
	for i := 0; ; i++ {
		n := bytes.IndexByte(p[i:], '<')
		if n < 0 {
			return len(p)
		}
		i += n
		if i+1 == len(p) || p[i+1] == '/' || p[i+1] == '!' {
			return i
		}
	}
}

// escapedRun is rawRun in a script after <!--, where --> returns to plain
// script. s.at counts the dashes just seen, up to two.
func (s *scanner) escapedRun(p []byte) int {
	for i, c := range p {
		switch {
		case c == '<':
			s.at = 0
			return i
		case c == '-':
			s.at = min(s.at+1, 2)
		case c == '>' && s.at == 2:
			s.esc, s.at = unescaped, 0
			return i + 1
		default:
			s.at = 0
		}
	}
	return len(p)
}

// beginRaw is begin within raw text, where only the element's own end tag is a
// tag and scripts have their escapes.
func (s *scanner) beginRaw(c byte) (used int, k kind) {
	script := s.want.name == "script"
	switch s.state {
	case rawOpen:
		switch {
		case c == '/':
			s.state, s.at = rawEndName, 0
			return 1, held
		case c == '!' && script && s.esc == unescaped:
			s.state, s.at = scriptBang, 0
			return 1, held
		case isLetter(c) && s.esc == escaped:
			s.state, s.at = scriptNested, 0
			return 0, held
		}
	case rawEndName:
		switch {
		case s.spells(s.want.name, c):
			return 1, held
		case s.at < len(s.want.name) || class[c]&endsName == 0:
		case s.esc == doubled:
			s.esc = escaped
		default:
			s.state, s.tag.end, s.tag.nameEnd = beforeAttr, true, len("</")+s.at
			return 0, held
		}
	case scriptNested:
		switch {
		case s.spells("script", c):
			return 1, held
		case s.at == len("script") && class[c]&endsName != 0:
			s.esc = doubled
		}
	case scriptBang:
		if s.spells("--", c) {
			if s.at < len("--") {
				return 1, held
			}
			s.state, s.esc = rawData, escaped // s.at is 2: <!--> ends at once
			return 1, raw
		}
	}
	s.state, s.at = rawData, 0
	return 0, raw
}

// spells reports whether c, in any case, is the next byte of word, and counts
// it in s.at.
func (s *scanner) spells(word string, c byte) bool {
	if s.at == len(word) || toLower(c) != word[s.at] {
		return false
	}
	s.at++
	return true
}
