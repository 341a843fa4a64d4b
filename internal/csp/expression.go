package csp

import (
	"net/url"
	"slices"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// expression is a source that stands for addresses: a scheme, or hosts with
// what else they are bounded by (CSP 3, 2.3.1, scheme-source and host-source).
type expression struct {
	scheme string // in lower case; empty: that of the page
	host   string // in lower case; "*" any, "*.example" any below; empty: the scheme alone counts
	port   string // "*" any; empty: that of the scheme
	path   string // empty: any
}

// readExpression reads a source. It reports false for keywords, nonces, hashes
// and what is no source at all. A query or fragment is cut off, as browsers do
// although the grammar has none.
func readExpression(source string) (e expression, ok bool) {
	if i := strings.IndexAny(source, "?#"); i >= 0 {
		source = source[:i]
	}
	if name, found := strings.CutSuffix(source, ":"); found {
		e.scheme = strings.ToLower(name)
		return e, isScheme(name)
	}
	rest := source
	if scheme, after, found := strings.Cut(source, "://"); found {
		if !isScheme(scheme) {
			return expression{}, false
		}
		e.scheme, rest = strings.ToLower(scheme), after
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest, e.path = rest[:i], rest[i:]
	}
	host, port, found := strings.Cut(rest, ":")
	e.host, e.port = strings.ToLower(host), port
	return e, isHostPattern(host) && (!found || isPort(port))
}

// matchesAny reports whether one of the sources stands for an address, on a page
// of the given scheme (CSP 3, 6.7.2.7).
func matchesAny(sources []string, u *weburl.URL, scheme string) bool {
	return slices.ContainsFunc(sources, func(source string) bool {
		if source == "*" {
			return u.Scheme == "https" || u.Scheme == "http"
		}
		e, ok := readExpression(source)
		return ok && e.matches(u, scheme)
	})
}

// matches reports whether the expression stands for an address (CSP 3, 6.7.2.8).
func (e *expression) matches(u *weburl.URL, scheme string) bool {
	if e.scheme != "" {
		scheme = e.scheme
	}
	switch {
	case u.Scheme != scheme && (u.Scheme != "https" || scheme != "http"):
		return false
	case e.host == "":
		return true
	}
	return e.matchesHost(u.Host) && e.matchesPort(u, scheme) && e.matchesPath(u.Path)
}

func (e *expression) matchesHost(host string) bool {
	if below, ok := strings.CutPrefix(e.host, "*"); ok {
		return strings.HasSuffix(host, below)
	}
	return host == e.host
}

// matchesPort compares ports. Who allows http at its port allows https at its own.
func (e *expression) matchesPort(u *weburl.URL, scheme string) bool {
	switch e.port {
	case "*":
		return true
	case "", u.Port:
		return e.port == u.Port
	case "80":
		return u.Port == "" && scheme == "http"
	case "443":
		return u.Port == "" && u.Scheme == "https"
	}
	return false
}

// matchesPath compares paths. One that ends in a slash stands for all below it.
// It is read as browsers do, which decode the whole path, where CSP 3, 6.7.2.12,
// decodes each segment.
func (e *expression) matchesPath(path string) bool {
	wanted, given := decoded(e.path), decoded(path)
	if wanted == "" || strings.HasSuffix(wanted, "/") {
		return strings.HasPrefix(given, wanted)
	}
	return given == wanted
}

func decoded(path string) string {
	if text, err := url.PathUnescape(path); err == nil {
		return text
	}
	return path
}

func isScheme(text string) bool {
	return text != "" && isLetter(text[0]) && consists(text, "+-.")
}

func isHostPattern(text string) bool {
	if text == "*" {
		return true
	}
	text = strings.TrimPrefix(text, "*.")
	return text != "" && consists(text, "-._")
}

func isPort(text string) bool {
	return text == "*" || text != "" && strings.Trim(text, "0123456789") == ""
}

// consists reports whether a text has letters, digits and the signs only.
func consists(text, signs string) bool {
	for i := range len(text) {
		c := text[i]
		if !isLetter(c) && (c < '0' || c > '9') && strings.IndexByte(signs, c) < 0 {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
