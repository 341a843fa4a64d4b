package page

import (
	"html"

	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
)

// iframe is the element that fills boxes.
var iframe = lookup([]byte("iframe"), hash([]byte("iframe")))

// filling is what a script would put into an element and this page puts there
// itself: a frame into the box of another consent tool, a place for its button
// above the quote of a post.
func (b *blocker) filling(t *tag) (f dialect.Filling) {
	switch {
	case b.Ask == nil || t.foreign || b.markup: // which has its own content
	case t.name == "blockquote":
		f, _ = dialect.Post(attributes(t))
	case b.Fill && dialect.MayBeBox(t.raw):
		f, _ = dialect.Fill(t.name, b.host, attributes(t))
	}
	if f.Class != "" {
		b.addClass(t, f.Class)
	}
	return f
}

// fill adds to the tag in dst what belongs behind it. The frame is held to the
// rules like any that came with the page.
func (b *blocker) fill(dst []byte, f dialect.Filling) []byte {
	frame := tag{element: iframe, raw: []byte(f.Frame), nameEnd: len("<iframe")}
	frame.readAttrs(frame.raw)
	held := b.held
	text, changed := b.append(b.box[:0], &frame)
	switch {
	case f.Waits && b.held == held:
		return dst
	case !changed:
		text = frame.raw
	default:
		b.box = text
	}
	if f.Inside != "" {
		dst = append(dst, `<div class="`+f.Inside+`">`...)
	}
	dst = append(append(dst, text...), "</iframe>"...)
	if f.Inside != "" {
		dst = append(dst, "</div>"...)
	}
	return dst
}

// addClass gives an element more classes.
func (b *blocker) addClass(t *tag, class string) {
	for _, a := range t.attrs {
		if equalFold(t.raw[a.start:a.nameEnd], "class") {
			class = decoded(t.raw[a.value:a.valEnd]) + " " + class
			b.edits = append(b.edits, edit{a.start, a.end, `class="` + html.EscapeString(class) + `"`})
			return
		}
	}
	b.insert(t, ` class="`+class+`"`)
}
