package policy

import "strings"

// Header is what the origin is told of a visitor: the state, then the purposes
// he agreed to, as in `partial; purposes="necessary statistics"`, a structured
// field item (RFC 9651 section 3.3).
func (p *Policy) Header(v *Visitor) string {
	return v.State.String() + `; purposes="` + strings.Join(p.IDs(v.Granted), " ") + `"`
}
