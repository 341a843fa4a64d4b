package page

import "bytes"

// maxTag bounds, in bytes, the tag that is held until its end is seen. A longer
// one passes through without having been looked at inside.
const maxTag = 64 << 10

// kind is what a piece of a page is.
type kind uint8

const (
	text     kind = iota // character data and CDATA sections
	raw                  // the content of script, style, title and their like
	comment              // comments, and what browsers take for one
	doctype              // <!doctype …>
	startTag             // a whole start tag, or the beginning of one longer than maxTag
	endTag               // likewise
	tagRest              // what follows the beginning of an overlong tag, its end included
	held                 // the beginning of a tag; the scanner has kept the bytes
)

// state is a state of the tokenizer, named after those of HTML 13.2.5.
type state uint8

const (
	data state = iota
	rawData
	cdata
	bogus // up to the next '>': bogus comments and doctypes
	commentStart
	commentStartDash
	commentData
	commentDash
	commentEnd
	commentEndBang

	// In the states from here on bytes are held, because they may be a tag.
	tagOpen
	endTagOpen
	declaration
	rawOpen
	rawEndName
	scriptBang
	scriptNested

	// From here on they are one.
	tagName
	beforeAttr
	attrName
	afterAttrName
	beforeValue
	doubleQuoted
	singleQuoted
	unquoted
	slash
)

// scanner cuts a page, pushed in pieces of any size, into what a browser finds
// in it: the tokenizer of HTML 13.2.5 as far as tags need it, with as much of
// the tree builder (13.2.6) as decides whether text is markup. It changes
// nothing, holds back at most one incomplete tag, and its work is linear.
//
// It reads as browsers with scripts switched on do. Not modelled: the tags that
// browsers ignore inside select and frameset.
type scanner struct {
	state state
	at    int      // progress within a name, a <! construct, or a run of '-' or ']'
	seq   string   // the <! construct being matched
	doc   bool     // the bogus state is spent in a doctype
	want  *element // the raw text element being read, if any
	esc   escape   // how deep in <!-- <script> a script is

	tag    tag
	long   bool   // the tag being read is longer than maxTag
	kept   []byte // the beginning of an incomplete tag
	passed bool   // kept was returned by the last next and may go
	piece  []byte // the bytes last returned

	open      []node // open elements, from the outermost svg or math inwards
	templates int    // open template elements

	due         bool // a tag begins where the last text ended
	plain       bool // plain tags are of no interest: they are passed over with the text around them
	watchful    bool // but for some:
	boxes       bool // those that may begin a box
	forms       bool // those of forms and their buttons
	static      bool // scripts are switched off: what stands in noscript is markup
	uninspected int  // tags longer than maxTag, so far
}

// next takes the first n bytes of p, which must not be empty, and says what
// they are. The whole piece is s.piece: those bytes, preceded by bytes kept
// from earlier calls if s.passed is set. Of kind held nothing is returned yet.
// Runs of text, raw text and comments come in any number of pieces; n may be 0
// when kept bytes turn out not to be a tag.
func (s *scanner) next(p []byte) (n int, k kind) {
	if s.passed {
		s.kept, s.passed = s.kept[:0], false
	}
	switch {
	case s.long:
		n, k = s.rest(p), tagRest
	case s.state >= tagOpen:
		return s.markup(p)
	case s.state == data:
		if n = s.textRun(p); n == 0 {
			return s.tagAt(p)
		}
		k = text
	case s.state == rawData:
		if n = s.rawRun(p); n == 0 {
			return s.markup(p)
		}
		k = raw
	case s.state == cdata:
		n, k = s.cdataRun(p), text
	case s.state == bogus:
		n, k = s.bogusRun(p)
	default:
		n, k = s.commentRun(p), comment
	}
	s.piece = p[:n]
	return n, k
}

// finish ends markup that something else follows: it forgets a tag that is not
// finished, as browsers do, and returns what ends a comment, raw text or a tag that
// has passed in part.
func (s *scanner) finish() (closing string) {
	if s.state >= tagName && s.keeps() {
		s.kept, s.state = s.kept[:0], data
	}
	switch {
	case s.want != nil:
		return "</" + s.want.name + ">"
	case s.long && s.tag.traits&rawText != 0:
		return `"'></` + s.tag.name + ">"
	case s.long:
		return `"'>`
	case s.state == cdata:
		return "]]>"
	case s.state >= commentStart && s.state <= commentEndBang:
		return "-->"
	case s.state == bogus || s.state >= tagOpen:
		return ">"
	}
	return ""
}

// inText reports whether markup inserted here would be markup: the scanner is
// not inside a tag, a comment or raw text.
func (s *scanner) inText() bool { return s.state == data && !s.long }

// keeps reports whether the beginning of a tag waits for the rest of it.
func (s *scanner) keeps() bool { return len(s.kept) > 0 && !s.passed }

// reset prepares the scanner for another page and keeps its memory.
func (s *scanner) reset() {
	if cap(s.tag.attrs) > maxAttrs {
		s.tag.attrs = nil
	}
	*s = scanner{kept: s.kept[:0], open: s.open[:0], tag: tag{attrs: s.tag.attrs[:0]}}
}

// maxAttrs bounds the attributes for which memory is kept from page to page.
const maxAttrs = 256

// textRun returns the length of the text at the beginning of p, plain tags within
// it included.
func (s *scanner) textRun(p []byte) int {
	if s.due {
		return 0
	}
	n := len(p)
	if s.plain && len(s.open) == 0 {
		n = s.plainRun(p)
	} else if at := bytes.IndexByte(p, '<'); at >= 0 {
		n = at
	}
	s.due = n < len(p)
	return n
}
