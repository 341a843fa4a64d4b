package consent

import (
	"net/http"
	"slices"
)

// Signalled tells whether the browser says no on its user's behalf, by Global
// Privacy Control (w3c/gpc, `Sec-GPC: 1`) or by Do Not Track (`DNT: 1`). It
// counts as a refusal without asking; an explicit choice outranks it.
func Signalled(h http.Header) bool {
	return one(h["Sec-Gpc"]) || one(h["Dnt"])
}

// one tells whether a field says 1, the only value that either signal defines.
func one(values []string) bool {
	return slices.Contains(values, "1")
}
