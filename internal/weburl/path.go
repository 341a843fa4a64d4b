package weburl

import (
	"bytes"
	"strings"
)

// setPath sets the path and the query of the address from text, which follows
// the folder: the path so far, without the slash at its end.
func (u *URL) setPath(folder, text string) {
	path, query, _ := strings.Cut(text, "?")
	u.setQuery(query)
	switch {
	case path == "" && folder == "":
		u.Path = ""
		if special(u.Scheme) {
			u.Path = "/"
		}
	case folder == "" && u.isNormal(path):
		u.Path = path
	default:
		u.Path = u.normalize(folder, path)
	}
}

// setQuery sets the query. What the web's own schemes send may not have an
// apostrophe, others may.
func (u *URL) setQuery(query string) {
	set := inQuery
	if special(u.Scheme) {
		set = inSpecialQuery
	}
	u.Query = encode(query, set)
}

// folder returns the path without its last segment and the slash before that.
func (u *URL) folder() string {
	if u.Scheme == "file" && isDriveSegment(u.Path) {
		return u.Path
	}
	return u.Path[:max(strings.LastIndexByte(u.Path, '/'), 0)]
}

// isNormal reports whether a path is already written as the standard would.
func (u *URL) isNormal(path string) bool {
	if path == "" || path[0] != '/' || u.Scheme == "file" {
		return false
	}
	for i := range len(path) {
		c := path[i]
		if escapes[c]&inPath != 0 || u.slash(c) && c != '/' {
			return false
		}
		if c == '/' && startsDots(path[i+1:]) {
			return false
		}
	}
	return true
}

// startsDots reports whether the segment that text begins with is made of one
// or two dots.
func startsDots(text string) bool {
	if text == "" || text[0] != '.' && text[0] != '%' {
		return false
	}
	segment, _, _ := strings.Cut(text, "/")
	return dots(segment) > 0
}

// normalize joins path to folder, resolves dot segments and encodes what a path
// may not have.
func (u *URL) normalize(folder, path string) string {
	out := make([]byte, 0, len(folder)+1+len(path))
	out = append(out, folder...)
	if path != "" && u.slash(path[0]) {
		path = path[1:]
	}
	for more := true; more; {
		var segment string
		segment, path, more = u.cutSegment(path)
		switch dots(segment) {
		case 1:
		case 2:
			out = u.pop(out)
		default:
			out = append(out, '/')
			out = appendEncoded(out, u.drive(out, segment), inPath)
			continue
		}
		if !more {
			out = append(out, '/')
		}
	}
	return string(out)
}

// cutSegment splits path at its first slash.
func (u *URL) cutSegment(path string) (segment, rest string, more bool) {
	for i := range len(path) {
		if u.slash(path[i]) {
			return path[:i], path[i+1:], true
		}
	}
	return path, "", false
}

// pop removes the last segment. The drive of a file stays.
func (u *URL) pop(path []byte) []byte {
	if u.Scheme == "file" && isDriveSegment(string(path)) {
		return path
	}
	return path[:max(bytes.LastIndexByte(path, '/'), 0)]
}

// dots returns 1 for a segment that means "here", 2 for one that means "up",
// and 0 for all others. A dot may be written as %2e.
func dots(segment string) int {
	n := 0
	for ; segment != ""; n++ {
		switch {
		case n == 2:
			return 0
		case segment[0] == '.':
			segment = segment[1:]
		case len(segment) >= 3 && segment[:2] == "%2" && segment[2]|0x20 == 'e':
			segment = segment[3:]
		default:
			return 0
		}
	}
	return n
}
