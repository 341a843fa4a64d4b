// Package stylesheet finds what a style sheet loads and edits it in place.
//
// It reads tokens as browsers do (CSS Syntax Level 3), so that `\75rl(`, a
// comment, a string without an end or a bad url() hide nothing and break
// nothing. These are addresses:
//
//   - url() with and without quotes, wherever it stands;
//   - strings after @import;
//   - strings in image-set(), src(), image() and cross-fade(), with and without
//     -webkit-, but not in type() and format(), which name kinds of files;
//   - strings in custom properties, initial-value and result, because var() can
//     put them into one of those functions, in another sheet too.
//
// What @namespace names is never loaded. Every byte that is not edited leaves
// exactly as it came, in any encoding that is a superset of ASCII.
package stylesheet

// Nothing is written in place of an address that must not be loaded. It is the
// address CSS itself gives to what is invalid (CSS Values 4, 4.5.4): nothing is
// contacted, and the declaration around it stays valid.
const Nothing = "about:invalid"

// maxAddress is the length in bytes beyond which an address is not held back
// until its end is known. Longer ones pass unasked if they begin with data:,
// which contacts nobody; no other address of that length is of any use, so they
// become Nothing.
const maxAddress = 64 << 10

// An Edit decides about one address, decoded from its escapes but otherwise as
// written. instead takes its place; if it is the same, no byte changes. With ok
// false the address must not be loaded, and becomes Nothing.
//
// Addresses that load nothing are not asked about: empty ones, Nothing, and
// those that begin with #, which stay in the document (CSS Values 4, 4.5.1).
type Edit func(address string) (instead string, ok bool)

// Append appends a complete style sheet, or the declarations of a style
// attribute, to dst as edit wants it. The caller escapes what it puts into an
// attribute; within a style element the result is as safe as sheet, because
// what is written is ASCII without quotes, ampersands and angle brackets.
func Append(dst, sheet []byte, edit Edit) []byte {
	r := Rewriter{edit: edit, nesting: nesting{opening: true}}
	s := scanner{Rewriter: &r, in: sheet, out: dst, last: true}
	s.run()
	return s.out
}

// A Rewriter edits a style sheet that comes in pieces. However it is cut, the
// output is the same. Besides the piece in hand it holds at most one address
// (64 KB). It must be Reset before each sheet and is not safe for concurrent
// use.
type Rewriter struct {
	edit Edit
	nesting

	// held are the bytes of a token whose end has not come yet; the first seen
	// of them need not be looked at again.
	held []byte
	seen int

	// mode is what the next byte is part of, quote the mark that ends it if that
	// is a string, and drop whether it is left out.
	mode  mode
	quote byte
	drop  bool
}

// mode is where in a token, or between tokens, the Rewriter stands.
type mode uint8

const (
	between mode = iota
	inComment
	inString  // one that is no address, or too long
	inName    // one too long to mean anything
	beforeURL // the white space after url(
	inURL     // the address after that, if it has no quotes
	inBadURL  // one that is invalid, or too long
)

// Reset begins a new sheet.
func (r *Rewriter) Reset(edit Edit) {
	*r = Rewriter{edit: edit, held: r.held[:0], nesting: nesting{frames: r.frames[:0], opening: true}}
}

// Append appends to dst what is certain of the sheet after its next piece p.
func (r *Rewriter) Append(dst, p []byte) []byte {
	if len(r.held) > 0 {
		r.held = append(r.held, p...)
		p = r.held
	}
	s := scanner{Rewriter: r, in: p, out: dst}
	s.run()
	r.held = append(r.held[:0], p[s.at:]...)
	return s.out
}

// Close appends the rest. CSS closes by itself what is still open.
func (r *Rewriter) Close(dst []byte) []byte {
	s := scanner{Rewriter: r, in: r.held, out: dst, last: true}
	s.run()
	r.held = r.held[:0]
	return s.out
}
