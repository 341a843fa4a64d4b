package weburl

import (
	"strconv"
	"strings"
)

// parseAuthority reads what follows the two slashes: the host, its port, and
// the rest of the address. Who logs in is dropped.
func parseAuthority(scheme, text string) (URL, bool) {
	u := URL{Scheme: scheme}
	end := 0
	for end < len(text) && text[end] != '?' && !u.slash(text[end]) {
		end++
	}
	authority, rest := text[:end], text[end:]
	// The last @ counts: browsers take all before it for a name and a password.
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		authority = authority[at+1:]
		if authority == "" {
			return URL{}, false
		}
	}
	host, port := cutPort(authority)
	if host == "" && (special(scheme) || port != "") {
		return URL{}, false
	}
	var ok bool
	if u.Host, ok = parseHost(host, special(scheme)); !ok {
		return URL{}, false
	}
	if u.Port, ok = parsePort(port, scheme); !ok {
		return URL{}, false
	}
	u.setPath("", rest)
	return u, true
}

// cutPort splits at the first colon that is not part of an IPv6 address. port
// keeps its colon, because "x:" is valid behind a host and not without one.
func cutPort(authority string) (host, port string) {
	inside := false
	for i := range len(authority) {
		switch authority[i] {
		case '[':
			inside = true
		case ']':
			inside = false
		case ':':
			if !inside {
				return authority[:i], authority[i:]
			}
		}
	}
	return authority, ""
}

// parsePort reads a port with its colon. Leading zeros do not matter; the
// default port of the scheme is left out.
func parsePort(text, scheme string) (port string, ok bool) {
	if len(text) <= 1 {
		return "", true
	}
	text = text[1:]
	for i := range len(text) {
		if !isDigit(text[i]) {
			return "", false
		}
	}
	port = strings.TrimLeft(text, "0")
	if port == "" {
		return "0", true
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", false
	}
	if port == defaultPort(scheme) {
		return "", true
	}
	return port, true
}
