package page

import "slices"

// holdMark keeps what follows from being sent until fillMark.
func (w *Writer) holdMark() {
	w.passTo(w.at)
	w.mark = len(w.out)
}

// fillMark inserts Head at the mark, and before it the charset the page
// declares so much later that Head would push it out of sight.
func (w *Writer) fillMark(charset string) {
	if w.mark < 0 {
		return
	}
	if charset != "" {
		w.insertAtMark([]byte(`<meta charset="` + charset + `">`))
	}
	w.insertAtMark(w.ins.Head)
	w.mark = -1
}

func (w *Writer) insertAtMark(b []byte) {
	w.out = slices.Insert(w.out, w.mark, b...)
	w.mark += len(b)
	if w.hold != nil && w.hold.script.open { // it waits behind the mark
		w.hold.script.tag += len(b)
		w.hold.script.text += len(b)
	}
}

// lookForCharset inserts Head at its mark as soon as it is known whether the
// page declares a charset where browsers look for it.
func (w *Writer) lookForCharset(k kind) {
	if w.offset+len(w.scan.piece) > prescan {
		w.fillMark("")
		return
	}
	if k != startTag || w.scan.tag.name != "meta" {
		return
	}
	label := declaredCharset(&w.scan.tag)
	switch {
	case label == "":
	case asciiInMeta(label):
		w.fillMark(label)
	default:
		w.mark, w.stage = -1, settled
	}
}
