package page

import (
	"bytes"
	"html"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/stylesheet"
)

// holding is what a Writer needs to hold back what the rules refuse: beside
// start tags these are style sheets, inline scripts and what browsers without
// scripts find in noscript.
type holding struct {
	block     blocker
	sheet     stylesheet.Rewriter
	styled    bool // the raw text, or the text in svg, is a style sheet
	script    snippet
	forms     formState
	sheetText []byte  // of a style sheet in svg, so far
	inner     *Writer // of the markup that is open, read as text by the scanner; nil: none
	unwrapped bool    // it stood in a script; otherwise in noscript
}

func (h *holding) reset(rules *Rules) {
	h.block.reset(rules)
	h.forms.reset(rules.Forms)
	h.styled, h.script, h.inner, h.unwrapped, h.sheetText = false, snippet{}, nil, false, h.sheetText[:0]
}

// translate takes what forms get in the language of the document.
func (h *holding) translate(lang string) {
	if h.block.Forms != nil && h.block.Forms.Translate != nil {
		h.forms.mount = h.block.Forms.Translate(lang)
	}
}

// holdBack passes the piece that begins at p[i] in the form in which it may
// pass. It reports false when it is to pass as it is.
func (w *Writer) holdBack(k kind, i int) bool {
	h := w.hold
	switch k {
	case startTag:
		w.closeSheet(i)
		return w.holdTag(i)
	case raw, text:
		return w.holdText(k, i)
	case endTag:
		w.closeSheet(i)
		if h.script.open {
			w.passTo(i)
			w.out = h.script.close(w.out, &h.block)
		}
		if h.inner != nil {
			return w.endInner(i)
		}
	}
	return false
}

// endInner ends the markup before the tag at p[i]. It reports whether the tag has
// been replaced.
func (w *Writer) endInner(i int) bool {
	h := w.hold
	w.passTo(i)
	inner, unwrapped := h.inner, h.unwrapped
	h.inner, h.unwrapped = nil, false
	closing := ""
	if unwrapped {
		b := &inner.hold.block
		h.block.base, h.block.based, h.block.fixed = b.base, b.based, b.fixed
		closing = inner.scan.finish() + strings.Repeat("</template>", inner.scan.templates) + "</div>"
	}
	inner.endFragment()
	h.block.held += inner.held
	w.pass([]byte(closing))
	return unwrapped && !w.scan.long // the rest of a long tag must remain part of one
}

// holdTag edits a start tag, and prepares for what it says of the text that
// follows.
func (w *Writer) holdTag(i int) bool {
	h, t := w.hold, &w.scan.tag
	if t.raw == nil {
		return false // too long to be held
	}
	h.block.inert, h.block.body = w.scan.templates > 0, w.stage >= inBody
	text, changed := h.block.append(h.block.text[:0], t)
	h.block.text = text[:0]
	switch {
	case h.block.markup:
		h.inner, h.unwrapped = w.fragment(), true
	case h.block.Ask == nil:
	case t.name == "style":
		h.styled = true
		h.sheet.Reset(h.block.sheetEdit)
	case t.name == "script" && !t.foreign && !h.block.lives:
		w.passTo(i)
		length := len(t.raw)
		if changed {
			length = len(text)
		}
		h.script.begin(t, len(w.out), length)
	case t.name == "noscript" && !t.foreign && !w.scan.static:
		h.inner = w.fragment()
		h.inner.scan.static = true
	}
	if changed {
		w.passTo(i)
		w.pass(text)
	}
	return changed
}

// holdText passes a piece of text through what reads it.
func (w *Writer) holdText(k kind, i int) bool {
	h := w.hold
	switch {
	case h.inner != nil:
		w.passTo(i)
		_, _ = h.inner.Write(w.scan.piece) // into memory of our own
	case h.script.open:
		h.script.size += len(w.scan.piece)
		if h.script.size > maxSnippet {
			w.passTo(i)
			w.out = h.script.giveUp(w.out, &h.block)
		}
		return false
	case h.styled && k == raw:
		w.passTo(i)
		w.out = h.sheet.Append(w.out, w.scan.piece)
	case h.styled && w.scan.inForeign():
		w.passTo(i)
		if h.sheetText = append(h.sheetText, w.scan.piece...); len(h.sheetText) > maxSnippet {
			w.passForeignSheet()
		}
	default:
		return false
	}
	return true
}

// passForeignSheet passes the text of a style sheet in svg. There it is text like any
// other, so character references in it count.
func (w *Writer) passForeignSheet() {
	h := w.hold
	if bytes.IndexByte(h.sheetText, '&') < 0 {
		w.out = h.sheet.Append(w.out, h.sheetText)
	} else {
		plain := []byte(decoded(h.sheetText))
		h.block.text = h.sheet.Append(h.block.text[:0], plain)
		if bytes.Equal(h.block.text, plain) {
			w.out = append(w.out, h.sheetText...)
		} else {
			w.out = append(w.out, html.EscapeString(string(h.block.text))...)
		}
	}
	h.sheetText = h.sheetText[:0]
}

// closeSheet ends the style sheet before the tag at p[i]. In svg a tag within does
// not end it.
func (w *Writer) closeSheet(i int) {
	h, t := w.hold, &w.scan.tag
	if !h.styled {
		return
	}
	w.passTo(i)
	if len(h.sheetText) > 0 {
		w.passForeignSheet()
	}
	w.out = h.sheet.Close(w.out)
	if h.styled = w.scan.inForeign() && t.name != "style"; h.styled {
		h.sheet.Reset(h.block.sheetEdit)
	}
}

// fragment returns a Writer for markup that becomes part of the page.
func (w *Writer) fragment() *Writer {
	b := &w.hold.block
	inner := b.within(passer{w})
	inner.hold.block.fixed, inner.hold.block.part = b.fixed, true
	return inner
}

// passer writes into a page that is being written.
type passer struct{ w *Writer }

func (p passer) Write(b []byte) (int, error) {
	p.w.pass(b)
	return len(b), nil
}

// endFragment ends markup that something else follows. A tag that is not
// finished would go on there, for browsers that read it without scripts, and
// take what follows into an address. It goes: made text, it would let go of the
// tags that its values hold.
func (w *Writer) endFragment() {
	if w.scan.state >= tagName && !w.scan.passed && bytes.IndexByte(w.scan.kept, '=') >= 0 {
		w.scan.kept, w.scan.state = w.scan.kept[:0], data
	}
	_ = w.Close()
}

// endHolding finishes what is open when the page ends.
func (w *Writer) endHolding() {
	h := w.hold
	switch {
	case h.styled:
		w.passForeignSheet()
		w.out = h.sheet.Close(w.out)
	case h.script.open:
		w.out = h.script.close(w.out, &h.block)
	case h.inner != nil:
		_ = h.inner.Close()
		h.block.held += h.inner.held
	}
	w.held, w.tagged, w.hold = h.block.held, h.block.tagged, nil
}

// ready is how much of what was passed, n bytes, may be sent.
func (h *holding) ready(n int) int {
	s := &h.script
	if !s.open {
		return n
	}
	at := s.tag
	s.tag, s.text = 0, s.text-at
	return at
}
