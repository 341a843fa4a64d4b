package fields

import (
	"net/url"
	"slices"
	"strings"
)

// Identifiers are parameters by which companies recognise a visitor whom a link brings
// them, and by which people are named: click numbers, the number of a browser, e-mail
// addresses. What signing in and paying need, such as client_id and state, is not
// among them.
func Identifiers() []string { return slices.Clone(identifiers) }

var identifiers = []string{
	"_ga", "_gl", "gclid", "gbraid", "wbraid", "dclid", "gclsrc", "_gac", "fbclid", "fb_click_id", "msclkid", "ttclid", "twclid",
	"li_fat_id", "igshid", "epik", "rdt_cid", "ScCid", "yclid", "_openstat", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "hsCtaTracking",
	"mkt_tok", "vero_id", "oly_anon_id", "oly_enc_id", "wickedid", "_kx", "s_cid", "obOrigUrl", "email", "e-mail", "mail", "email_sha256", "hashed_email",
	"phone", "user_id", "userid", "uid", "visitor_id", "customer_id",
}

// WithoutParameters returns an address without the parameters of these names in its query,
// and how many they were. Names are compared without regard to case, after decoding;
// everything else stays byte for byte.
func WithoutParameters(address string, names []string) (without string, removed int) {
	before, rest, ok := strings.Cut(address, "?")
	if !ok || strings.Contains(before, "#") {
		return address, 0
	}
	query, fragment, hasFragment := strings.Cut(rest, "#")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if isParameter(pair, names) {
			removed++
			continue
		}
		kept = append(kept, pair)
	}
	if removed == 0 {
		return address, 0
	}
	without = before
	if len(kept) > 0 {
		without += "?" + strings.Join(kept, "&")
	}
	if hasFragment {
		without += "#" + fragment
	}
	return without, removed
}

// isParameter tells whether a pair of a query has one of the names.
func isParameter(pair string, names []string) bool {
	name, _, _ := strings.Cut(pair, "=")
	if decoded, err := url.QueryUnescape(name); err == nil {
		name = decoded
	}
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
