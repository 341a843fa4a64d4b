package caddymodule

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/fields"
	"github.com/caddy-privacy/caddy-privacy/internal/page"
)

// response governs the answer to one request on its way to the browser: the
// cookies in its header, whatever its status, and its body if it is a page.
//
// It embeds Caddy's wrapper for Unwrap and Push and defines the rest itself:
// the embedded ReadFrom, and a missing FlushError, would let bodies and headers
// pass unseen.
type response struct {
	caddyhttp.ResponseWriterWrapper
	visit   *visit
	request *http.Request

	status  int  // of a header that waits for the first bytes of the body, which tell its type; 0: none
	decided bool // what the header says is settled
	due     int  // the status of a page whose header goes downstream with its first bytes; 0: none
	page    *page.Writer
	text    *[]byte // what is inserted into the head of the page
}

// response is the way of the visit's answer. It lies within the visit, so that a
// request costs one allocation for both.
func (v *visit) response(w http.ResponseWriter, r *http.Request) *response {
	rw := &v.answer
	rw.ResponseWriter, rw.visit, rw.request = w, v, r
	return rw
}

// WriteHeader governs the header. Informational responses pass at once and do
// not count as the answer; 101, which precedes a WebSocket, carries cookies.
func (rw *response) WriteHeader(status int) {
	if rw.decided || rw.status != 0 {
		return
	}
	h := rw.Header()
	switch {
	case status == http.StatusSwitchingProtocols:
		rw.decided = true
		rw.governHeader(h)
		rw.ResponseWriterWrapper.WriteHeader(status)
	case status >= 100 && status <= 199:
		lines := h["Set-Cookie"]
		delete(h, "Set-Cookie") // RFC 6265bis section 5.6: browsers may store it or not
		fields.GovernHints(h, rw.visit.judge)
		rw.ResponseWriterWrapper.WriteHeader(status)
		if lines != nil {
			h["Set-Cookie"] = lines
		}
	case rw.untyped(status, h):
		rw.status = status
	default:
		rw.decide(status, nil)
	}
}

// untyped tells whether browsers will guess the type of a body that is still to
// come.
func (rw *response) untyped(status int, h http.Header) bool {
	if !rw.visit.document || !bodyAllowed(status) || rw.request.Method == http.MethodHead || len(h["Content-Encoding"]) != 0 {
		return false
	}
	types := h["Content-Type"]
	return len(types) == 0 || sniffed(types[0])
}

// sniffed tells whether browsers do not believe a type (MIME Sniffing 7).
func sniffed(contentType string) bool {
	switch strings.ToLower(strings.TrimSpace(contentType)) {
	case "", "*/*", "unknown/unknown", "application/unknown":
		return true
	}
	return false
}

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// decide settles, once, what the header says and whether the body is a page to
// write into. begin is the beginning of the body where that is needed to tell.
func (rw *response) decide(status int, begin []byte) {
	rw.decided = true
	h := rw.Header()
	if rw.status != 0 && len(begin) > 0 {
		h["Content-Type"] = []string{http.DetectContentType(begin)}
	}
	rw.governHeader(h)
	g, v := rw.visit.gateway, rw.visit
	switch {
	case g.isPage(rw.request, v, status, h):
		if rw.openPage(status, h); rw.page != nil {
			rw.due = status
			return
		}
	case v.document:
		g.restrictOther(rw.request, v, status, h)
	default:
		describeFetched(rw.request, status, h)
		g.restrictOther(rw.request, v, status, h)
	}
	rw.ResponseWriterWrapper.WriteHeader(status)
}

// sendHeader sends the header of a page, if that has not been done.
func (rw *response) sendHeader() {
	if status := rw.due; status != 0 {
		rw.due = 0
		rw.ResponseWriterWrapper.WriteHeader(status)
	}
}

// pageBody is where the writer of a page sends it.
type pageBody response

func (b *pageBody) Write(p []byte) (int, error) {
	rw := (*response)(b)
	rw.sendHeader()
	return rw.ResponseWriter.Write(p)
}

