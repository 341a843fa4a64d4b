package page

import (
	"bytes"
	"io"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// gather is how much, in bytes, is put together into one write downstream when
// something was inserted. Larger pieces of the page go on their own.
const gather = 64 << 10

// How much of a page, in bytes, waits for more of it unless it is flushed.
const (
	// small is that of a page that may still be in the making, at its beginning alone.
	// net/http holds back as much (4 KiB, headers among them) before it sends anything;
	// a proxy's first read is often no longer, and is not worth packets of its own.
	small = 4 << 10
	// Whole is that of a page whose length the site has declared: it is finished there
	// and on its way, so that most pages go out in one piece, with a length of their own.
	Whole = 64 << 10
)

// Insertion is what a Writer adds to a document. Each part is inserted once, is
// complete markup by itself and must be ASCII, so that it means the same in
// every charset that can be scanned. Empty parts are left out.
type Insertion struct {
	// Head goes to the beginning of head, before the first script, link, style
	// or policy. Only elements that head may hold.
	Head []byte
	// Body goes to the beginning of body. It must begin with an element that
	// head may not hold.
	Body []byte
	// End goes before </body>, or to the end of a document that has none.
	End []byte

	// Translate, if set, returns Body and End for a document that declares its
	// language (<html lang>), a BCP 47 tag as it is written there.
	Translate func(lang string) (body, end []byte)

	// Document says that the browser asked for a document (Sec-Fetch-Dest:
	// document). Without it a page that does not look like one, because it has
	// no doctype, html, head, body, title, base or charset before its content,
	// is a fragment and left alone.
	Document bool
	// CharsetDeclared says that the Content-Type names the charset, so that
	// the browser does not look for it in the first 1024 bytes.
	CharsetDeclared bool
	// LengthDeclared says that the site has said how long the page is.
	LengthDeclared bool
}

// Writer edits an HTML document on its way downstream: it inserts markup, and
// takes their effect from elements that load what the rules refuse. It writes at
// most once for each write it receives, gather bytes aside, and holds back what is
// small at the beginning of the page, or pieces of Whole bytes where the page's length
// is declared; an incomplete tag of at most 64 KiB at the end of what was written;
// where there are rules, an inline script of at most 32 KiB until it is all there; and
// once, at the beginning of a page whose charset is not known yet, 1024 bytes.
//
// A Writer may be reused with Reset; it must not be used concurrently.
type Writer struct {
	dst    io.Writer
	err    error // the first error of dst; it stays
	ins    Insertion
	scan   scanner
	hold   *holding // nil: nothing is refused
	spare  *holding // that of an earlier page
	held   int      // how much was refused
	tagged bool     // tags wait for another consent tool

	stage    stage
	begun    bool // the page has a beginning
	document bool // something only documents have was seen
	headDone bool
	bodyDue  bool // <body was seen: Body goes after its end
	charset  bool // the charset is known, or no longer looked for
	offset   int  // bytes of the page before the current piece
	patience int  // how many bytes of the page wait for more of it
	waiting  int  // how many do

	lead []byte // half of what may be a byte order mark
	p    []byte // the write in progress
	from int    // p[from:] has not been passed on
	at   int    // where in p insertions go
	out  []byte // what was passed on and not yet sent
	mark int    // where in out Head goes once the charset is known, or negative
	tail []byte // the end of a page without rules, before which End goes
}

// Reset makes the Writer ready for another page. With rules nil, nothing is
// refused. It keeps its buffers, which hold at most a few times 64 KiB.
func (w *Writer) Reset(dst io.Writer, ins Insertion, rules *Rules) {
	w.scan.reset()
	if cap(w.out) > 4*gather {
		w.out = nil
	}
	*w = Writer{dst: dst, ins: ins, scan: w.scan, out: w.out[:0], mark: -1, charset: ins.CharsetDeclared, patience: small, spare: w.spare, tail: w.tail[:0]}
	if ins.LengthDeclared {
		w.patience = Whole
	}
	if len(ins.Head)+len(ins.Body)+len(ins.End) == 0 {
		w.stage = settled
	}
	switch {
	case rules != nil:
		if w.spare == nil {
			w.spare = new(holding)
		}
		w.hold = w.spare
		w.hold.reset(rules)
	case w.spare != nil:
		w.spare.reset(&noRules) // lets go of the last page's
	}
}

// noRules are those of no page.
var noRules = Rules{Address: new(weburl.URL)}

// Write takes the next bytes of the page. It reports all of them as written,
// held back or not, unless writing downstream failed.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	size := len(p)
	if !w.begun && size > 0 {
		if p = w.begin(p); p == nil {
			return size, nil
		}
	}
	w.p, w.from = p, 0
	i := 0
	for i < len(p) && w.reads() {
		n, k := w.scan.next(p[i:])
		if k == held {
			break
		}
		w.piece(k, i, n)
		i += n
	}
	if !w.reads() {
		i = w.untilTail(i)
	}
	if w.waiting += size; w.waiting > w.patience {
		w.sendTo(i)
		if w.waiting = 0; w.patience < Whole {
			w.patience = 0
		}
	} else {
		w.passTo(i)
	}
	w.p = nil
	if w.err != nil {
		return 0, w.err
	}
	return size, nil
}

