package form

import (
	"bufio"
	"bytes"
	"mime"
	"net/textproto"
	"slices"
	"strings"
)

// cutParts takes the gateway's fields out of the beginning of a form with files
// (RFC 7578). What is cut is a part with the delimiter before it, so that the next
// delimiter takes its place. It works in place.
func (f *Found) cutParts(p []byte, boundary string, whole bool) []byte {
	s := splitter{p: p, delimiter: []byte("--" + boundary)}
	if first, empty := s.begin(); !first {
		if !empty {
			f.refuse(fault(whole))
		}
		return p
	}
	out, kept := p[:0], 0
	for {
		from := s.at
		one, ok := s.next()
		if isOurs(one.name) {
			if !ok {
				f.refuse(fault(whole))
				break
			}
			f.add(one.name, string(one.value))
			out = append(out, p[kept:from]...)
			kept = s.at
		}
		if !ok {
			break
		}
	}
	return append(out, p[kept:]...)
}

// splitter cuts the beginning of a multipart body into parts as RFC 2046, 5.1.1,
// has it, and as Go's mime/multipart reads what strays from it.
type splitter struct {
	p         []byte
	delimiter []byte // two hyphens and the boundary
	newline   []byte // what ends lines here: that of the first delimiter
	at        int    // where the delimiter before the next part begins
}

// part is a part of which the beginning is there.
type part struct {
	name  string // of the field; empty for what the gateway has nothing to do with
	value []byte
}

// begin finds the first delimiter, which begins a line. Empty says that it is the
// last one, too.
func (s *splitter) begin() (found, empty bool) {
	for at := 0; ; {
		end := bytes.IndexByte(s.p[at:], '\n')
		if end < 0 {
			last, ok := bytes.CutPrefix(s.p[at:], s.delimiter)
			return false, ok && isLast(last)
		}
		line := s.p[at : at+end+1]
		if after, ok := bytes.CutPrefix(line, s.delimiter); ok {
			switch after = bytes.TrimLeft(after, " \t"); string(after) {
			case "\r\n", "\n":
				s.at, s.newline = at, after
				return true, false
			}
			if isLast(after) {
				return false, true
			}
		}
		at += end + 1
	}
}

// isLast reports whether what follows the boundary in a line says that no other part
// does.
func isLast(after []byte) bool {
	rest, ok := bytes.CutPrefix(after, []byte("--"))
	return ok && len(bytes.TrimLeft(rest, " \t\r\n")) == 0
}

// next reads the part after the delimiter at s.at, and goes on to the delimiter
// behind it. It reports false where the part is not all there, or is the last
// thing that can be read.
func (s *splitter) next() (one part, ok bool) {
	line := bytes.IndexByte(s.p[s.at:], '\n')
	after := bytes.TrimLeft(s.p[min(s.at+len(s.delimiter), len(s.p)):], " \t")
	if line < 0 || !bytes.HasPrefix(after, s.newline) {
		return part{}, false // the last delimiter, or nonsense
	}
	header, body, ok := s.header(s.at + line + 1)
	if !ok {
		return part{}, false
	}
	one.name = ours(header)
	value, end := s.value(body)
	if end < 0 {
		return one, false
	}
	one.value, s.at = value, end
	return one, true
}

// header returns the fields of a part that begin at s.p[i], and where its content
// begins: after an empty line.
func (s *splitter) header(i int) (header []byte, content int, ok bool) {
	for at := i; ; {
		end := bytes.IndexByte(s.p[at:], '\n')
		if end < 0 {
			return nil, 0, false
		}
		empty := end == 0 || end == 1 && s.p[at] == '\r'
		if at += end + 1; empty {
			return s.p[i:at], at, true
		}
	}
}

// value returns the content of a part that begins at s.p[i], and where the delimiter
// begins that ends it; negative if that is not there.
func (s *splitter) value(i int) (value []byte, end int) {
	if s.delimits(i) {
		return nil, i
	}
	ends := slices.Concat(s.newline, s.delimiter)
	for at := i; ; at++ {
		n := bytes.Index(s.p[at:], ends)
		if n < 0 {
			return nil, -1
		}
		at += n
		if s.delimits(at + len(s.newline)) {
			return s.p[i:at], at + len(s.newline)
		}
	}
}

// delimits reports whether a delimiter stands at s.p[i], and not only the beginning
// of something longer.
func (s *splitter) delimits(i int) bool {
	after, ok := bytes.CutPrefix(s.p[i:], s.delimiter)
	if !ok || len(after) == 0 {
		return false
	}
	switch after[0] {
	case ' ', '\t', '\r', '\n':
		return true
	}
	return bytes.HasPrefix(after, []byte("--"))
}

// fault is why a form ends before what is looked for: it is broken, or longer than
// what is held of it.
func fault(whole bool) Why {
	if whole {
		return Malformed
	}
	return Beyond
}

// ours returns the name of a part with this header, if it is a field of the
// gateway's.
func ours(header []byte) string {
	if !bytes.Contains(header, []byte(prefix)) {
		return ""
	}
	fields, err := textproto.NewReader(bufio.NewReaderSize(bytes.NewReader(header), len(header))).ReadMIMEHeader()
	if err != nil {
		return ""
	}
	disposition, params, err := mime.ParseMediaType(fields.Get("Content-Disposition"))
	if err != nil || disposition != "form-data" || !isOurs(params["name"]) {
		return ""
	}
	return params["name"]
}

// isBoundary reports whether a text may separate the parts of a body (RFC 2046,
// 5.1.1): up to 70 characters, of which the last is no space.
func isBoundary(text string) bool {
	if text == "" || len(text) > 70 || strings.HasSuffix(text, " ") {
		return false
	}
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
