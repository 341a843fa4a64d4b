// Package weburl reads addresses as browsers do.
//
// What a browser contacts is decided by the URL Standard (url.spec.whatwg.org,
// basic URL parser), not by RFC 3986 as net/url reads it. To a browser
// `\\tracker.example/x`, `https:/tracker.example`, "ht\ntps://tracker.example"
// and `//0x7f.1` name hosts; a reader that takes them for paths is a hole.
//
// Addresses are UTF-8. Bytes that are not make a host invalid and are
// percent-encoded as they come elsewhere. Queries are encoded as UTF-8
// whatever the encoding of the page. Nothing here keeps state or contacts
// anything. Time and memory are proportional to the length of the address,
// which is not bounded: a data: address of megabytes is read like any other.
package weburl

import "strings"

// A URL is an address as the standard serializes it, without its user, its
// password and its fragment.
//
// Two things the standard tells apart are one here because they lead to the
// same place: an empty query and none, and for schemes that contact nothing an
// empty host and none.
type URL struct {
	// Scheme is in lower case and without its colon.
	Scheme string

	// Host is in lower case and in ASCII (UTS #46), IPv4 as four decimal
	// numbers, IPv6 in brackets. Unlike in the standard it never ends in a dot,
	// so that one host has one name. Schemes that are not special keep theirs
	// as written.
	Host string

	// Port is empty when it is the default one of the scheme.
	Port string

	// Path begins with a slash, has no dot segments and is percent-encoded. Only
	// what follows data:, blob:, javascript: and their like does not begin with
	// a slash.
	Path string

	// Query has no question mark.
	Query string
}

// Parse reads text, the decoded value of an attribute or of a CSS string. base
// is the address it is relative to; with nil, relative addresses are invalid.
//
// ok is false when the standard, or the version of the Unicode tables known
// here, finds the address invalid. Browsers newer than those tables may think
// otherwise, so the safe reading of false is that text must not be loaded. It
// is false too for hosts with an empty label, which no resolver finds.
//
// Absolute addresses, and those that begin with a slash or a question mark, do
// not allocate as long as they are already written as the standard would.
func Parse(text string, base *URL) (u URL, ok bool) {
	text = clean(text)
	text, _, fragment := strings.Cut(text, "#")
	if scheme, rest, ok := cutScheme(text); ok {
		return parseAbsolute(scheme, rest, base)
	}
	switch {
	case base == nil:
		return URL{}, false
	case base.opaque():
		return *base, fragment && text == ""
	case base.Scheme == "file":
		return parseFile(text, base)
	}
	return parseRelative(text, base)
}

// Network reports whether loading the address contacts a host.
func (u *URL) Network() bool {
	return u.Scheme != "file" && special(u.Scheme)
}

// String writes the address so that Parse reads the same URL from it.
func (u URL) String() string {
	var b strings.Builder
	b.Grow(len(u.Scheme) + len(u.Host) + len(u.Port) + len(u.Path) + len(u.Query) + len("://:/.?"))
	b.WriteString(u.Scheme)
	b.WriteByte(':')
	switch {
	case u.Host != "" || special(u.Scheme):
		b.WriteString("//")
		b.WriteString(u.Host)
		if u.Port != "" {
			b.WriteByte(':')
			b.WriteString(u.Port)
		}
	case strings.HasPrefix(u.Path, "//"):
		// The path would be read as a host otherwise.
		b.WriteString("/.")
	}
	b.WriteString(u.Path)
	if u.Query != "" {
		b.WriteByte('?')
		b.WriteString(u.Query)
	}
	return b.String()
}

// opaque reports whether nothing can be relative to the address: what follows
// its scheme is not a path of segments.
func (u *URL) opaque() bool {
	return !special(u.Scheme) && u.Host == "" && !strings.HasPrefix(u.Path, "/")
}

// parseAbsolute reads what follows a scheme. An address with the scheme of its
// base may still be relative: `https:a.js` is, `https:/a.js` too.
func parseAbsolute(scheme, rest string, base *URL) (URL, bool) {
	switch {
	case scheme == "file":
		if base != nil && base.Scheme != "file" {
			base = nil
		}
		return parseFile(rest, base)
	case special(scheme):
		if base != nil && base.Scheme == scheme && !strings.HasPrefix(rest, "//") {
			return parseRelative(rest, base)
		}
		return parseAuthority(scheme, strings.TrimLeft(rest, `/\`))
	case strings.HasPrefix(rest, "//"):
		return parseAuthority(scheme, rest[2:])
	}
	u := URL{Scheme: scheme}
	if strings.HasPrefix(rest, "/") {
		u.setPath("", rest)
		return u, true
	}
	path, query, _ := strings.Cut(rest, "?")
	u.Path = encode(encodeLastSpace(path), inOpaque)
	u.Query = encode(query, inQuery)
	return u, true
}

// parseRelative reads an address without a scheme of its own.
func parseRelative(text string, base *URL) (URL, bool) {
	u := *base
	switch {
	case text == "":
		return u, true
	case u.slash(text[0]):
		if len(text) == 1 || !u.slash(text[1]) {
			u.setPath("", text)
			return u, true
		}
		if special(u.Scheme) {
			return parseAuthority(u.Scheme, strings.TrimLeft(text, `/\`))
		}
		return parseAuthority(u.Scheme, text[2:])
	case text[0] == '?':
		u.setQuery(text[1:])
	default:
		u.setPath(u.folder(), text)
	}
	return u, true
}

// slash reports whether c separates the parts of the address. Browsers take a
// backslash for a slash in every scheme of the web.
func (u *URL) slash(c byte) bool {
	return c == '/' || c == '\\' && special(u.Scheme)
}
