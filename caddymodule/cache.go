package caddymodule

import (
	"net/http"
	"slices"
	"strings"
)

// private keeps shared caches from handing one visitor's cookies to another
// (RFC 9111 section 5.2.2.7).
func private(h http.Header) {
	uncached(h)
	values := h["Cache-Control"]
	for _, value := range values {
		if lists(value, "private") || lists(value, "no-store") {
			return
		}
	}
	h["Cache-Control"] = append(without(values, "public", "s-maxage"), "private")
}

// uncached removes what outranks Cache-Control in caches of content delivery
// networks (RFC 9213).
func uncached(h http.Header) {
	for _, name := range []string{"Cdn-Cache-Control", "Cloudflare-Cdn-Cache-Control", "Surrogate-Control"} {
		delete(h, name)
	}
}

// describeFetched keeps HTML that a script or a prefetch has asked for, and that
// is passed as it is, from being shown later as the page itself. A 304 does not
// say whether it is about HTML; it has to say the same of what it varies with.
func describeFetched(r *http.Request, status int, h http.Header) {
	dest := r.Header["Sec-Fetch-Dest"]
	switch {
	case isHTML(h):
		h["Cache-Control"] = append(slices.Clip(h["Cache-Control"]), "no-cache")
	case status != http.StatusNotModified || len(dest) > 0 && dest[0] != "empty":
		return
	}
	h["Vary"] = append(slices.Clip(h["Vary"]), "Sec-Fetch-Dest")
}

// lists tells whether a comma-separated field (RFC 9110 section 5.6.1) holds an
// element that has no argument.
func lists(field, element string) bool {
	for part := range strings.SplitSeq(field, ",") {
		if strings.EqualFold(strings.TrimSpace(part), element) {
			return true
		}
	}
	return false
}

// without returns the elements of comma-separated fields, one a value, less those
// named.
func without(values []string, names ...string) []string {
	var kept []string
	for _, value := range values {
	parts:
		for part := range strings.SplitSeq(value, ",") {
			part = strings.TrimSpace(part)
			name, _, _ := strings.Cut(part, "=")
			for _, n := range names {
				if strings.EqualFold(strings.TrimSpace(name), n) {
					continue parts
				}
			}
			if part != "" {
				kept = append(kept, part)
			}
		}
	}
	return kept
}
