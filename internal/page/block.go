package page

import (
	"html"
	"io"
	"slices"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// heldPrefix is put before the name of an attribute that must not act. The value
// stays where it is, for whoever reads the page's source.
const heldPrefix = "data-held-"

// blocker changes the start tags of a page so that they load nothing that the
// rules refuse. Its edits touch single attributes.
type blocker struct {
	Rules          // Policies grow by those in the page
	host    string // of the page
	page    *weburl.URL
	tagged  bool       // a tag waits for another consent tool
	base    weburl.URL // of relative addresses
	based   bool       // by a base element
	fixed   bool       // by the first base element with an address, which alone counts
	lives   bool       // it waited for another consent tool, and is live now
	markup  bool       // so is the markup in it
	body    bool       // markup may stand here
	part    bool       // this is such markup itself, or that of noscript
	inert   bool       // the tag in work is within a template
	context []byte     // its attribute by which others are read
	held    int        // how much was held back

	edits []edit
	text  []byte     // scratch
	box   []byte     // likewise, for what is put into a box
	asked weburl.URL // the address in question, kept here so that asking needs no memory
}

// within returns a Writer for markup within the page, held to the same rules.
// What looks like a byte order mark is none there.
func (b *blocker) within(dst io.Writer) *Writer {
	rules := b.Rules
	rules.Address = &b.base
	inner := new(Writer)
	inner.Reset(dst, Insertion{}, &rules)
	inner.hold.block.based, inner.hold.block.page, inner.begun = b.based, b.page, true
	inner.patience = 0 // it is no beginning: nothing waits
	return inner
}

// edit replaces a part of a tag.
type edit struct {
	at, end int
	text    string
}

func (b *blocker) reset(rules *Rules) {
	*b = blocker{Rules: *rules, base: *rules.Address, host: rules.Address.Host, page: rules.Address, edits: b.edits[:0], text: b.text[:0], box: b.box[:0]}
}

// append adds the tag to dst in the form in which it may pass, if that is not
// the one in which it came.
func (b *blocker) append(dst []byte, t *tag) (out []byte, changed bool) {
	b.edits, b.lives, b.markup = b.edits[:0], false, false
	if raw, ok := b.live(t); ok {
		t.raw, changed, b.lives = raw, true, true // and what it asks for now is judged like any other
		t.readAttrs(raw)
	}
	if b.Ask != nil {
		b.inspect(t)
	}
	if t.name == "base" && !t.foreign && !b.inert && !b.fixed {
		b.rebase(t)
	}
	f := b.filling(t)
	if len(b.edits) == 0 && !changed && f.Frame == "" {
		return dst, false
	}
	slices.SortStableFunc(b.edits, func(x, y edit) int { return x.at - y.at })
	dst = apply(dst, t.raw, b.edits)
	if f.Frame != "" {
		dst = b.fill(dst, f)
	}
	return dst, true
}

// inspect judges every attribute of a start tag that loads something.
func (b *blocker) inspect(t *tag) {
	wants := t.wants()
	b.context, _ = t.attr(context(t))
	refused := attrSet(0)
	var frame standIn // by the first address the element was refused
	for _, a := range t.attrs {
		kind := load(t.raw[a.start:a.nameEnd]) & wants
		if kind == 0 {
			continue
		}
		if answer := b.attribute(t, a, kind); !answer.OK {
			b.rename(a)
			if frame.name == "" && frames[t.name] {
				frame = b.standIn(answer)
			}
			refused |= kind
		}
	}
	if refused&(attrSrc|attrSrcdoc|attrData|attrHref) != 0 {
		b.replaceElement(t, frame)
	}
	if refused != 0 {
		b.held++
	}
}

// context names the attribute by which others of an element are to be read.
func context(t *tag) string {
	switch {
	case t.foreign:
		return "attributename"
	case t.name == "link":
		return "rel"
	case t.name == "meta":
		return "http-equiv"
	case t.name == "param":
		return "name"
	}
	return ""
}

// attribute judges one attribute, and writes another address into it where it
// is to be loaded from there.
func (b *blocker) attribute(t *tag, a attr, kind attrSet) Answer {
	value := t.raw[a.value:a.valEnd]
	switch {
	case kind == attrSrcset:
		return b.srcset(t, a)
	case kind == attrSrcdoc:
		return b.srcdoc(t, a)
	case kind&(attrStyle|attrPaint) != 0:
		return b.style(t, a)
	case kind&(attrPing|attrAttribution) != 0:
		return b.reports(value)
	case kind == attrMotion:
		return b.motion(t, a)
	case t.name == "link" && !t.foreign:
		return b.link(t, a)
	case t.name == "meta":
		return b.meta(t, a)
	case t.name == "param" && !isMovie(decoded(b.context)):
		return allowed
	}
	return b.takeInto(t, a, kind, b.judge(value))
}

// rename takes an attribute's effect away.
func (b *blocker) rename(a attr) {
	b.edits = append(b.edits, edit{a.start, a.start, heldPrefix})
}

// replace writes another value into an attribute.
func (b *blocker) replace(a attr, value string) {
	value = html.EscapeString(value)
	if a.quote == 0 {
		value = `"` + value + `"`
	}
	b.edits = append(b.edits, edit{a.value, a.valEnd, value})
}

// insert adds attributes before all others, so that of two with the same name
// browsers take the new one (HTML 13.2.5.33).
func (b *blocker) insert(t *tag, attributes ...string) {
	for _, part := range attributes {
		b.edits = append(b.edits, edit{t.nameEnd, t.nameEnd, part})
	}
}