// governHeader settles the cookies and keeps browsers from reading some where
// they must not be: the values announced as trailers.
func (rw *response) governHeader(h http.Header) {
	rw.visit.gateway.governResponse(h, rw.visit)
	rw.visit.governFields(h)
	rw.visit.noteRedirect(h)
	if trailers := h["Trailer"]; len(trailers) > 0 {
		withoutCookieTrailer(h, trailers)
	}
}

func withoutCookieTrailer(h http.Header, trailers []string) {
	var kept []string
	for _, field := range trailers {
		for name := range strings.SplitSeq(field, ",") {
			if name = strings.TrimSpace(name); !strings.EqualFold(name, "Set-Cookie") {
				kept = append(kept, name)
			}
		}
	}
	if len(kept) == 0 {
		delete(h, "Trailer")
		return
	}
	h["Trailer"] = kept
}

// Write writes a part of the body. What it returns counts the bytes given, not
// those that come of them.
func (rw *response) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	rw.settle(p)
	if rw.page == nil {
		return rw.ResponseWriter.Write(p)
	}
	return rw.page.Write(p)
}

// settle sends the header if that has not been done.
func (rw *response) settle(begin []byte) {
	if rw.decided {
		return
	}
	if rw.status == 0 {
		rw.WriteHeader(http.StatusOK)
	}
	if !rw.decided {
		rw.decide(rw.status, begin)
	}
}

// ReadFrom keeps files going by sendfile when they are not pages.
func (rw *response) ReadFrom(r io.Reader) (int64, error) {
	if rw.decided && rw.page == nil {
		return rw.ResponseWriterWrapper.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{rw}, r)
}

// FlushError sends on what the site wants sent now. Without it, a
// ResponseController would look behind this writer and send the header before
// it is governed.
func (rw *response) FlushError() error {
	if !rw.decided && rw.status == 0 {
		rw.WriteHeader(http.StatusOK)
	}
	if !rw.decided {
		return nil // the header waits for the first bytes, and nothing else is there yet
	}
	if err := rw.sendPage(); err != nil {
		return err
	}
	return http.NewResponseController(rw.ResponseWriter).Flush()
}

// finish ends the answer after the site has ended it well. It is not called
// when the site fails, so that a page that was cut off stays visibly so.
func (rw *response) finish() error {
	switch {
	case rw.decided:
	case rw.status != 0:
		rw.decide(rw.status, nil)
	default: // nothing was written: net/http will send the header by itself
		rw.governHeader(rw.Header())
	}
	delete(rw.Header(), http.TrailerPrefix+"Set-Cookie")
	if rw.page == nil {
		return nil
	}
	rest := rw.page.Finish()
	if rw.due != 0 && bodyAllowed(rw.due) && len(rw.Header()["Trailer"]) == 0 {
		rw.Header()["Content-Length"] = []string{strconv.Itoa(len(rest))}
	}
	rw.sendHeader()
	err := rw.page.Err()
	if err == nil && len(rest) > 0 {
		_, err = rw.ResponseWriter.Write(rest)
	}
	rw.closePage()
	return err
}

// closePage gives back what a page was written with.
func (rw *response) closePage() {
	if rw.page.Tagged() {
		rw.visit.inventory().Tag(rw.visit.now.Unix())
	}
	rw.page.Reset(nil, page.Insertion{}, nil) // lets go of the response
	writers.Put(rw.page)
	texts.Put(rw.text)
	rw.page, rw.text = nil, nil
}

// sendPage sends what there is of a page.
func (rw *response) sendPage() error {
	if rw.page == nil {
		return nil
	}
	rw.sendHeader()
	return rw.page.Flush()
}

// abandon leaves the answer to the routes of handle_errors, which send the header
// with what is in it by now. Of a page that has begun, what is there is sent.
func (rw *response) abandon() {
	if !rw.decided {
		rw.governHeader(rw.Header())
	}
	_ = rw.sendPage()
}

// Interface guards.
var (
	_ http.ResponseWriter                       = (*response)(nil)
	_ io.ReaderFrom                             = (*response)(nil)
	_ interface{ FlushError() error }           = (*response)(nil)
	_ interface{ Unwrap() http.ResponseWriter } = (*response)(nil)
)
