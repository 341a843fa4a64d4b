package page

import (
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// Forms are what a page's forms get that send something for which the gateway asks
// a proof. Both parts are complete markup, in ASCII.
type Forms struct {
	// Protects answers whether a proof is asked for what is sent to an address. It is
	// asked about every address to which a form of the page may send something that is
	// no query, those of other sites among them. The address is valid until Protects
	// returns.
	Protects func(address *weburl.URL) bool
	// Fields become the first children of the form, so that they are the first parts
	// of what it sends.
	Fields []byte
	// Mount goes before the form's first submit button: scripts put there what a
	// visitor is to see. It must be phrasing content, which may stand in a paragraph.
	Mount []byte
	// Translate, if set, returns Mount for a document that declares its language, as
	// Insertion.Translate does.
	Translate func(lang string) (mount []byte)
}

// openForm is the form that the tags in work belong to.
type openForm struct {
	open      bool
	posts     bool   // unless a button says otherwise
	protected bool   // what it sends by itself
	fielded   bool   // it has its fields
	mounted   bool   // and its mount
	action    []byte // as written
}

// formState is how far a page has come with its forms. A form cannot stand in another
// (HTML 13.2.6.4.7, "form element pointer"), but for one in a template.
type formState struct {
	outer, inner openForm
	due          bool // fields go after the tag in work
	mount        []byte
}

func (s *formState) reset(forms *Forms) {
	*s = formState{outer: openForm{action: s.outer.action[:0]}, inner: openForm{action: s.inner.action[:0]}}
	if forms != nil {
		s.mount = forms.Mount
	}
}

// placeForm inserts what belongs before the piece the scanner has just found, and
// takes note of what belongs behind it.
func (w *Writer) placeForm(k kind) {
	h, t := w.hold, &w.scan.tag
	if k != startTag && k != endTag || t.foreign {
		return
	}
	form := &h.forms.outer
	if w.scan.templates > 0 {
		form = &h.forms.inner
	} else if h.forms.inner.open {
		h.forms.inner.open = false // it ended with its template
	}
	switch {
	case t.name != "form":
		if k == startTag && form.open && t.raw != nil && isSubmit(t) {
			w.placeAtSubmit(form, t)
		}
	case k == endTag:
		form.open = false
	case !form.open:
		*form = openForm{open: true, action: form.action[:0]}
		if t.raw != nil { // not too long to be held
			h.forms.due = h.block.beginForm(form, t)
		}
	}
}

// beginForm reads a form's start tag, and reports whether the form gets its fields.
func (b *blocker) beginForm(form *openForm, t *tag) bool {
	method, _ := t.attr("method")
	action, _ := t.attr("action")
	form.posts = strings.EqualFold(decoded(method), "post")
	form.action = append(form.action, action...)
	form.protected = form.posts && b.protects(action)
	form.fielded = form.protected
	return form.fielded
}

// placeAtSubmit inserts before a submit button what its form lacks. A button may send
// a form elsewhere, and in another way, than the form itself.
func (w *Writer) placeAtSubmit(form *openForm, t *tag) {
	b := &w.hold.block
	if _, elsewhere := t.attr("form"); elsewhere {
		return
	}
	protected, posts := form.protected, form.posts
	method, otherMethod := t.attr("formmethod")
	action, otherAction := t.attr("formaction")
	if otherMethod {
		posts = strings.EqualFold(decoded(method), "post")
	}
	if !otherAction {
		action = form.action
	}
	if otherMethod || otherAction {
		protected = posts && b.protects(action)
	}
	if !protected && !form.protected {
		return
	}
	if !form.fielded {
		w.insert(b.Forms.Fields)
		form.fielded = true
	}
	if !form.mounted {
		w.insert(w.hold.forms.mount)
		form.mounted = true
	}
}

// protects asks about the address that a form sends to (HTML 4.10.21.3, "form
// submission"): without an action that is the page's own, whatever its base.
func (b *blocker) protects(action []byte) bool {
	if len(action) == 0 {
		b.asked = *b.page
		return b.Forms.Protects(&b.asked)
	}
	var ok bool
	b.asked, ok = weburl.Parse(decoded(action), &b.base)
	return ok && b.asked.Network() && b.Forms.Protects(&b.asked)
}

// isSubmit reports whether an element is a button that sends its form.
func isSubmit(t *tag) bool {
	kind, _ := t.attr("type")
	switch t.name {
	case "button":
		return !strings.EqualFold(decoded(kind), "button") && !strings.EqualFold(decoded(kind), "reset")
	case "input":
		return strings.EqualFold(decoded(kind), "submit") || strings.EqualFold(decoded(kind), "image")
	}
	return false
}

// ofForm reports whether a tag, from its '<' on, begins or ends a form, or is that of
// a button.
func ofForm(p []byte) bool {
	switch p[1] | 0x20 {
	case 'f':
		return isNamed(p[1:], "form")
	case 'b':
		return isNamed(p[1:], "button")
	case '/':
		return isNamed(p[2:], "form")
	}
	return false
}

func isNamed(p []byte, name string) bool {
	return len(p) > len(name) && equalFold(p[:len(name)], name) && class[p[len(name)]]&endsName != 0
}
