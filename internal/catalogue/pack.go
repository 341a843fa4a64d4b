package catalogue

import "strings"

// A catalogue lives as long as the gateway and consists of thousands of short strings and slices.
// Each would be looked at by every garbage collection, which busy servers run dozens of times a
// second. So they are moved into a few large pieces of memory.

// pack moves the strings, cookies and hosts of the services together.
func pack(services []Service) {
	var cookies []Cookie
	var hosts []string
	for i := range services {
		cookies = append(cookies, services[i].Cookies...)
		hosts = append(hosts, services[i].Hosts...)
	}
	var texts []*string
	for i := range hosts {
		texts = append(texts, &hosts[i])
	}
	for i := range cookies {
		texts = append(texts, &cookies[i].Name, &cookies[i].literal)
	}
	for i := range services {
		s := &services[i]
		s.Cookies, cookies = cut(cookies, len(s.Cookies))
		s.Hosts, hosts = cut(hosts, len(s.Hosts))
		texts = append(texts, &s.ID, &s.Name, &s.Entity, &s.Country, &s.EEAEntity, &s.EEACountry, &s.Note)
	}
	packTexts(texts)
}

func packTexts(texts []*string) {
	var all strings.Builder
	for _, t := range texts {
		all.WriteString(*t)
	}
	rest := all.String()
	for _, t := range texts {
		*t, rest = rest[:len(*t)], rest[len(*t):]
	}
}

// cut takes n elements off a slice, so that appending to them does not reach the rest.
func cut[V any](from []V, n int) (head, rest []V) { return from[:n:n], from[n:] }
