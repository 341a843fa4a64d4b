package page

import "bytes"

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
	attrs       []attr // of a start tag
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

// attr returns the raw value of the first attribute called name, which must be
// given in lower case.
func (t *tag) attr(name string) (value []byte, ok bool) {
	for i := range t.attrs {
		if a := &t.attrs[i]; equalFold(t.raw[a.start:a.nameEnd], name) {
			return t.raw[a.value:a.valEnd], true
		}
	}
	return nil, false
}

// read reads the tag at the beginning of p, which is '<' and a letter or '</' and
// a letter, as far as its end, and returns where that is; negative if p ends before
// it.
func (t *tag) read(p []byte) int {
	i := 1
	if t.end = p[i] == '/'; t.end {
		i++
	}
	for i < len(p) && class[p[i]]&endsName == 0 {
		i++
	}
	t.nameEnd = i
	return t.readAttrs(p)
}

// readAttrs reads the attributes that follow the name, in the order written,
// repeated names included: browsers keep the first of them (HTML 13.2.5.32 to
// 13.2.5.40). Values are raw: character references in them are not decoded.
func (t *tag) readAttrs(p []byte) int {
	t.attrs = t.attrs[:0]
	for i := t.nameEnd; ; {
		t.selfClosing = false
		for i < len(p) && (isSpace(p[i]) || p[i] == '/') {
			t.selfClosing = p[i] == '/'
			i++
		}
		if i == len(p) {
			return -1
		}
		if p[i] == '>' {
			return i + 1
		}
		a, ok := nextAttr(p, i)
		if !ok {
			return -1
		}
		t.attrs = append(t.attrs, a)
		i = a.end
	}
}

// nextAttr reads the attribute that begins at p[i]. It reports false if p may end
// before it.
func nextAttr(p []byte, i int) (a attr, ok bool) {
	a.start = i
	for i++; i < len(p) && class[p[i]]&endsAttrName == 0; i++ { // even '=' begins a name
	}
	a.nameEnd, a.value, a.valEnd, a.end = i, i, i, i
	for i < len(p) && isSpace(p[i]) {
		i++
	}
	if i == len(p) || p[i] != '=' {
		return a, i < len(p)
	}
	for i++; i < len(p) && isSpace(p[i]); i++ {
	}
	if i < len(p) && (p[i] == '"' || p[i] == '\'') {
		a.quote = p[i]
		n := bytes.IndexByte(p[i+1:], a.quote)
		a.value, a.valEnd, a.end = i+1, i+1+n, i+1+n+1
		return a, n >= 0
	}
	a.value = i
	for i < len(p) && class[p[i]]&endsUnquoted == 0 {
		i++
	}
	a.valEnd, a.end = i, i
	return a, i < len(p)
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
