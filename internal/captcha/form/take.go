package form

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Take looks for the gateway's fields in a request and takes them out: the header,
// and those in the body, of which it reads at most peek bytes (0: DefaultPeek).
// The body, its length and the Content-Length field of the request then are those
// of the form as the site wrote it.
//
// It must be called once for a request. The error is that of reading the body,
// such as *http.MaxBytesError: the request cannot go on.
func Take(r *http.Request, peek int) (Found, error) {
	var f Found
	headers := r.Header[Header]
	delete(r.Header, Header)
	if err := f.takeBody(r, peek); err != nil {
		return Found{}, err
	}
	switch {
	case len(headers) > 1:
		f.refuse(Repeated)
	case len(headers) == 1 && len(headers[0]) > MaxToken:
		f.refuse(Beyond)
	case len(headers) == 1 && headers[0] != "":
		f.Token, f.Why = headers[0], ""
	case f.Token == "" && f.Why == "":
		f.Why = Absent
	}
	return f, nil
}

// refuse lets there be no token.
func (f *Found) refuse(why Why) { f.Token, f.Why = "", why }

// layout is how a body holds fields.
type layout struct {
	peek   int  // how much of it is held, in bytes
	sealed bool // it may hold a sealed form, for which more is
	// cut takes the fields out of its beginning, p, and returns what stays of that.
	// Whole says that p is all of the body.
	cut func(f *Found, p []byte, whole bool) []byte
}

func (f *Found) takeBody(r *http.Request, peek int) error {
	if peek <= 0 {
		peek = DefaultPeek
	}
	l, why := layoutOf(r, peek)
	if why != "" {
		f.Why = why
		return nil
	}
	p, whole, err := read(nil, r, l.peek)
	if err == nil && !whole && l.sealed && l.peek < SealedPeek && holdsSealed(p) {
		p, whole, err = read(p, r, SealedPeek)
	}
	if err != nil {
		return err
	}
	size := len(p)
	p = l.cut(f, p, whole)
	f.Cut = int64(size - len(p))
	replace(r, p, whole, f.Cut)
	return nil
}

// layoutOf tells how the body of a request holds fields, or why it has none that
// could be read.
func layoutOf(r *http.Request, peek int) (layout, Why) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return layout{}, Fieldless
	}
	types := r.Header["Content-Type"]
	if len(types) != 1 {
		return layout{}, Untyped
	}
	media, params, err := mime.ParseMediaType(types[0])
	if err != nil {
		return layout{}, Untyped
	}
	for _, encoding := range r.Header["Content-Encoding"] {
		if encoding = strings.TrimSpace(encoding); encoding != "" && !strings.EqualFold(encoding, "identity") {
			return layout{}, Encoded
		}
	}
	switch media {
	case "application/x-www-form-urlencoded":
		return layout{peek, true, (*Found).cutPairs}, ""
	case "text/plain":
		return layout{uploadPeek, false, (*Found).cutLines}, ""
	case "multipart/form-data":
		boundary := params["boundary"]
		if !isBoundary(boundary) {
			return layout{}, Unbounded
		}
		return layout{uploadPeek, false, func(f *Found, p []byte, whole bool) []byte { return f.cutParts(p, boundary, whole) }}, ""
	}
	return layout{}, Fieldless
}

// read reads on in a body of which p is the beginning, until there are n bytes. It
// reports whether that is all of it.
func read(p []byte, r *http.Request, n int) (_ []byte, whole bool, err error) {
	if r.ContentLength >= 0 && r.ContentLength <= int64(n) {
		n, whole = int(r.ContentLength), true
	}
	if r.ContentLength >= 0 {
		p = append(make([]byte, 0, n), p...)
	}
	for len(p) < n {
		if len(p) == cap(p) {
			p = append(p, 0)[:len(p)]
		}
		more, err := r.Body.Read(p[len(p):min(cap(p), n)])
		p = p[:len(p)+more]
		switch {
		case err == io.EOF && whole && len(p) < n:
			return nil, false, io.ErrUnexpectedEOF
		case err == io.EOF:
			return p, true, nil
		case err != nil:
			return nil, false, err
		}
	}
	return p, whole, nil
}

// replace gives the request a body that begins with p, shorter by cut bytes.
func replace(r *http.Request, p []byte, whole bool, cut int64) {
	body := rest{bytes.NewReader(p), r.Body}
	if !whole {
		body.Reader = io.MultiReader(body.Reader, r.Body)
	}
	r.Body = body
	if r.ContentLength < 0 || cut == 0 {
		return
	}
	if r.ContentLength -= cut; r.ContentLength == 0 {
		r.Body = http.NoBody
	}
	if len(r.Header["Content-Length"]) > 0 {
		r.Header["Content-Length"] = []string{strconv.FormatInt(r.ContentLength, 10)}
	}
}

// rest is a body whose beginning has been read.
type rest struct {
	io.Reader
	io.Closer
}

// add takes in the value of a field of the gateway's.
func (f *Found) add(name, value string) {
	switch name {
	case Trap:
		f.Trapped = f.Trapped || value != ""
	case Sealed:
		f.Sealed = value
	case Answer:
		f.Answer = value
	case Token:
		switch {
		case value == "" || f.Why != "": // as it stands in the page, or there is none any more
		case f.Token != "":
			f.refuse(Repeated)
		case len(value) > MaxToken:
			f.refuse(Beyond)
		default:
			f.Token = value
		}
	}
}

// isOurs reports whether a field is one of the gateway's.
func isOurs(name string) bool {
	return name == Token || name == Trap || name == Sealed || name == Answer
}
