package page

import (
	"bytes"
	"iter"
)

// tag is a start or end tag as it stands in the page. It is valid until the
// scanner moves on.
type tag struct {
	*element
	raw         []byte // from '<' to '>'; nil when the tag is longer than maxTag
	nameEnd     int    // where the name ends in raw
	end         bool   // </name>
	selfClosing bool   // <name/>, which means something in svg and math only
	foreign     bool   // a start tag that is read as one of svg or math
	key         uint32 // the name's hash
}

func (t *tag) kind() kind {
	if t.end {
		return endTag
	}
	return startTag
}

// attr locates one attribute in the tag's raw bytes, so that it can be changed
// or cut out without touching a byte beside it.
type attr struct {
	start, nameEnd int  // raw[start:nameEnd] is the name
	value, valEnd  int  // raw[value:valEnd] is the value, without quotes
	end            int  // one past the attribute, closing quote included
	quote          byte // '"', '\'', or 0 when unquoted or without value
}

// attrs walks the attributes in the order written, repeated names included:
// browsers keep the first of them. Values are raw: character references in
// them are not decoded.
func (t *tag) attrs() iter.Seq[attr] {
	return func(yield func(attr) bool) {
		for i := t.nameEnd; ; {
			a, ok := nextAttr(t.raw, i)
			if !ok || !yield(a) {
				return
			}
			i = a.end
		}
	}
}

// attr returns the raw value of the first attribute called name, which must be
// given in lower case.
func (t *tag) attr(name string) (value []byte, ok bool) {
	for a := range t.attrs() {
		if equalFold(t.raw[a.start:a.nameEnd], name) {
			return t.raw[a.value:a.valEnd], true
		}
	}
	return nil, false
}

// nextAttr reads the attribute at or after i (HTML 13.2.5.32 to 13.2.5.39).
// raw is a whole tag, so its last byte is the '>' that every scan stops at.
func nextAttr(raw []byte, i int) (attr, bool) {
	for i < len(raw) && (isSpace(raw[i]) || raw[i] == '/') {
		i++
	}
	if i >= len(raw)-1 {
		return attr{}, false
	}
	a := attr{start: i}
	i++ // even '=' begins a name here
	for class[raw[i]]&endsAttrName == 0 {
		i++
	}
	a.nameEnd, a.value, a.valEnd, a.end = i, i, i, i
	for isSpace(raw[i]) {
		i++
	}
	if raw[i] != '=' {
		return a, true
	}
	i++
	for isSpace(raw[i]) {
		i++
	}
	a.setValue(raw, i)
	return a, true
}

// setValue reads the value that begins at i.
func (a *attr) setValue(raw []byte, i int) {
	if c := raw[i]; c == '"' || c == '\'' {
		a.quote = c
		i++
		n := max(bytes.IndexByte(raw[i:], c), 0)
		a.value, a.valEnd, a.end = i, i+n, i+n+1
		return
	}
	a.value = i
	for class[raw[i]]&endsUnquoted == 0 {
		i++
	}
	a.valEnd, a.end = i, i
}

// tagEnd reads on in a tag from p[i] and returns the index after its '>', or a
// negative number if p ends before it.
func (s *scanner) tagEnd(p []byte, i int) int {
	st := s.state
	for {
		i = st.skip(p, i)
		if i == len(p) {
			s.state = st
			return -1
		}
		if st == tagName {
			s.tag.nameEnd = len(s.kept) + i
		}
		c := p[i]
		i++
		if c == '>' && st != doubleQuoted && st != singleQuoted {
			s.state, s.tag.selfClosing = beforeAttr, st == slash
			return i
		}
		st = after[st][column[c]]
	}
}

// skip returns the index of the first byte of p[i:] that may lead to another
// state, or len(p).
func (st state) skip(p []byte, i int) int {
	var stop byte
	switch st {
	case doubleQuoted, singleQuoted:
		quote := byte('"')
		if st == singleQuoted {
			quote = '\''
		}
		if n := bytes.IndexByte(p[i:], quote); n >= 0 {
			return i + n
		}
		return len(p)
	case tagName:
		stop = endsName
	case attrName:
		stop = endsAttrName
	case unquoted:
		stop = endsUnquoted
	default:
		return i
	}
	for i < len(p) && class[p[i]]&stop == 0 {
		i++
	}
	return i
}

// after is the state that a byte leads to which neither belongs to a run nor
// ends the tag (HTML 13.2.5.8 and 13.2.5.32 to 13.2.5.40).
var after = [...][6]state{
	//              other     space          /         =            "             '
	tagName:       {tagName, beforeAttr, slash, tagName, tagName, tagName},
	beforeAttr:    {attrName, beforeAttr, slash, attrName, attrName, attrName},
	attrName:      {attrName, afterAttrName, slash, beforeValue, attrName, attrName},
	afterAttrName: {attrName, afterAttrName, slash, beforeValue, attrName, attrName},
	beforeValue:   {unquoted, beforeValue, unquoted, unquoted, doubleQuoted, singleQuoted},
	doubleQuoted:  {doubleQuoted, doubleQuoted, doubleQuoted, doubleQuoted, beforeAttr, doubleQuoted},
	singleQuoted:  {singleQuoted, singleQuoted, singleQuoted, singleQuoted, singleQuoted, beforeAttr},
	unquoted:      {unquoted, beforeAttr, unquoted, unquoted, unquoted, unquoted},
	slash:         {attrName, beforeAttr, slash, attrName, attrName, attrName},
}

// column is where a byte stands in after.
var column = [256]uint8{'\t': 1, '\n': 1, '\f': 1, '\r': 1, ' ': 1, '/': 2, '=': 3, '"': 4, '\'': 5}

// Classes of bytes at which a scan inside a tag stops.
const (
	space byte = 1 << iota
	endsName
	endsAttrName
	endsUnquoted
)

var class = func() (table [256]byte) {
	for _, c := range []byte("\t\n\f\r ") {
		table[c] = space | endsName | endsAttrName | endsUnquoted
	}
	table['/'] = endsName | endsAttrName
	table['>'] = endsName | endsAttrName | endsUnquoted
	table['='] = endsAttrName
	return table
}()

func isSpace(c byte) bool { return class[c]&space != 0 }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func toLower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// equalFold reports whether b is lower, which is in lower case, in any ASCII
// case.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if toLower(c) != lower[i] {
			return false
		}
	}
	return true
}
