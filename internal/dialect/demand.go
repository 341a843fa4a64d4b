// Package dialect understands pages that were tagged for another consent tool,
// so that they work behind the gateway as they are: it reads the tags that
// such a tool holds back, says what makes them live, knows the tools' own
// scripts and the links that open their settings, and reads the choice a
// visitor once made with them.
//
// It only reads; what may load is decided elsewhere.
package dialect

import "strings"

// Demand is what a tag needs before it may act, as the tag itself says it.
type Demand struct {
	// Tool is the consent tool the tag was written for, as its makers call it.
	Tool string
	// Purposes must all be granted: "functional", "statistics", "marketing".
	// It is empty for what is necessary, and shared: not to be written to. A
	// tag that names a service but no category needs marketing, the strictest;
	// who knows the service knows better.
	Purposes []string
	// Service is the text by which the tag names one service, in the words of
	// the tool or of the site's owner; "" if it names none.
	Service string
	// Markup says that the text of the script is markup: granted, it becomes part
	// of the page, within an element that takes the place of the script.
	Markup bool
	// Negated tags act when the purposes (or the service) were refused, and
	// not before the visitor has chosen.
	Negated bool
}

// Attributes gives the value of an attribute, character references resolved.
// Names are asked for in lower case.
type Attributes func(name string) (value string, ok bool)

// Read recognises a start tag written for a consent tool. element is in lower
// case. Tags of the tools' own attributes are believed even where they hold
// nothing back; attributes that other software uses too, such as data-name,
// only on a tag that does not act.
func Read(element string, attr Attributes) (d Demand, ok bool) {
	if !mayBeTagged(element) {
		return Demand{}, false
	}
	t := tag{element: element, attr: attr}
	t.kind, _ = attr("type")
	switch {
	case t.oneTrust(&d), t.didomi(&d), t.cookiebot(&d), t.cookieYes(&d), t.usercentrics(&d),
		t.complianz(&d), t.borlabs(&d), t.vanilla(&d), t.frame(&d), t.klaro(&d):
		return d, true
	}
	return Demand{}, false
}

// mayBeTagged reports whether consent tools hold such elements back.
func mayBeTagged(element string) bool {
	switch element {
	case "script", "iframe", "img", "link", "embed", "video", "audio", "source":
		return true
	}
	return false
}

// needs sets the purposes of the categories that a tag lists.
func (d *Demand) needs(list, separator string) {
	var all purposes
	for name := range strings.SplitSeq(list, separator) {
		all |= demanded(name)
	}
	d.Purposes = all.names()
}

// serves notes the service a tag is for, which says nothing of its purposes.
func (d *Demand) serves(service string) {
	d.Service = strings.TrimSpace(service)
	d.Purposes = marketing.names()
}
