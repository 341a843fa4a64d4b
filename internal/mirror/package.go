package mirror

import (
	"path"
	"strings"
)

// Package returns the folder in which the library keeps its files that a path below
// Prefix is of: who lets a page have one of them lets it have the others, and
// nothing of any other library. It is the path itself where a host has no such
// folders.
func Package(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	host, rest, _ := strings.Cut(strings.TrimPrefix(address, Prefix), "/")
	parts := strings.Split(rest, "/")
	n := packageDepth(host, parts)
	if n == 0 || n >= len(parts) {
		return address
	}
	return Prefix + host + "/" + strings.Join(parts[:n], "/")
}

// packageDepth is how many segments of a path name the library and its version; 0
// where that cannot be told.
func packageDepth(host string, parts []string) int {
	scoped := func(n int) int {
		if len(parts) >= n && strings.HasPrefix(parts[n-1], "@") {
			return n + 1
		}
		return n
	}
	switch host {
	case "cdn.jsdelivr.net", "fastly.jsdelivr.net":
		switch parts[0] {
		case "npm":
			return scoped(2)
		case "gh":
			return 3
		}
	case "unpkg.com":
		return scoped(1)
	case "cdnjs.cloudflare.com", "ajax.googleapis.com":
		return 4 // ajax/libs/name/version
	case "maxcdn.bootstrapcdn.com", "stackpath.bootstrapcdn.com", "netdna.bootstrapcdn.com", "use.fontawesome.com":
		return 2
	}
	return 0
}

// Font reports whether a path below Prefix is that of a font: a file that no page can
// run, wherever it lies.
func Font(address string) bool {
	switch path.Ext(address) {
	case ".woff2", ".woff", ".ttf", ".otf", ".eot":
		return true
	}
	return false
}
