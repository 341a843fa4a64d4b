package cookie

import (
	"iter"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Bounds of what is deleted, so that no request can make a response grow
// without end. What lies beyond is still stripped from requests.
const (
	maxDeletedName = 256 // bytes
	maxDeletedPath = 256 // bytes
	maxDepth       = 16  // segments of the path, and domains above the host
)

// Deletions yields the Set-Cookie lines that delete a cookie called name
// wherever it may live, given that the browser sent it to this host and path.
// A request tells neither domain nor path of a cookie, so every scope that
// matches is tried: the host alone and its registrable domain with Path=/
// first, where nearly all live, then the other domains, then the paths above
// the request, then all of them again in the partition of this site. Stop at
// whatever number of lines the response can take, or use Sweep.
//
// host may have a port. path is the path as the browser wrote it, escaped and
// without query. secure says that the browser used https; without it no line
// can delete a cookie whose prefix demands Secure, and none is yielded. Names
// that cannot be written in a line (control bytes, ";", "=", blanks around) or
// have more than 256 bytes yield nothing either.
func Deletions(name, host, path string, secure bool) iter.Seq[string] {
	return func(yield func(line string) bool) {
		if !deletable(name, secure) {
			return
		}
		for _, s := range scopes(host, path, secure) {
			if s.fits(name) && !yield(string(s.appendDeletion(nil, name))) {
				return
			}
		}
	}
}

// deletable reports whether a Set-Cookie line can carry the name.
func deletable(name string, secure bool) bool {
	return len(name) <= maxDeletedName &&
		name == trim(name) && !strings.ContainsAny(name, ";=") && !controls(name) &&
		(secure || prefixOf(name)&securePrefix == 0)
}

// scope is one place where a cookie may live, beside its name.
type scope struct {
	domain      string // empty: the host alone
	path        string
	partitioned bool
	secure      bool
}

// scopes lists every scope that is visible to a request, likeliest first.
func scopes(host, path string, secure bool) []scope {
	domains, paths := domainsOf(host), pathsOf(path)
	all := make([]scope, 0, 2*len(domains)*len(paths))
	for _, p := range paths {
		for _, d := range domains {
			all = append(all, scope{domain: d, path: p, secure: secure})
		}
	}
	if !secure {
		return all // a partitioned cookie is always Secure
	}
	for _, s := range all {
		s.partitioned = true
		all = append(all, s)
	}
	return all
}

// fits reports whether a cookie of this name may live in the scope.
func (s scope) fits(name string) bool {
	return prefixOf(name)&hostPrefix == 0 || s.domain == "" && s.path == "/"
}

// appendDeletion writes the line. A nameless cookie needs a value, for browsers
// ignore a line without either.
func (s *scope) appendDeletion(line []byte, name string) []byte {
	line = append(append(line, name...), '=')
	if name == "" {
		line = append(line, '0')
	}
	line = append(append(line, "; Path="...), s.path...)
	if s.domain != "" {
		line = append(append(line, "; Domain="...), s.domain...)
	}
	line = append(line, "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0"...)
	if s.secure {
		line = append(line, "; Secure"...)
	}
	if prefixOf(name)&httpPrefix != 0 {
		line = append(line, "; HttpOnly"...)
	}
	if s.partitioned {
		line = append(line, "; SameSite=None; Partitioned"...)
	}
	return line
}

// domainsOf lists the domains whose cookies host receives: itself alone (the
// empty one), its registrable domain, itself with all below it, and what lies
// between. An address, a single label, a public suffix or a name with a final dot
// has only the first.
func domainsOf(host string) []string {
	host = hostname(host)
	site, err := publicsuffix.EffectiveTLDPlusOne(host) // an error for all of these
	if err != nil || !writable(host) {
		return []string{""}
	}
	domains := []string{"", site}
	for d := host; len(d) > len(site) && len(domains) < maxDepth; {
		domains = append(domains, d)
		_, d, _ = strings.Cut(d, ".")
	}
	return domains
}

// hostname removes the port and the brackets of an IPv6 address.
func hostname(host string) string {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, _, _ = strings.Cut(inner, "]")
		return inner
	}
	host, _, _ = strings.Cut(host, ":")
	return strings.ToLower(host)
}

// writable reports whether host can be the value of a Domain attribute.
func writable(host string) bool {
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || 'z' < c) && (c < '0' || '9' < c) && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

// pathsOf lists the cookie paths that match a request path (RFC 6265bis,
// 5.1.4): what ends with a slash, what stands before one, and the path itself.
func pathsOf(path string) []string {
	paths := []string{"/"}
	for end := 1; end <= len(path) && end <= maxDeletedPath && len(paths) < 2*maxDepth; end++ {
		if path[0] != '/' || path[end-1] <= ' ' || path[end-1] == 0x7f || path[end-1] == ';' {
			break
		}
		slash := end > 1 && path[end-1] == '/'
		last := end == len(path) || path[end] == '/'
		if slash || last && path[end-1] != '/' {
			paths = append(paths, path[:end])
		}
	}
	return paths
}
