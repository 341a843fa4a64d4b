// Package fields edits the header fields of a response that make a browser
// load something, report to somebody, go somewhere or pass a right on. It
// knows how each field is written; whom a browser may contact is asked of a
// Judge. What is not refused leaves byte for byte as it came.
package fields

import (
	"net/http"
	"slices"
	"strings"
)

// Use says what a browser would do with an address.
type Use uint8

const (
	Load      Use = iota // fetch it, or fetch and run what it answers
	Report               // send reports to it, often long after the visit
	Hint                 // look up its name or connect to it, and no more
	Navigate             // replace the page by it
	Delegate             // tell it what only the site may ask of a browser
	Advertise            // note interests and conversions; always asked of Anybody
)

// A Judge says whether a browser may contact an address, as written in the
// field: absolute or relative to the page, not yet parsed. If ok is false it
// must not. Otherwise instead is what to write in its place, which is the same
// string when nothing changes. A Judge may be asked twice about one address.
type Judge func(address string, use Use) (instead string, ok bool)

// Anybody is the address a Judge is asked about where a field means everybody,
// or where it cannot be read and so may mean anybody. Its host is none that
// exists: a Judge that knows no more than hosts takes it for an unknown one.
// A Judge that allows it lets unreadable fields pass.
const Anybody = "https://*/"

// field is a header field and what governs it.
type field struct {
	name   string // in the canonical form of net/http
	govern func(r *review, name string)
}

// final are the fields of an answer. Those that only name groups of endpoints
// (report-to of policies, Cross-Origin-Opener-Policy, Integrity-Policy) are not
// among them: a group without endpoints receives nothing. Nor are Accept-CH and
// Critical-CH: they ask for hints to the site itself.
var final = []field{
	{"Link", links},
	{"Content-Security-Policy", policies},
	{"Content-Security-Policy-Report-Only", policies},
	{"Refresh", refresh},
	{"Reporting-Endpoints", endpoints},
	{"Report-To", reportTo},
	{"Nel", networkErrors}, // after the field that defines its group
	{"Speculation-Rules", speculation},
	{"Sourcemap", sourceMap},
	{"X-Sourcemap", sourceMap},
	{"Permissions-Policy", permissions},
	{"Feature-Policy", features},
	{"Expect-Ct", pins},
	{"Public-Key-Pins", pins},
	{"Public-Key-Pins-Report-Only", pins},
	{"Attribution-Reporting-Register-Source", advertising},
	{"Attribution-Reporting-Register-Trigger", advertising},
	{"Attribution-Reporting-Register-Os-Source", advertising},
	{"Attribution-Reporting-Register-Os-Trigger", advertising},
	{"Observe-Browsing-Topics", advertising},
}

// early are the fields browsers act upon in an answer with status 103.
var early = final[:3]

// Govern edits the header fields of a final answer and returns how many
// addresses and fields it took out. Field names must be canonical, as
// net/http leaves them. Slices of values are replaced, never written to,
// because handlers may share them between answers.
func Govern(h http.Header, judge Judge) (removed int) {
	return govern(h, judge, final)
}

// GovernHints is Govern for an answer with status 103 (RFC 8297), of which
// browsers read no more than Link and Content-Security-Policy.
func GovernHints(h http.Header, judge Judge) (removed int) {
	return govern(h, judge, early)
}

// outlines has, for each first letter, a bit for each length of a name in final:
// most answers have none of them, and are told by a glance at the names they have.
var outlines = func() (lengths [26]uint64) {
	for _, f := range final {
		lengths[f.name[0]-'A'] |= 1 << len(f.name)
	}
	return lengths
}()

func concerns(h http.Header) bool {
	for name := range h {
		if name != "" && 'A' <= name[0] && name[0] <= 'Z' && outlines[name[0]-'A']&(1<<min(len(name), 63)) != 0 {
			return true
		}
	}
	return false
}

func govern(h http.Header, judge Judge, fields []field) int {
	if !concerns(h) {
		return 0
	}
	var r *review
	for i := range fields {
		f := &fields[i]
		if len(h[f.name]) == 0 {
			continue
		}
		if r == nil {
			r = &review{header: h, judge: judge}
		}
		f.govern(r, f.name)
	}
	if r == nil {
		return 0
	}
	return r.removed
}

// review is the editing of one answer's header.
type review struct {
	header  http.Header
	judge   Judge
	removed int
	groups  []string // names of the reporting groups that keep an endpoint
}

// ask returns what to write for an address. An empty one is the page itself.
// A substitute that would not stay one address where it is written, because it
// holds one of the bytes of unfit or worse, is as good as none.
func (r *review) ask(address string, use Use, unfit string) (instead string, ok bool) {
	if address == "" {
		return "", true
	}
	instead, ok = r.judge(address, use)
	if ok && instead != address {
		ok = fits(instead, unfit)
	}
	if !ok {
		r.removed++
	}
	return instead, ok
}

// fits reports whether an address can be written without escapes in any of the
// fields. A comma at an end would be lost in a list of image candidates.
func fits(address, unfit string) bool {
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\`, c) >= 0 {
			return false
		}
	}
	return address != "" && strings.Trim(address, ",") == address && !strings.ContainsAny(address, unfit)
}

// allowsAnybody reports whether the judge has no objection to whoever it is.
func (r *review) allowsAnybody(use Use) bool {
	_, ok := r.judge(Anybody, use)
	return ok
}

// drop takes a field out unless anybody may be contacted.
func (r *review) drop(name string, use Use) {
	if !r.allowsAnybody(use) {
		delete(r.header, name)
		r.removed++
	}
}

// eachLine edits a field line by line. An edit returns the line itself to leave
// it alone, an empty text to take it out, and false if the line cannot be read.
// Then all lines go or stay together: browsers join them before they read, so
// that a quote left open in one may close in the next.
func (r *review) eachLine(name string, use Use, edit func(r *review, line string) (string, bool)) {
	lines, before := r.header[name], r.removed
	var edited []string
	for i, line := range lines {
		text, ok := edit(r, line)
		if !ok {
			r.removed = before
			r.drop(name, use)
			return
		}
		if text != line && edited == nil {
			edited = append(make([]string, 0, len(lines)), lines[:i]...)
		}
		if edited != nil && (text != "" || line == "") {
			edited = append(edited, text)
		}
	}
	switch {
	case edited == nil:
	case len(edited) == 0:
		delete(r.header, name)
	default:
		r.header[name] = edited
	}
}

// advertising governs the fields that have a browser note what a visitor saw
// or bought for advertisers (Attribution Reporting, Topics). They are useless
// to anyone else, so that they are kept or dropped whole.
func advertising(r *review, name string) {
	r.drop(name, Advertise)
}

// sourceMap governs SourceMap (ECMA-426) and X-SourceMap: developer tools load
// the address that is the whole of the value.
func sourceMap(r *review, name string) {
	r.eachLine(name, Load, func(r *review, line string) (string, bool) {
		address := strings.Trim(line, space)
		instead, ok := r.ask(address, Load, "")
		switch {
		case !ok:
			return "", true
		case instead == address:
			return line, true
		}
		return instead, true
	})
}

// mentions reports whether a line holds one of words, in whatever case and
// with whatever backslashes. It is asked before a field is read at all.
func mentions(lines []string, words ...string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		line = strings.ToLower(strings.ReplaceAll(line, `\`, ""))
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(line, word) })
	})
}
