package fields

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// forgetGroup and forgetErrors take back what an earlier answer set. Browsers
// keep both for as long as max_age said, often a month, so that leaving a
// refused field out would not stop reports that were once allowed.
const (
	forgetGroup  = `{"group":"default","max_age":0,"endpoints":[]}`
	forgetErrors = `{"report_to":"default","max_age":0}`
)

// group is a member of Report-To (Reporting API, Working Draft of 2018, 3.1).
type group struct {
	Name       string      `json:"group,omitempty"` // "default" if there is none
	MaxAge     json.Number `json:"max_age"`
	Subdomains bool        `json:"include_subdomains,omitempty"`
	Endpoints  []endpoint  `json:"endpoints"`
}

type endpoint struct {
	URL      string      `json:"url"`
	Priority json.Number `json:"priority,omitempty"`
	Weight   json.Number `json:"weight,omitempty"`
}

// reportTo governs Report-To: a list of JSON objects without its brackets, also
// over several lines. Refused endpoints leave their group, and a group that has
// none left is taken back.
func reportTo(r *review, name string) {
	var groups []json.RawMessage
	if json.Unmarshal([]byte(asList(r.header[name])), &groups) != nil {
		if !r.allowsAnybody(Report) {
			r.header[name] = []string{forgetGroup}
			r.removed++
		}
		return
	}
	changed := false
	edited := make([]string, len(groups))
	for i, raw := range groups {
		if r.reportsAsWritten(raw) {
			r.keepGroup(raw)
			edited[i] = string(raw)
			continue
		}
		edited[i] = r.group(raw)
		changed = true
	}
	if changed {
		r.header[name] = []string{strings.Join(edited, ", ")}
	}
}

// asList makes one JSON list of the lines of a field, as browsers do.
func asList(lines []string) string {
	return "[" + strings.Join(lines, ", ") + "]"
}

// reportsAsWritten reports whether nothing that could be read as an endpoint in
// a member, whatever its depth and however often its name is repeated, must
// change.
func (r *review) reportsAsWritten(raw json.RawMessage) bool {
	tokens := json.NewDecoder(bytes.NewReader(raw))
	isURL := false
	for {
		token, err := tokens.Token()
		if err != nil {
			return true
		}
		word, isWord := token.(string)
		if isURL && isWord && word != "" {
			if instead, ok := r.judge(word, Report); !ok || instead != word {
				return false
			}
		}
		isURL = isWord && strings.EqualFold(word, "url")
	}
}

// group writes a group anew with the endpoints that are allowed. What is no
// group of the specification cannot be one that counts.
func (r *review) group(raw json.RawMessage) string {
	var g group
	if json.Unmarshal(raw, &g) != nil {
		r.removed++
		return forgetGroup
	}
	allowed := make([]endpoint, 0, len(g.Endpoints))
	for _, e := range g.Endpoints {
		var ok bool
		if e.URL, ok = r.ask(e.URL, Report, ""); ok {
			allowed = append(allowed, e)
		}
	}
	g.Endpoints = allowed
	if len(allowed) == 0 {
		g.MaxAge = "0"
	}
	edited, err := json.Marshal(g)
	if err != nil {
		return forgetGroup
	}
	r.keepGroup(edited)
	return string(edited)
}

// keepGroup notes the name of a group that has endpoints.
func (r *review) keepGroup(raw json.RawMessage) {
	var g group
	if json.Unmarshal(raw, &g) != nil || len(g.Endpoints) == 0 {
		return
	}
	if g.Name == "" {
		g.Name = "default"
	}
	r.groups = append(r.groups, g.Name)
}

// networkErrors governs NEL (Network Error Logging): the browser tells a
// reporting group of every request to the site that fails, and of as many that
// succeed as it is asked to. It stays if its group kept an endpoint in the
// Report-To of the same answer, the only field that can name one for it.
// Otherwise it reports to a group of an earlier answer, which nobody knows
// here, and is taken back.
func networkErrors(r *review, name string) {
	if r.reportsToKnown(r.header[name]) || r.allowsAnybody(Report) {
		return
	}
	r.header[name] = []string{forgetErrors}
	r.removed++
}

func (r *review) reportsToKnown(lines []string) bool {
	var wanted []struct {
		Group  string   `json:"report_to"`
		MaxAge *float64 `json:"max_age"`
	}
	if json.Unmarshal([]byte(asList(lines)), &wanted) != nil {
		return false
	}
	for _, p := range wanted {
		takesBack := p.MaxAge != nil && *p.MaxAge == 0
		if !takesBack && !slices.Contains(r.groups, p.Group) {
			return false
		}
	}
	return true
}
