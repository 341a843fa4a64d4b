package weburl

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Site returns the registrable domain of a host by the public suffix list: the
// part that one owner has. Hosts that are IP addresses, single labels or public
// suffixes themselves are their own site. host is in ASCII, as Parse gives it;
// case and a dot at the end do not matter. The look-up of a name allocates 48
// bytes within the list's package, which asks whether it is an IP address.
func Site(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !strings.Contains(host, ".") || host[0] == '[' || endsInNumber(host) {
		return host
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	if len(suffix) >= len(host) {
		return host
	}
	owner := host[:len(host)-len(suffix)-1]
	return host[strings.LastIndexByte(owner, '.')+1:]
}
