package fields

import "strings"

// links governs Link (RFC 8288). Browsers act upon it before they have seen the
// page, in a 103 even before there is one. Of the links that make a browser
// load something, those refused are cut out of the list; all others stay.
func links(r *review, name string) {
	if mentions(r.header[name], loadingWords...) {
		r.eachLine(name, Load, editLinks)
	}
}

func editLinks(r *review, line string) (string, bool) {
	t := text{source: line}
	for at := 0; at < len(line); {
		l, ok := readLink(line, at)
		if !ok {
			return line, false
		}
		r.link(&t, l)
		at = l.end + 1
	}
	return t.String(), true
}

// link edits one link of a line. It goes whole if one of its addresses must:
// a preload with half of its candidates loads something else than the page.
func (r *review) link(t *text, l link) {
	use, loads := l.use()
	if !loads {
		return
	}
	var most [4]string // spares an allocation: few links have more candidates
	instead := most[:0]
	for _, a := range l.addresses {
		address, ok := r.ask(a.of(t.source), use, "")
		if !ok {
			t.remove(l.start, l.end+1)
			return
		}
		instead = append(instead, address)
	}
	for i, a := range l.addresses {
		t.replace(a.start, a.end, instead[i])
	}
}

// link is one link-value of a line. line[start:end] is all of it, up to the
// comma that ends it. An empty member of the list has no addresses.
type link struct {
	start, end int
	addresses  []span // its target, then its image candidates
	loads      bool
	hints      bool
}

// use is what a browser would do with the link, and false if nothing. A target
// attribute such as anchor does not change the answer: browsers differ in
// whether they heed it, and none contacts it.
func (l *link) use() (Use, bool) {
	if l.loads {
		return Load, true
	}
	return Hint, l.hints
}

// readLink reads the link that starts at line[at]. It reads what all browsers
// read alike and returns false for the rest: Chromium knows backslashes in
// quoted strings, Firefox does not, but takes apostrophes for quotes.
func readLink(line string, at int) (link, bool) {
	l := link{start: at}
	at = skip(line, at, space)
	if at == len(line) || line[at] == ',' {
		l.end = at
		return l, true
	}
	if line[at] != '<' {
		return l, false
	}
	closed := find(line, at+1, `<>"`)
	if closed == len(line) || line[closed] != '>' {
		return l, false
	}
	l.addresses = append(l.addresses, span{at + 1, closed}.trim(line, space))
	for at = skip(line, closed+1, space); at < len(line) && line[at] == ';'; {
		var ok bool
		if at, ok = l.readParameter(line, at+1); !ok {
			return l, false
		}
	}
	l.end = at
	return l, at == len(line) || line[at] == ','
}

// readParameter reads the parameter that starts at line[at] and returns the
// index of what follows it.
func (l *link) readParameter(line string, at int) (next int, ok bool) {
	end := find(line, at, `=;,"'<>\`)
	name := span{at, end}.trim(line, space).of(line)
	if end == len(line) || line[end] != '=' {
		return end, end == len(line) || line[end] == ';' || line[end] == ','
	}
	value, next, ok := readValue(line, skip(line, end+1, space))
	if ok {
		l.note(line, name, value)
	}
	return next, ok
}

// readValue reads a quoted string or what stands unquoted up to the next
// separator, with the slashes and spaces that no token may have and many do.
func readValue(line string, at int) (value span, next int, ok bool) {
	if at < len(line) && line[at] == '"' {
		end := find(line, at+1, `"\`)
		if end == len(line) || line[end] == '\\' {
			return span{}, end, false
		}
		return span{at + 1, end}, skip(line, end+1, space), true
	}
	end := find(line, at, `;,"<>\`)
	value = span{at, end}
	if strings.Count(value.of(line), "'")%2 != 0 {
		return span{}, end, false
	}
	return value.trim(line, space+"'"), end, true
}

// note takes in a parameter. The first rel counts (RFC 8288, 3.3), but not
// for every reader: any counts here. rel* is read by no browser known, so that
// nobody knows what it would be taken for.
func (l *link) note(line, name string, value span) {
	switch strings.ToLower(name) {
	case "rel":
		for word := range strings.FieldsSeq(value.of(line)) {
			l.relate(strings.ToLower(strings.Trim(word, "'")))
		}
	case "rel*":
		l.loads = true
	case "imagesrcset":
		l.addresses = appendCandidates(l.addresses, line, value)
	}
}

// appendCandidates appends the addresses of the image candidates in line[s]
// (HTML, "parse a srcset attribute").
func appendCandidates(list []span, line string, s span) []span {
	text := line[:s.end]
	for at := skip(text, s.start, space+","); at < len(text); at = skip(text, at, space+",") {
		end := find(text, at, space)
		address := span{at, end}.trim(text, ",")
		list = append(list, address)
		if at = end; address.end == end {
			at = skipDescriptors(text, end)
		}
	}
	return list
}

// skipDescriptors returns the index of the comma that ends a candidate's
// descriptors, which is not one within parentheses.
func skipDescriptors(text string, at int) int {
	open := false
	for ; at < len(text); at++ {
		switch text[at] {
		case '(':
			open = true
		case ')':
			open = false
		case ',':
			if !open {
				return at
			}
		}
	}
	return at
}
