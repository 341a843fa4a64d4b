package route

import (
	"net/http"
	"net/url"
	"strings"
)

// Acts reports whether a request may change something: by its method (RFC 9110,
// 9.2.1), or by one that it asks the site to take it for. Frameworks read such
// wishes from header fields, and from the query; what they then make of a body, no
// other request can do.
func Acts(method string, header http.Header, query string) bool {
	if !isSafe(method) {
		return method != http.MethodConnect || len(header[":protocol"]) == 0 // which opens a WebSocket (RFC 8441)
	}
	for name, values := range header {
		if len(name) >= len("x-http-method") && isOverride(name) && !areSafe(values) {
			return true
		}
	}
	return asksByQuery(query)
}

func isSafe(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

func areSafe(methods []string) bool {
	for _, method := range methods {
		if !isSafe(strings.ToUpper(strings.TrimSpace(method))) {
			return false
		}
	}
	return true
}

// isOverride knows header fields that name another method. To sites behind CGI, a
// hyphen and an underscore are the same.
func isOverride(name string) bool {
	switch strings.ReplaceAll(strings.ToLower(name), "_", "-") {
	case "x-http-method-override", "x-http-method", "x-method-override":
		return true
	}
	return false
}

// asksByQuery finds _method in a query, as WordPress, Rails and others know it.
func asksByQuery(query string) bool {
	if !strings.Contains(strings.ToLower(query), "method") && !strings.Contains(query, "%") {
		return false
	}
	for pair := range strings.FieldsFuncSeq(query, func(c rune) bool { return c == '&' || c == ';' }) {
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescaped(name), unescaped(value)
		if (strings.EqualFold(name, "_method") || isOverride(name)) && !areSafe([]string{value}) {
			return true
		}
	}
	return false
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}