// Flush sends everything but an incomplete tag. It does not flush the writer
// downstream.
func (w *Writer) Flush() error {
	w.fillMark("")
	w.p, w.from, w.waiting = nil, 0, 0
	w.sendTo(0)
	return w.err
}

// Close ends the document as Finish does, and sends the rest of it. It does not
// close the writer downstream.
func (w *Writer) Close() error {
	w.send(w.Finish())
	return w.err
}

// Finish ends the document: what was not inserted yet goes here, unless the page
// stops inside a tag, a comment or a script. It returns what is still to be sent,
// valid until Reset, and must not be called for a page that was cut short.
func (w *Writer) Finish() []byte {
	if w.lead != nil {
		w.begun = true // it is all there is
		_, _ = w.Write(w.lead)
	}
	if w.hold != nil {
		w.endHolding()
	}
	if w.stage == inTail {
		w.placeAtTail()
	}
	if w.stage != settled && w.scan.inText() && w.offset > 0 {
		w.placeEnd()
	}
	if !w.scan.passed {
		w.out = append(w.out, w.scan.kept...)
	}
	w.stage, w.scan.passed = settled, true
	w.fillMark("")
	rest := w.out
	w.out = w.out[:0]
	return rest
}

// Err returns the error that sending has met with.
func (w *Writer) Err() error { return w.err }

// Tagged reports whether the page, once it is closed, held tags that wait for
// another consent tool.
func (w *Writer) Tagged() bool { return w.tagged }

// Held returns how much of the page was held back, once it is closed.
func (w *Writer) Held() int { return w.held }

// Uninspected returns how many tags were too long to be looked into.
func (w *Writer) Uninspected() int { return w.scan.uninspected }

// begin looks at the page's first bytes: a byte order mark of UTF-16 outranks what
// its header says. It returns nil as long as half a mark is all there is.
func (w *Writer) begin(p []byte) []byte {
	switch {
	case w.lead != nil:
		p = append(w.lead, p...)
	case len(p) == 1 && p[0] >= 0xfe:
		w.lead = []byte{p[0]}
		return nil
	}
	w.begun, w.lead = true, nil
	if bytes.HasPrefix(p, []byte("\xfe\xff")) || bytes.HasPrefix(p, []byte("\xff\xfe")) {
		w.stage, w.hold = settled, nil
	}
	return p
}

// reads reports whether the page is looked into. A tag of which the scanner keeps
// the beginning is read to its end, lest that beginning be left behind.
func (w *Writer) reads() bool {
	return w.hold != nil || w.stage < inTail || w.bodyDue || w.mark >= 0 || w.scan.keeps()
}

// piece handles what the scanner found in p[i:i+n].
func (w *Writer) piece(k kind, i, n int) {
	w.at = i
	if w.stage < inTail || w.mark >= 0 {
		w.place(k)
	}
	if w.hold != nil && w.hold.block.Forms != nil {
		w.placeForm(k)
	}
	switch {
	case w.hold != nil && w.holdBack(k, i):
		w.from = i + n
	case w.scan.passed:
		w.passTo(i)
		w.pass(w.scan.piece)
		w.from = i + n
	}
	w.offset += len(w.scan.piece)
	w.at = i + n
	if w.bodyDue && !w.scan.long {
		w.insert(w.ins.Body)
		w.bodyDue = false
	}
	if w.hold != nil && w.hold.forms.due {
		w.insert(w.hold.block.Forms.Fields)
		w.hold.forms.due = false
	}
}
