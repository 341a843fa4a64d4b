package transfer

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// hosts finds the recipient of a host, by its place among them.
type hosts struct {
	names    map[string]int // each with all below it
	networks []network
}

// network is a range of addresses that a recipient answers at.
type network struct {
	prefix netip.Prefix
	place  int
}

// find looks for the name, then for the address, which may be invalid. An
// address as a name is looked for as an address.
func (h *hosts) find(name string, addr netip.Addr) (place int, ok bool) {
	if len(h.names) > 0 {
		for rest := canonical(name); rest != ""; _, rest, _ = strings.Cut(rest, ".") {
			if place, ok := h.names[rest]; ok {
				return place, true
			}
		}
	}
	for i := range h.networks {
		if h.networks[i].prefix.Contains(addr) {
			return h.networks[i].place, true
		}
	}
	return 0, false
}

// longestHost is the length of the longest host name in bytes, with the dot of the root (RFC 1035,
// section 2.3.4).
const longestHost = 254

// canonical lower-cases a host name and removes the dot of the root. It returns ""
// for what is too long to be one.
func canonical(name string) string {
	if len(name) > longestHost {
		return ""
	}
	for i := range len(name) {
		if c := name[i]; c >= 0x80 || 'A' <= c && c <= 'Z' {
			name = strings.ToLower(name)
			break
		}
	}
	return strings.TrimSuffix(name, ".")
}

// index reads the hosts of all recipients. A host that two of them answer at
// would make the register say less than the truth.
func (h *hosts) index(recipients []Recipient) error {
	h.names = make(map[string]int)
	for i := range recipients {
		for _, text := range recipients[i].Hosts {
			if err := h.add(text, i); err != nil {
				return &RecipientError{i, fmt.Errorf("recipient %s: %w", recipients[i].Name, err)}
			}
		}
	}
	for i := range recipients {
		for _, text := range recipients[i].Hosts {
			if other, at, ok := h.overlap(text, i); ok {
				return &RecipientError{i, fmt.Errorf("host %s of recipient %s overlaps with %s of recipient %s: each host has one recipient, so write the hosts below it one by one",
					text, recipients[i].Name, at, recipients[other].Name)}
			}
		}
	}
	return nil
}

func (h *hosts) add(text string, place int) error {
	if prefix, ok := asNetwork(text); ok {
		for _, other := range h.networks {
			if other.prefix == prefix {
				return errTwice(text)
			}
		}
		if err := checkOwn(prefix); err != nil {
			return fmt.Errorf("host %s: write the addresses of this recipient alone", text)
		}
		h.networks = append(h.networks, network{prefix, place})
		return nil
	}
	if err := checkHost(text); err != nil {
		return err
	}
	if _, ok := h.names[text]; ok {
		return errTwice(text)
	}
	h.names[text] = place
	return nil
}

func errTwice(text string) error {
	return fmt.Errorf("host %s is written twice: each host has one recipient", text)
}

// asNetwork reads an address or a range of them.
func asNetwork(text string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix, err == nil
}

// overlap finds a host of another recipient that holds this one.
func (h *hosts) overlap(text string, place int) (other int, at string, ok bool) {
	prefix, isNetwork := asNetwork(text)
	if !isNetwork {
		for rest := text; rest != ""; _, rest, _ = strings.Cut(rest, ".") {
			if other, ok := h.names[rest]; ok && other != place {
				return other, rest, true
			}
		}
		return 0, "", false
	}
	for _, n := range h.networks {
		if n.place < place && n.prefix.Overlaps(prefix) { // the other way round it is the same
			return n.place, n.prefix.String(), true
		}
	}
	return 0, "", false
}

// checkHost refuses what no connection is made to, and names that belong to
// everybody.
func checkHost(name string) error {
	u, ok := weburl.Parse("https://"+name, nil)
	if !ok || u.Host != name || !hostName.MatchString(name) {
		return fmt.Errorf("host %q: write the name alone, in lower case and as it is looked up, such as api.example.com, which stands for all hosts below it too; or an address, or a range of them", name)
	}
	if suffix, official := publicsuffix.PublicSuffix(name); suffix == name && official {
		return fmt.Errorf("host %s: everything below it would be taken for one recipient's: write its own name", name)
	}
	return nil
}

// hostName is a host in ASCII (RFC 1123 section 2.1; underscores are in use).
var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)
