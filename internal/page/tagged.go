package page

import (
	"bytes"
	"html"
	"slices"

	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
)

// live makes a tag act that waits for another consent tool, if the visitor
// agreed to what it waits for. It reports false for all other tags.
func (b *blocker) live(t *tag) (raw []byte, ok bool) {
	if b.Grants == nil || t.foreign || !mayBeTagged(t) {
		return nil, false
	}
	attr := attributes(t)
	demand, ok := dialect.Read(t.name, attr)
	if !ok {
		return nil, false
	}
	b.tagged = true
	if !b.Grants(demand) {
		b.held++ // it is live in the page that follows consent
		return nil, false
	}
	changes := demand.Live(t.name, attr)
	switch {
	case len(changes) == 0, demand.Markup && (b.inert || b.part || !b.body):
		return nil, false
	case demand.Markup:
		return b.unwrap(t, changes), true
	}
	return b.change(t, changes), true
}

// attributes reads those of a tag. The values are valid as long as the tag is.
func attributes(t *tag) dialect.Attributes {
	return func(name string) (string, bool) {
		value, ok := t.attr(name)
		return decoded(value), ok
	}
}

// unwrap makes of a script that holds markup an element that does.
func (b *blocker) unwrap(t *tag, changes []dialect.Change) []byte {
	raw := append([]byte("<div"), b.change(t, changes)[t.nameEnd:]...)
	t.element, t.nameEnd, b.markup = div, len("<div"), true
	return raw
}

// div is the element that stands for such a script.
var div = lookup([]byte("div"), hash([]byte("div")))

// mayBeTagged sorts out, at a glance, tags that no tool has marked.
func mayBeTagged(t *tag) bool {
	if t.loads == 0 {
		return false
	}
	for _, a := range t.attrs {
		switch name := t.raw[a.start:a.nameEnd]; {
		case len(name) > len("data-") && name[len("data")] == '-':
			return true
		case equalFold(name, "class"):
			classes := t.raw[a.value:a.valEnd]
			return bytes.Contains(classes, []byte("optanon-category-")) || bytes.Contains(classes, []byte("cmplz-"))
		}
	}
	return false
}

// change writes the tag with some attributes renamed, removed or given another
// value.
func (b *blocker) change(t *tag, changes []dialect.Change) []byte {
	var edits []edit
	for _, a := range t.attrs {
		name := t.raw[a.start:a.nameEnd]
		i := slices.IndexFunc(changes, func(c dialect.Change) bool { return equalFold(name, c.Name) })
		if i < 0 {
			continue
		}
		switch c := changes[i]; {
		case c.NewName == "":
			edits = append(edits, edit{a.start, a.end, ""})
		case c.SetValue:
			edits = append(edits, edit{a.start, a.end, c.NewName + `="` + html.EscapeString(c.Value) + `"`})
		default:
			edits = append(edits, edit{a.start, a.nameEnd, c.NewName})
		}
	}
	return apply(nil, t.raw, edits)
}

// apply writes raw with its edits, which are in the order of their places.
func apply(dst, raw []byte, edits []edit) []byte {
	at := 0
	for _, e := range edits {
		dst = append(append(dst, raw[at:e.at]...), e.text...)
		at = e.end
	}
	return append(dst, raw[at:]...)
}
