package page

// prescan is how many bytes browsers search for the charset of a page whose
// header does not name it (HTML 13.2.3.2).
const prescan = 1024

// stage is how far a document has come, as far as insertion goes.
type stage uint8

const (
	inHead    stage = iota // or before it
	afterHead              // after </head>
	inBody
	inTail  // only End is left, and it goes where the page ends: bytes pass without being read
	settled // nothing more to insert
)

// place inserts what belongs before the piece the scanner has just found.
func (w *Writer) place(k kind) {
	if w.mark >= 0 {
		w.lookForCharset(k)
	}
	switch w.stage {
	case inHead, afterHead:
		w.placeBeforeBody(k)
	case inBody:
		if k == endTag && w.endsBody() {
			w.insertEnd()
			w.settle()
		}
	}
}

// placeBeforeBody follows the tree builder to where head and body begin, stated
// or implied (HTML 13.2.6.4.1 to 13.2.6.4.6).
func (w *Writer) placeBeforeBody(k kind) {
	t := &w.scan.tag
	switch {
	case k == doctype:
		w.document = true
	case k == startTag && t.name == "template" && w.scan.templates == 1:
		w.placeHead()
	case w.scan.templates > 0:
		// content of a template in head
	case k == text:
		if i := w.firstInk(); i < len(w.scan.piece) {
			w.at += i
			w.placeBody()
		}
	case k == startTag:
		w.placeAtStartTag(t)
	case k == endTag:
		switch t.name {
		case "head":
			w.placeHead()
			w.stage = max(w.stage, afterHead)
		case "br":
			w.placeBody()
		case "body", "html":
			w.placeBody()
			w.place(k)
		}
	}
}

func (w *Writer) placeAtStartTag(t *tag) {
	switch t.name {
	case "html":
		w.document = true
		w.translate(t)
	case "head":
		w.document = true
	case "meta":
		w.placeAtMeta(t)
	case "title", "base":
		w.document = true
		w.placeHead()
	case "body":
		w.document = true
		w.placeHead()
		w.enterBody()
		w.bodyDue = true
	case "frameset":
		w.document = true
		w.placeHead()
		w.settle()
	default:
		inHead := w.stage == inHead || t.name != "noscript" // which cannot follow head
		if inHead && t.traits&metadata != 0 {
			w.placeHead()
		} else {
			w.placeBody()
		}
	}
}

// translate takes what has words in the language of the document.
func (w *Writer) translate(t *tag) {
	if t.raw == nil {
		return
	}
	lang, ok := t.attr("lang")
	if !ok {
		return
	}
	if w.ins.Translate != nil {
		w.ins.Body, w.ins.End = w.ins.Translate(string(lang))
	}
	if w.hold != nil {
		w.hold.translate(string(lang))
	}
}

// placeAtMeta lets harmless meta elements stay before Head, the charset above
// all. Those that act, a policy or a refresh, come after it.
func (w *Writer) placeAtMeta(t *tag) {
	label := declaredCharset(t)
	_, acts := t.attr("http-equiv")
	switch {
	case label != "":
		w.document, w.charset = true, true
		if !asciiInMeta(label) {
			w.stage = settled
		}
	case acts || t.raw == nil:
		w.placeHead()
	}
}

// placeHead inserts Head before the current piece, once. A page that has shown
// nothing of a document by now is a fragment and stays as it is.
func (w *Writer) placeHead() {
	switch {
	case !w.document && !w.ins.Document:
		w.stage = settled
	case w.headDone:
	case w.charset || w.offset >= prescan || len(w.ins.Head) == 0:
		w.headDone = true
		w.insert(w.ins.Head)
	default:
		w.headDone = true
		w.holdMark()
	}
}

// placeBody inserts Body where body is implied, and Head if that is too.
func (w *Writer) placeBody() {
	w.placeHead()
	if w.stage != settled {
		w.insert(w.ins.Body)
		w.enterBody()
	}
}

// enterBody goes on to where the page ends. Where everything is granted, nothing
// between is of interest.
func (w *Writer) enterBody() {
	if w.stage, w.scan.plain = inBody, true; w.hold == nil {
		w.stage = inTail
	} else {
		w.scan.boxes, w.scan.forms = w.hold.block.Fill, w.hold.block.Forms != nil
		w.scan.watchful = w.scan.boxes || w.scan.forms
	}
}

// placeEnd inserts at the end of the page what has not found a place before.
func (w *Writer) placeEnd() {
	w.at = w.from
	if w.scan.templates > 0 {
		return
	}
	if w.stage < inBody {
		w.placeBody()
	}
	if w.stage < settled {
		w.insertEnd()
	}
}

// heldMark tells scripts that the page lacks something.
const heldMark = "<template data-held></template>"

func (w *Writer) insertEnd() {
	w.insert(w.ins.End)
	if w.hold != nil && w.hold.block.held > 0 {
		w.insert([]byte(heldMark))
	}
}

// endsBody reports whether the current end tag is the document's </body> or
// </html>.
func (w *Writer) endsBody() bool {
	name := w.scan.tag.name
	return (name == "body" || name == "html") && w.scan.templates == 0
}

// settle ends the search for places.
func (w *Writer) settle() {
	w.stage = settled
	w.fillMark("")
}

// firstInk returns the index of the first byte of the current text that is
// neither white space nor part of a byte order mark at the start of the page.
func (w *Writer) firstInk() int {
	const mark = "\xef\xbb\xbf"
	for i, c := range w.scan.piece {
		at := w.offset + i
		if !isSpace(c) && (at >= len(mark) || c != mark[at]) {
			return i
		}
	}
	return len(w.scan.piece)
}
