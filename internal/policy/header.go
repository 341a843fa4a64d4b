package policy

import "strings"

// Header is what the origin is told of a visitor: the state, then the purposes
// he agreed to, as in `partial; purposes="necessary statistics"`, and the single
// services, if any, as in `; services="youtube"`: a structured field item (RFC 9651 section 3.3).
func (p *Policy) Header(v *Visitor) string {
	header := v.State.String() + `; purposes="` + strings.Join(p.IDs(v.Granted), " ") + `"`
	if len(v.Services) > 0 {
		header += `; services="` + strings.Join(v.Services, " ") + `"`
	}
	return header
}
