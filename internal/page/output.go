package page

// insert puts b into the page at w.at.
func (w *Writer) insert(b []byte) {
	if len(b) > 0 {
		w.passTo(w.at)
		w.pass(b)
	}
}

// passTo passes the write in progress on up to p[i].
func (w *Writer) passTo(i int) {
	if i > w.from {
		w.pass(w.p[w.from:i])
		w.from = i
	}
}

// pass adds b to what is sent next.
func (w *Writer) pass(b []byte) {
	if !w.waits() && len(w.out)+len(b) > w.patience+gather {
		w.send(w.out)
		w.send(b)
		w.out = w.out[:0]
		return
	}
	w.out = append(w.out, b...)
}

// sendTo ends a write: everything up to p[i] is sent, unless Head still waits
// for the charset, or a script for its end.
func (w *Writer) sendTo(i int) {
	if len(w.out) == 0 && !w.waits() {
		w.send(w.p[w.from:i])
		return
	}
	w.passTo(i)
	if w.mark >= 0 {
		return
	}
	ready := len(w.out)
	if w.hold != nil {
		ready = w.hold.ready(ready)
	}
	w.send(w.out[:ready])
	w.out = w.out[:copy(w.out, w.out[ready:])]
}

// waits reports whether a part of out may still change.
func (w *Writer) waits() bool {
	return w.mark >= 0 || w.hold != nil && w.hold.script.open
}

func (w *Writer) send(b []byte) {
	if len(b) > 0 && w.err == nil {
		_, w.err = w.dst.Write(b)
	}
}
