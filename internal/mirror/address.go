package mirror

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Prefix is the site's own path below which the mirror answers. Host, path and
// query of the mirrored address follow it as they are, so that relative
// addresses inside style sheets and modules lead to the mirror again.
const Prefix = "/.privacy/mirror/"

// maxAddress is the longest address that is mirrored, in bytes.
const maxAddress = 2048

// Address returns the site's own path for an absolute address that the mirror
// serves, with its query and fragment, and false for every other address.
//
// The address is one that a browser has normalised (package weburl): scheme and
// host in lower case, no default port. http and protocol-relative addresses
// are fetched by https. It reads no less strictly than the browser: an address
// that holds anything but plain characters is not mirrored.
func Address(address string) (path string, ok bool) {
	place := withoutScheme(address)
	resource, fragment, _ := strings.Cut(place, "#")
	if s, _ := lookUp(resource); s == nil || !plain(fragment, "-._~+,:;@=!/?&") {
		return "", false
	}
	return Prefix + place, true
}

// Hosts are those of which the mirror serves files, in order. The list is
// constant, and read only.
func Hosts() []string { return hosts }

var hosts = slices.Sorted(maps.Keys(sources))

func withoutScheme(address string) string {
	if len(address) > maxAddress {
		return ""
	}
	if rest, ok := strings.CutPrefix(address, "https:"); ok {
		address = rest
	} else if rest, ok := strings.CutPrefix(address, "http:"); ok {
		address = rest
	}
	rest, ok := strings.CutPrefix(address, "//")
	if !ok {
		return ""
	}
	return rest
}

// target is one mirrored file.
type target struct {
	address string // https, absolute
	host    string
	kind    kind
	lasting bool // what is there never changes
}

// targetOf reads the path of a request. It asks the same list as Address, so
// that nothing is fetched that no page could name.
func targetOf(u *url.URL) (target, bool) {
	place, ok := strings.CutPrefix(u.EscapedPath(), Prefix)
	if !ok {
		return target{}, false
	}
	if u.ForceQuery || u.RawQuery != "" {
		place += "?" + u.RawQuery
	}
	return targetAt(place)
}

// targetAt reads an address without scheme and fragment.
func targetAt(place string) (target, bool) {
	if len(place) > maxAddress {
		return target{}, false
	}
	s, name := lookUp(place)
	if s == nil {
		return target{}, false
	}
	host, _, _ := strings.Cut(place, "/")
	t := target{address: "https://" + place, host: host, kind: s.kind}
	if k, ok := kinds[extension(name)]; ok {
		t.kind = k
	}
	t.lasting = s.lasting != nil && s.lasting(name)
	return t, true
}

// lookUp returns the source of an address without scheme and fragment, and the
// name of the file in it; nil when there is none.
func lookUp(place string) (s *source, name string) {
	slash := strings.IndexByte(place, '/')
	if slash < 0 {
		return nil, ""
	}
	list := sources[place[:slash]]
	if list == nil {
		return nil, ""
	}
	path, query, _ := strings.Cut(place[slash:], "?")
	if !plainPath(path) {
		return nil, ""
	}
	for i := range list {
		name, ok := strings.CutPrefix(path, list[i].prefix)
		if ok && list[i].holds(name) && list[i].takes(name, query) {
			return &list[i], name
		}
	}
	return nil, ""
}

// plainPath refuses what two programs could read in two ways: empty and dot
// segments, and every character that needs escaping.
func plainPath(path string) bool {
	if !plain(path, "/-._~@+,:") {
		return false
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "." || segment == ".." || segment == "" && path != "/" {
			return false
		}
	}
	return true
}

// takes tells whether a query names content: a version, or a parameter of the
// source.
func (s *source) takes(name, query string) bool {
	if query == "" {
		return true
	}
	if isFont(name) && plain(query, "-._") && len(query) <= 64 {
		return true // a bare version, as icon fonts have: ?1fa40e8900
	}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok:
			return false
		case isVersion(key) && plain(value, "-._") && len(value) <= 64:
		case !s.chooses(key) || !escaped(value):
			return false
		}
	}
	return true
}

// isVersion knows the parameters that tools add to defeat caches.
func isVersion(key string) bool {
	return key == "v" || key == "ver" || key == "version" || key == "t"
}

func (s *source) chooses(key string) bool {
	return slices.Contains(s.parameters, key)
}

// escaped tells whether a query's value holds plain characters and sound
// percent escapes only.
func escaped(value string) bool {
	for {
		before, after, found := strings.Cut(value, "%")
		if !plain(before, "-._~+,:;@|=*!/") {
			return false
		}
		if !found {
			return true
		}
		if len(after) < 2 || !isHex(after[0]) || !isHex(after[1]) {
			return false
		}
		value = after[2:]
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// plain tells whether s holds ASCII letters, digits and the signs only.
func plain(s, signs string) bool {
	for i := range len(s) {
		c := s[i]
		if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			continue
		}
		if strings.IndexByte(signs, c) < 0 {
			return false
		}
	}
	return true
}
