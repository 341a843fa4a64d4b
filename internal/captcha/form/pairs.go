package form

import (
	"bytes"
	"net/url"
)

// cutPairs takes the gateway's fields out of the beginning of a form as browsers
// write it by default (URL Standard 5.1, application/x-www-form-urlencoded). It
// works in place.
func (f *Found) cutPairs(p []byte, whole bool) []byte {
	out := p[:0]
	for rest, more := p, true; more; {
		var pair []byte
		pair, rest, more = bytes.Cut(rest, []byte("&"))
		switch {
		case !more && !whole: // it may go on
			if rawName, _, complete := bytes.Cut(pair, []byte("=")); complete && isOurs(unescaped(rawName)) {
				f.refuse(Beyond)
			}
		case f.takePair(pair):
			if !more && len(out) > 0 {
				out = out[:len(out)-1] // the separator before it
			}
			continue
		}
		out = append(out, pair...)
		if more {
			out = append(out, '&')
		}
	}
	return out
}

// takePair takes in a pair, if it is one of the gateway's.
func (f *Found) takePair(pair []byte) bool {
	rawName, rawValue, _ := bytes.Cut(pair, []byte("="))
	name := unescaped(rawName)
	if !isOurs(name) {
		return false
	}
	value, err := url.QueryUnescape(string(rawValue))
	if err != nil {
		if name == Token {
			f.refuse(Malformed)
		}
		return true
	}
	f.add(name, value)
	return true
}

// unescaped is the name that a browser or a site reads; empty for one that neither
// can.
func unescaped(raw []byte) string {
	if bytes.IndexByte(raw, '%') < 0 && !bytes.HasPrefix(raw, []byte(prefix)) {
		return ""
	}
	name, err := url.QueryUnescape(string(raw))
	if err != nil {
		return ""
	}
	return name
}

// holdsSealed reports whether a form brings a sealed one.
func holdsSealed(p []byte) bool {
	return bytes.HasPrefix(p, []byte(Sealed+"=")) || bytes.Contains(p, []byte("&"+Sealed+"="))
}
