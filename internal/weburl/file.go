package weburl

import "strings"

// parseFile reads what follows file:, or an address relative to one. Nothing of
// a web page loads from there, but a drive letter must not be taken for a host
// nor a host for a drive letter.
func parseFile(text string, base *URL) (URL, bool) {
	u := URL{Scheme: "file"}
	if text != "" && u.slash(text[0]) {
		if len(text) > 1 && u.slash(text[1]) {
			return parseFileHost(text[2:])
		}
		drive := ""
		if base != nil {
			u.Host = base.Host
			if first := firstSegment(base.Path); isDriveSegment(first) && !startsDrive(text[1:]) {
				drive = first
			}
		}
		u.setPath(drive, text)
		return u, true
	}
	switch {
	case base == nil:
		u.setPath("", text)
		return u, true
	case startsDrive(text):
		u.Host = base.Host
		u.setPath("", text)
		return u, true
	}
	return parseRelative(text, base)
}

// parseFileHost reads what follows file://.
func parseFileHost(text string) (URL, bool) {
	u := URL{Scheme: "file"}
	end := 0
	for end < len(text) && text[end] != '?' && !u.slash(text[end]) {
		end++
	}
	host := text[:end]
	if isDrive(host) {
		u.setPath("", text)
		return u, true
	}
	if host != "" {
		var ok bool
		if u.Host, ok = parseHost(host, true); !ok {
			return URL{}, false
		}
	}
	if u.Host == "localhost" {
		u.Host = ""
	}
	u.setPath("", text[end:])
	return u, true
}

// drive writes the letter of a drive with a colon if segment is one and stands
// first.
func (u *URL) drive(path []byte, segment string) string {
	if u.Scheme == "file" && len(path) == 1 && isDrive(segment) {
		return segment[:1] + ":"
	}
	return segment
}

// isDrive reports whether segment is the letter of a Windows drive: "C:", "C|".
func isDrive(segment string) bool {
	return len(segment) == 2 && isLetter(segment[0]) && (segment[1] == ':' || segment[1] == '|')
}

// isDriveSegment reports whether path is a drive and nothing else: "/C:".
func isDriveSegment(path string) bool {
	return len(path) == 3 && path[0] == '/' && isLetter(path[1]) && path[2] == ':'
}

// startsDrive reports whether text begins with a drive that ends there.
func startsDrive(text string) bool {
	return len(text) >= 2 && isDrive(text[:2]) && (len(text) == 2 || strings.IndexByte(`/\?`, text[2]) >= 0)
}

// firstSegment returns the first segment of a path with the slash before it.
func firstSegment(path string) string {
	if path == "" {
		return ""
	}
	if end := strings.IndexByte(path[1:], '/'); end >= 0 {
		return path[:end+1]
	}
	return path
}
