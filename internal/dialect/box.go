package dialect

import (
	"bytes"
	"cmp"
	"html"
	"net/url"
	"slices"
	"strings"
)

// Filling is what a script puts into an element of a page once the visitor agrees.
type Filling struct {
	// Frame is the start tag of an iframe that shows a service. Whether it may is
	// still to be judged, like anything else on the page.
	Frame string
	// Inside is the class of an element around the frame; "" for none.
	Inside string
	// Class lists the classes that the box gets then; "" for none.
	Class string
	// Waits says that the frame stands there only as long as it is refused.
	Waits bool
}

// box is one kind of box, by what its frame shows.
type box struct {
	title string // of the frame, where the box says none
	// addresses of the frame, as the tool makes them, with attributes of the box
	// in braces: {id}, {kind|video} with what stands for it if it is missing, and
	// {=url} for a value that is escaped. The first counts of which nothing is
	// missing.
	addresses []string
	// options are attributes that go into the query: name, or name=attribute.
	options string
	size    string // width and height, where the box says none
}

// Fill recognises the start tag of a box that the scripts of tarteaucitron and
// iframemanager fill with frames. element is in lower case; host is that of the
// page, which some services want to be told. What the box already holds stays.
//
// Some boxes name the address themselves: they are to be filled only where the
// page is meant for such a tool. Tags that MayBeBox sorts out need not be asked about.
func Fill(element, host string, attr Attributes) (f Filling, ok bool) {
	if !holdsFrames(element) {
		return Filling{}, false
	}
	t := tag{element: element, attr: attr}
	if service, ok := attr("data-service"); ok {
		return t.managed(service, host)
	}
	class, _ := attr("class")
	for name := range strings.FieldsSeq(class) {
		if b, ok := boxes[name]; ok {
			f.Frame, ok = t.classed(&b, host)
			return f, ok
		}
	}
	return Filling{}, false
}

// MayBeBox sorts out, at a glance, tags that begin no box.
func MayBeBox(tag []byte) bool {
	const least = len(`<p class=matterport>`)
	return len(tag) > least && slices.ContainsFunc(boxMarks[:], func(mark []byte) bool { return bytes.Contains(tag, mark) })
}

// boxMarks are what the tag of every box has at least one of.
var boxMarks = [...][]byte{
	[]byte("_"), []byte("data-service"), []byte("-canvas"),
	[]byte("geoportail"), []byte("googlemaps"), []byte("matterport"), []byte("openstreetmap"),
}

// holdsFrames reports whether the tools' pages use such elements for boxes.
func holdsFrames(element string) bool {
	switch element {
	case "div", "span", "p", "section", "figure":
		return true
	}
	return false
}

// classed writes the frame of a tarteaucitron box.
func (t tag) classed(b *box, host string) (frame string, ok bool) {
	address, ok := t.address(b, host)
	if !ok {
		return "", false
	}
	f := newFrame(t.addOptions(address, b.options), cmp.Or(t.value("title"), b.title))
	f.add("width", cmp.Or(length(t.value("width")), b.size))
	f.add("height", cmp.Or(length(t.value("height")), b.size))
	f.add("referrerpolicy", t.value("referrerpolicy"))
	return f.end(t.value("allowfullscreen") != "0"), true
}

// managed: <div data-service="youtube" data-id="…"> of iframemanager, with
// data-params for the query and data-iframe-… for attributes of the frame. Its
// style sheet hides frames until the box has certain classes.
func (t tag) managed(service, host string) (Filling, bool) {
	b, ok := managed[service]
	if !ok {
		return Filling{}, false
	}
	address, ok := t.address(&b, host)
	if !ok {
		return Filling{}, false
	}
	if params := strings.TrimPrefix(t.value("params"), "?"); params != "" {
		address += separator(address) + params
	}
	f := newFrame(address, cmp.Or(t.value("iframe-title"), t.value("title"), b.title))
	for _, name := range [...]string{"allow", "class", "frameborder", "height", "id", "loading", "name", "referrerpolicy", "sandbox", "width"} {
		f.add(name, t.value("iframe-"+name))
	}
	if text, ok := t.attr("data-iframe-sandbox"); ok && strings.TrimSpace(text) == "" {
		f.WriteString(` sandbox=""`) // the strictest
	}
	return Filling{Frame: f.end(true), Inside: "cll", Class: "c-h-n c-h-b"}, true
}

// value reads an attribute of a box as tarteaucitron does: with "data-" before
// its name, or without.
func (t tag) value(name string) string {
	if value, _ := t.attr("data-" + name); value != "" {
		return strings.TrimSpace(value)
	}
	value, _ := t.attr(name)
	return strings.TrimSpace(value)
}

// address puts the attributes of a box into the first address they suffice for.
func (t tag) address(b *box, host string) (string, bool) {
	for _, template := range b.addresses {
		address, ok := t.expand(template, host)
		if !ok {
			continue
		}
		if !strings.HasPrefix(template, "https://") && !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
			return "", false // of those that pages name, no others are followed
		}
		return address, true
	}
	return "", false
}

// expand replaces what stands in braces.
func (t tag) expand(template, host string) (address string, ok bool) {
	var w strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		w.WriteString(before)
		if !found {
			return w.String(), true
		}
		var name string
		name, template, _ = strings.Cut(rest, "}")
		name, otherwise, optional := strings.Cut(name, "|")
		name, escaped := strings.CutPrefix(name, "=")
		value := t.value(name)
		switch {
		case name == "host":
			value = host
		case value == "" && !optional:
			return "", false
		case value == "":
			value = otherwise
		case escaped:
			value = url.QueryEscape(value)
		}
		w.WriteString(value)
	}
}

// addOptions adds to the query what the box says of them.
func (t tag) addOptions(address, options string) string {
	for option := range strings.FieldsSeq(options) {
		name, attribute, renamed := strings.Cut(option, "=")
		if !renamed {
			attribute = name
		}
		if value := t.value(attribute); value != "" {
			address += separator(address) + name + "=" + url.QueryEscape(value)
		}
	}
	return address
}

// length is a width or height as the attributes of a frame know it: a number of
// pixels, or of hundredths. Anything else is no size.
func length(value string) string {
	number := strings.TrimSuffix(strings.TrimSuffix(value, "%"), "px")
	if number == "" || strings.Trim(number, "0123456789.") != "" {
		return ""
	}
	return strings.TrimSuffix(value, "px")
}

// separator stands before what is added to the query of an address.
func separator(address string) string {
	if strings.Contains(address, "?") {
		return "&"
	}
	return "?"
}

// frame is the start tag of an iframe that is being written.
type frame struct{ strings.Builder }

func newFrame(address, title string) *frame {
	f := new(frame)
	f.WriteString("<iframe")
	f.add("src", address)
	f.add("title", title)
	return f
}

func (f *frame) add(name, value string) {
	if value != "" {
		f.WriteString(" " + name + `="` + html.EscapeString(value) + `"`)
	}
}

func (f *frame) end(fullscreen bool) string {
	if fullscreen {
		f.WriteString(" allowfullscreen")
	}
	f.WriteString(">")
	return f.String()
}
