package fields

import "strings"

// member is one member of a list or dictionary of RFC 9651. line[start:end] is
// all of it, up to the comma that ends it.
type member struct {
	start, end int
	key        string // of a dictionary
	items      []item // one, or those of an inner list
	inner      bool
}

// item is a bare item, line[start:bare], and its parameters, up to end.
type item struct {
	start, bare, end int
	value            string // without quotes and escapes
	quoted           bool
}

// address is what a browser, or a more lenient reader, takes for an address in
// the item: a string, or a token that has the marks of one.
func (i *item) address() (string, bool) {
	return i.value, i.quoted || strings.ContainsAny(i.value, ":/")
}

// structure reads a structured field from left to right. It accepts more than
// RFC 9651, 4.2: what browsers refuse they ignore.
type structure struct {
	line string
	at   int
}

// next reads the member at s.at; a dictionary's is keyed. The comma after it
// has been read too.
func (s *structure) next(keyed bool) (m member, ok bool) {
	m.start = s.at
	s.at = skip(s.line, s.at, space)
	if !s.ends() {
		if !s.readMember(&m, keyed) {
			return m, false
		}
		s.at = skip(s.line, s.at, space)
	}
	m.end = s.at
	ok = s.ends()
	s.at++
	return m, ok
}

func (s *structure) more() bool { return s.at < len(s.line) }

func (s *structure) ends() bool { return !s.more() || s.line[s.at] == ',' }

func (s *structure) sees(c byte) bool { return s.more() && s.line[s.at] == c }

func (s *structure) readMember(m *member, keyed bool) bool {
	if keyed {
		m.key = s.run(`=;,()"` + space)
		if m.key == "" {
			return false
		}
		if !s.sees('=') { // true, and no more said
			return s.readParameters()
		}
		s.at++
	}
	if s.sees('(') {
		m.inner = true
		return s.readInnerList(m) && s.readParameters()
	}
	return s.readItem(m)
}

func (s *structure) readInnerList(m *member) bool {
	for s.at = skip(s.line, s.at+1, space); !s.sees(')'); s.at = skip(s.line, s.at, space) {
		if !s.readItem(m) {
			return false
		}
	}
	s.at++
	return true
}

func (s *structure) readItem(m *member) bool {
	i := item{start: s.at, quoted: s.sees('"')}
	var ok bool
	if i.value, ok = s.readBare(); !ok {
		return false
	}
	i.bare = s.at
	ok = s.readParameters()
	i.end = s.at
	m.items = append(m.items, i)
	return ok
}

// readBare reads a bare item. A display string (%"…") is a string here.
func (s *structure) readBare() (value string, ok bool) {
	if strings.HasPrefix(s.line[min(s.at, len(s.line)):], `%"`) {
		s.at++
	}
	if s.sees('"') {
		return s.readString()
	}
	value = s.run(`;,()"` + space)
	return value, value != "" && !s.sees('"') && !s.sees('(')
}

// readString reads a quoted string. A backslash gives whatever follows it, as
// lenient readers have it, not just the two bytes it may stand before.
func (s *structure) readString() (value string, ok bool) {
	start, escaped := s.at+1, false
	for s.at = start; s.more(); s.at++ {
		switch s.line[s.at] {
		case '"':
			value = s.line[start:s.at]
			s.at++
			if escaped {
				value = unescape(value)
			}
			return value, true
		case '\\':
			escaped = true
			s.at++
		}
	}
	s.at = len(s.line)
	return "", false
}

// unescape takes the backslashes out of a quoted string that ends with none.
func unescape(quoted string) string {
	var b strings.Builder
	for i := 0; i < len(quoted); i++ {
		if quoted[i] == '\\' {
			i++
		}
		b.WriteByte(quoted[i])
	}
	return b.String()
}

func (s *structure) readParameters() bool {
	for s.sees(';') {
		s.at = skip(s.line, s.at+1, space)
		if s.run(`=;,()"`+space) == "" {
			return false
		}
		if !s.sees('=') {
			continue
		}
		s.at++
		if _, ok := s.readBare(); !ok {
			return false
		}
	}
	return true
}

// run reads up to the next byte of stop.
func (s *structure) run(stop string) string {
	start := s.at
	s.at = find(s.line, s.at, stop)
	return s.line[start:s.at]
}
