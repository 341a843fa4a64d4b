package page

import "slices"

// maxOpen bounds the open elements remembered inside svg and math. Browsers
// stop nesting at the same depth.
const maxOpen = 512

// node is an open element inside svg or math content, or one of their roots.
type node struct {
	key   uint32 // hash of its name
	space namespace
	point point
}

type namespace uint8

const (
	htmlSpace namespace = iota
	svgSpace
	mathSpace
)

// point is what an svg or math element makes of its children (HTML 13.2.6).
type point uint8

const (
	noPoint    point = iota
	htmlPoint        // HTML integration point: they are HTML
	textPoint        // MathML text integration point: HTML, but for two names
	annotation       // annotation-xml: an svg among them is one
)

// inForeign reports whether the innermost open element is of svg or math.
func (s *scanner) inForeign() bool {
	return len(s.open) > 0 && s.open[len(s.open)-1].space != htmlSpace
}

// enter takes note of a start tag and reports whether it is an HTML element,
// to which the rules of raw text and template apply.
func (s *scanner) enter(t *tag) bool {
	if len(s.open) > 0 && !s.htmlRules(t) {
		if !breaksOut(t) {
			s.push(t, s.open[len(s.open)-1].space)
			return false
		}
		s.breakOut()
	}
	switch {
	case t.name == "svg":
		s.push(t, svgSpace)
		return false
	case t.name == "math":
		s.push(t, mathSpace)
		return false
	case len(s.open) > 0 && t.traits&(void|rawText) == 0:
		s.push(t, htmlSpace)
	}
	return true
}

// leave takes note of an end tag and reports whether HTML's rules apply to it.
//
// An end tag whose element is not open is ignored, except that the end tag of
// an element that usually stands around an svg ends an svg left open, and that
// of an svg element ends HTML elements left open within it.
func (s *scanner) leave(t *tag) bool {
	if len(s.open) == 0 {
		return true
	}
	if s.inForeign() && (t.name == "p" || t.name == "br") {
		s.breakOut()
		return true
	}
	inHTML := !s.inForeign()
	for i, n := range slices.Backward(s.open) {
		root := t.name == "svg" || t.name == "math"
		switch {
		case n.key == t.key:
			s.open = s.open[:i]
			return n.space == htmlSpace
		case n.space == htmlSpace:
			inHTML = true
		case inHTML && n.point != noPoint && !root:
			return true
		}
	}
	if t.traits&(breakout|wrapper) != 0 {
		s.open = s.open[:0]
	}
	return true
}

// htmlRules reports whether a start tag here is read as HTML.
func (s *scanner) htmlRules(t *tag) bool {
	top := s.open[len(s.open)-1]
	switch top.point {
	case htmlPoint:
		return true
	case textPoint:
		return t.name != "mglyph" && t.name != "malignmark"
	case annotation:
		return t.name == "svg"
	}
	return top.space == htmlSpace
}

// breaksOut reports whether a start tag ends svg and math content.
func breaksOut(t *tag) bool {
	if t.name != "font" {
		return t.traits&breakout != 0
	}
	for _, a := range t.attrs {
		name := t.raw[a.start:a.nameEnd]
		if equalFold(name, "color") || equalFold(name, "face") || equalFold(name, "size") {
			return true
		}
	}
	return false
}

// breakOut closes elements until HTML may follow.
func (s *scanner) breakOut() {
	for s.inForeign() {
		if p := s.open[len(s.open)-1].point; p == htmlPoint || p == textPoint {
			return
		}
		s.open = s.open[:len(s.open)-1]
	}
}

func (s *scanner) push(t *tag, space namespace) {
	if t.selfClosing && space != htmlSpace || len(s.open) == maxOpen {
		return
	}
	s.open = append(s.open, node{t.key, space, pointOf(t, space)})
}

func pointOf(t *tag, space namespace) point {
	switch t.name {
	case "foreignobject", "desc", "title":
		if space == svgSpace {
			return htmlPoint
		}
	case "mi", "mo", "mn", "ms", "mtext":
		if space == mathSpace {
			return textPoint
		}
	case "annotation-xml":
		if space != mathSpace {
			return noPoint
		}
		if v, _ := t.attr("encoding"); equalFold(v, "text/html") || equalFold(v, "application/xhtml+xml") {
			return htmlPoint
		}
		return annotation
	}
	return noPoint
}
