package page

// tagAt reads from a '<'. Most tags are all there, and are read at once.
func (s *scanner) tagAt(p []byte) (int, kind) {
	s.due = false
	t := &s.tag
	if len(p) > 2 && (isLetter(p[1]) || p[1] == '/' && isLetter(p[2])) {
		if n := t.read(p[:min(len(p), maxTag)]); n > 0 {
			s.piece = p[:n]
			s.identify()
			s.apply()
			return n, t.kind()
		}
	}
	return s.markup(p)
}

// markup reads on from a '<'. What p does not finish it keeps, up to maxTag.
func (s *scanner) markup(p []byte) (int, kind) {
	room := maxTag - len(s.kept)
	n, k := s.advance(p[:min(len(p), room)])
	if k == held && n < room {
		s.kept = append(s.kept, p[:n]...)
		return n, held
	}
	s.piece = p[:n]
	if len(s.kept) > 0 {
		s.kept = append(s.kept, p[:n]...)
		s.piece, s.passed = s.kept, true
	}
	switch k {
	case startTag, endTag:
		s.tag.readAttrs(s.piece)
		s.identify()
		s.apply()
	case held:
		s.long = true
		s.uninspected++
		s.identify()
		s.tag.raw, s.tag.attrs = nil, s.tag.attrs[:0]
		k = s.tag.kind()
	}
	return n, k
}

// advance moves through the states that follow a '<' until it is known what it
// begins, and through a tag to its end.
func (s *scanner) advance(p []byte) (n int, k kind) {
	switch s.state {
	case data:
		s.state, n = tagOpen, 1
	case rawData:
		s.state, n = rawOpen, 1
	}
	for n < len(p) && s.state < tagName {
		used, k := s.begin(p[n])
		n += used
		if k != held {
			return n, k
		}
	}
	if end := s.tagEnd(p, n); end >= 0 {
		return end, s.tag.kind()
	}
	return len(p), held
}

// begin takes one of the first bytes after a '<'. It returns held while they
// may be a tag; otherwise they are of kind k, and c is used only if it belongs
// to them.
func (s *scanner) begin(c byte) (used int, k kind) {
	switch s.state {
	case tagOpen:
		switch {
		case isLetter(c):
			s.state, s.tag.end = tagName, false
			return 1, held
		case c == '/':
			s.state = endTagOpen
			return 1, held
		case c == '!':
			s.state, s.at = declaration, 0
			return 1, held
		case c == '?':
			s.state, s.doc = bogus, false
			return 0, comment
		}
		s.state = data
		return 0, text
	case endTagOpen:
		switch {
		case isLetter(c):
			s.state, s.tag.end = tagName, true
			return 1, held
		case c == '>':
			s.state = data
			return 1, comment
		}
		s.state, s.doc = bogus, false
		return 0, comment
	case declaration:
		return s.declare(c)
	}
	return s.beginRaw(c)
}

// identify names the tag in s.piece, or the tag that begins there.
func (s *scanner) identify() {
	t := &s.tag
	t.raw = s.piece
	if s.state == tagName { // cut off in the middle of its name
		t.nameEnd = len(s.piece)
	}
	name := t.raw[1:t.nameEnd]
	if t.end {
		name = name[1:]
	}
	t.key = hash(name)
	t.element = lookup(name, t.key)
}

// apply brings the scanner into the state in which a browser reads on after
// the tag.
func (s *scanner) apply() {
	t := &s.tag
	s.state, t.foreign = data, false
	switch {
	case s.want != nil:
		s.want, s.esc = nil, unescaped
	case t.end:
		if s.leave(t) && t.name == "template" && s.templates > 0 {
			s.templates--
		}
	case !s.enter(t):
		t.foreign = true
	case t.traits&rawText != 0 && (!s.static || t.name != "noscript"):
		s.state, s.want, s.at = rawData, t.element, 0
	case t.name == "template":
		s.templates++
	}
}

// rest passes over a tag that is too long to hold.
func (s *scanner) rest(p []byte) int {
	n := s.tagEnd(p, 0)
	if n < 0 {
		return len(p)
	}
	s.long = false
	s.apply()
	return n
}
