package page

import "bytes"

// maxTail bounds the end of a page that is looked for, in bytes.
const maxTail = 256

// untilTail keeps the end of a page, if it may be one, and returns where in the
// write it begins. What was kept before has turned out not to be the end.
func (w *Writer) untilTail(i int) int {
	if len(w.tail) > 0 {
		w.pass(w.tail)
		w.tail = w.tail[:0]
	}
	end := len(w.p)
	if w.stage != inTail {
		return end
	}
	first := max(i, end-maxTail)
	for n := end; n > first; {
		n = first + bytes.LastIndexByte(w.p[first:n], '<')
		if n < first || !endsPage(w.p[n:]) {
			break
		}
		end = n
	}
	w.tail = append(w.tail, w.p[end:]...)
	return end
}

// endsPage reports whether p is the end tags of body and html, and nothing else.
func endsPage(p []byte) bool {
	for _, tag := range []string{"</body", "</html"} {
		if len(p) < len(tag) || !equalFold(p[:len(tag)], tag) {
			continue
		}
		rest, ok := bytes.CutPrefix(bytes.TrimLeft(p[len(tag):], "\t\n\f\r "), []byte(">"))
		if !ok {
			return false
		}
		p = bytes.TrimLeft(rest, "\t\n\f\r ")
	}
	return len(p) == 0
}

// placeAtTail inserts End before the end tags of the page, or else after all of
// it, where browsers put it into body all the same (HTML 13.2.6.4.22).
func (w *Writer) placeAtTail() {
	if w.offset > 0 {
		w.out = append(append(w.out, w.ins.End...), w.tail...)
	}
	w.stage, w.tail = settled, w.tail[:0]
}
