package fields

import "strings"

// endpoints governs Reporting-Endpoints (Reporting API, 3.2): a dictionary of
// named addresses to which the browser sends what the page's policies, crashes
// and deprecations bring up. A refused endpoint leaves the dictionary; reports
// to its name then go nowhere.
func endpoints(r *review, name string) {
	r.eachLine(name, Report, func(r *review, line string) (string, bool) {
		return r.members(line, true, Report)
	})
}

// speculation governs Speculation-Rules (HTML 7.6.3): a list of addresses of
// rule files. The browser loads them, and then the pages that they name.
func speculation(r *review, name string) {
	r.eachLine(name, Load, func(r *review, line string) (string, bool) {
		return r.members(line, false, Load)
	})
}

// members edits a structured field whose members are addresses.
func (r *review) members(line string, keyed bool, use Use) (string, bool) {
	t := text{source: line}
	for s := (structure{line: line}); s.more(); {
		m, ok := s.next(keyed)
		if !ok {
			return line, false
		}
		if !r.member(&t, m, use) {
			t.remove(m.start, m.end+1)
		}
	}
	return t.String(), true
}

// member writes the addresses of a member and reports whether it may stay.
func (r *review) member(t *text, m member, use Use) bool {
	instead := make([]string, len(m.items))
	for i := range m.items {
		address, is := m.items[i].address()
		if !is {
			continue
		}
		var ok bool
		if instead[i], ok = r.ask(address, use, ""); !ok {
			return false
		}
	}
	for i, item := range m.items {
		if address, is := item.address(); is && instead[i] != address {
			t.replace(item.start, item.bare, `"`+instead[i]+`"`)
		}
	}
	return true
}

// permissions governs Permissions-Policy: `ch-…` passes client hints on, which
// describe the visitor's device, to the origins listed. Those refused leave the
// list, and "everybody" becomes the site itself. What the site allows its
// frames to do is left alone: it matters only to frames that are loaded.
func permissions(r *review, name string) {
	if mentions(r.header[name], "ch-") {
		r.eachLine(name, Delegate, editPermissions)
	}
}

func editPermissions(r *review, line string) (string, bool) {
	t := text{source: line}
	for s := (structure{line: line}); s.more(); {
		m, ok := s.next(true)
		if !ok {
			return line, false
		}
		if isHint(m.key) {
			r.hint(&t, m)
		}
	}
	return t.String(), true
}

// hint edits the origins that a client hint is passed on to.
func (r *review) hint(t *text, m member) {
	end := 0
	for i, item := range m.items {
		start := item.start
		if i > 0 {
			start = end // with the space before it
		}
		end = item.end
		origin, is := item.address()
		switch {
		case item.value == "*":
			if _, ok := r.ask(Anybody, Delegate, ""); !ok {
				t.replace(item.start, item.bare, "self")
			}
		case !is:
		default:
			if _, ok := r.ask(origin, Delegate, ""); ok {
				continue
			}
			if m.inner {
				t.replace(start, end, "")
			} else {
				t.replace(start, end, "()")
			}
		}
	}
}

// isHint reports whether a feature is a client hint (Client Hints
// Infrastructure, "policy-controlled client hints features").
func isHint(feature string) bool {
	return len(feature) > 3 && strings.EqualFold(feature[:3], "ch-")
}
