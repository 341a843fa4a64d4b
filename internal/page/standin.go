package page

import "net/url"

// replaceElement does what else it takes that an element whose address was
// refused does no harm and leaves the page standing: a script is data, and a
// frame shows the page that stands in for what it would have shown.
func (b *blocker) replaceElement(t *tag, frame standIn) {
	if t.name == "script" {
		b.insert(t, ` type="text/plain"`)
	}
	if t.foreign || frame.name == "" {
		return
	}
	switch t.name {
	case "iframe", "frame":
		b.holdSandbox(t)
		b.insert(t, ` src="`, b.Waiting, frame.query, frame.name, `" referrerpolicy="same-origin"`)
	case "embed":
		b.insert(t, ` src="`, b.Waiting, frame.query, frame.name, `" type="text/html"`)
	case "object":
		b.insert(t, ` data="`, b.Waiting, frame.query, frame.name, `" type="text/html"`)
	}
}

// frames are the elements in which a page stands in for another.
var frames = map[string]bool{"embed": true, "frame": true, "iframe": true, "object": true}

// standIn is for what the page under Rules.Waiting stands in. Without a name there is
// nothing to be said of it.
type standIn struct{ query, name string }

// standIn is that for what was just refused.
func (b *blocker) standIn(answer Answer) standIn {
	switch {
	case b.Waiting == "":
		return standIn{}
	case answer.Service != "":
		return standIn{"?service=", answer.Service}
	}
	return standIn{"?host=", url.QueryEscape(b.asked.Host)} // which may hold quotes
}

// holdSandbox keeps the page in the frame from being shut in by what was meant
// for another: its form has to reach the page around it.
func (b *blocker) holdSandbox(t *tag) {
	for _, a := range t.attrs {
		if equalFold(t.raw[a.start:a.nameEnd], "sandbox") {
			b.rename(a)
		}
	}
}
