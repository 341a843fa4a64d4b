package dialect

import "strings"

// Change is one edit of an attribute of a tag.
type Change struct {
	// Name is the attribute to change, in lower case.
	Name string
	// NewName is what it is called from now on; "" removes it.
	NewName string
	// Value is what it becomes if SetValue is true, as plain text: whoever
	// writes it into the page escapes it. Otherwise the value stays.
	Value    string
	SetValue bool
}

// held are the attributes in which the tools keep an address, and the one that
// would load it. own tells those that no other software writes: they win over
// the placeholder that stands in the live attribute.
var held = [...]struct {
	name, live string
	own        bool
}{
	{"data-cookieblock-src", "src", true},
	{"data-cmplz-src", "src", true},
	{"data-src-cmplz", "src", true},
	{"uc-src", "src", true},
	{"data-uc-src", "src", true},
	{"data-borlabs-cookie-script-blocker-src", "src", true},
	{"data-src", "src", false},
	{"data-href", "href", false},
}

// Live lists the changes after which the tag acts, as its tool would make it.
// What it then loads is still to be judged like anything else on the page. The
// arguments are those of Read.
func (d Demand) Live(element string, attr Attributes) []Change {
	t := tag{element: element, attr: attr}
	t.kind, _ = attr("type")
	var changes []Change
	switch {
	case d.Tool == borlabsCookie && strings.EqualFold(t.kind, "text/template-module"):
		changes = []Change{{Name: "type", NewName: "type", Value: "module", SetValue: true}}
	case t.inert(), d.Tool == borlabsCookie, d.Tool == didomi:
		changes = t.run()
	}
	return t.unmark(t.place(changes))
}

// run gives a tag the type with which it acts: that of data-type, or none,
// which for a script means JavaScript.
func (t tag) run() []Change {
	changes := []Change{{Name: "type"}}
	if kind, ok := t.attr("data-type"); ok && kind != "" {
		changes = append(changes, Change{Name: "data-type", NewName: "type"})
	}
	return changes
}

// place moves the addresses to where they load.
func (t tag) place(changes []Change) []Change {
	placed := ""
	for _, h := range held {
		address, ok := t.attr(h.name)
		if !ok || address == "" || h.live == placed || !h.own && !t.blank(h.live) {
			continue
		}
		placed = h.live
		if _, ok := t.attr(h.live); ok {
			changes = append(changes, Change{Name: h.live}) // of two, browsers heed the first
		}
		changes = append(changes, Change{Name: h.name, NewName: h.live})
	}
	return changes
}

// unmark removes from scripts the attributes by which a tool that is still on
// the page would run them once more.
func (t tag) unmark(changes []Change) []Change {
	if t.element != "script" {
		return changes
	}
	for _, name := range [...]string{"data-category", "data-cookiecategory", "data-name"} {
		if _, ok := t.attr(name); ok {
			changes = append(changes, Change{Name: name})
		}
	}
	return changes
}
