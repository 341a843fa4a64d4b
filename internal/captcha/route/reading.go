package route

import (
	"bytes"
	"iter"
	"strings"
)

// depth bounds how often a path is decoded. Some gateways decode before the site
// does, hardly two do.
const depth = 4

// isUsual reports whether a path has but one reading: nearly all have.
func isUsual(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := range len(path) {
		switch c := path[i]; {
		case c == '%' || c == '\\' || c == ';' || c == '?' || c == '#' || c <= ' ' || c == 0x7f:
			return false
		case c == '/' && i > 0 && (path[i-1] == '/' || path[i-1] == '.'):
			return false
		}
	}
	return path[len(path)-1] != '.'
}

// readings yields the paths, in their normal form, that a site may find in one.
func readings(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		path, _, _ = strings.Cut(path, "#")
		path, _, _ = strings.Cut(path, "?")
		for range depth {
			for _, how := range []joining{asIs, withoutParams, resolved, withoutParams | resolved} {
				if !yield(joined(path, how)) {
					return
				}
			}
			plain := decoded(path)
			if plain == path {
				return
			}
			path = plain
		}
	}
}

// joining is what is made of a path's segments.
type joining uint8

const (
	asIs          joining = 0
	withoutParams joining = 1 << iota // /a;b=c/d is /a/d
	resolved                          // /a/../b is /b
)

// joined writes a path in its normal form: one slash before each segment, none at
// the end, backslashes as slashes, and without what some systems do not see:
// controls, blanks and dots at the end of a segment, and all after a NUL.
func joined(path string, how joining) string {
	path, _, _ = strings.Cut(path, "\x00")
	out := make([]byte, 0, len(path)+1)
	for segment := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '/' || c == '\\' }) {
		segment = strings.Map(printing, segment)
		if how&withoutParams != 0 {
			segment, _, _ = strings.Cut(segment, ";")
		}
		if how&resolved != 0 && segment == ".." {
			out = out[:max(bytes.LastIndexByte(out, '/'), 0)]
		}
		if segment = strings.TrimRight(segment, ". "); segment != "" {
			out = append(append(out, '/'), segment...)
		}
	}
	if len(out) == 0 {
		return "/"
	}
	return string(out)
}

func printing(c rune) rune {
	if c < ' ' || c == 0x7f {
		return -1
	}
	return c
}

// withoutIndex returns a path in its normal form without its index file or front
// controller: frameworks serve /contact as /contact/index.php and /index.php/contact,
// too.
func withoutIndex(path string) string {
	if !strings.Contains(path, "index.") && !strings.Contains(path, "default.") {
		return path
	}
	var out strings.Builder
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if !isIndex(segment) {
			out.WriteByte('/')
			out.WriteString(segment)
		}
	}
	return out.String()
}

// isIndex reports whether a segment names the script or file that answers for the
// folder it is in.
func isIndex(segment string) bool {
	name, suffix, ok := strings.Cut(segment, ".")
	return ok && suffix != "" && (name == "index" || name == "default")
}

// withoutSuffix returns a path without what says in which format its answer is
// wanted: frameworks serve /contact as /contact.json, too.
func withoutSuffix(path string) string {
	if i := strings.LastIndexByte(path, '.'); i > strings.LastIndexByte(path, '/')+1 {
		return path[:i]
	}
	return path
}

// decoded replaces percent-encoded bytes. A percent sign without two hexadecimal
// digits stays.
func decoded(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
