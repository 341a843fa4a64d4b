package fields

import "strings"

// pins governs Expect-CT (RFC 9163) and Public-Key-Pins (RFC 7469), with which
// older browsers report the site's certificates to the address of report-uri,
// over and over for max-age seconds. No browser in use protects anything by
// them, so that the field goes whole if the address is refused.
func pins(r *review, name string) {
	for _, line := range r.header[name] {
		for address := range reportURIs(line) {
			if _, ok := r.ask(address, Report, ""); !ok {
				delete(r.header, name)
				return
			}
		}
	}
}

// reportURIs yields what may be meant by each report-uri of a line, quoted or
// not, whatever surrounds it.
func reportURIs(line string) func(yield func(string) bool) {
	const name = "report-uri"
	return func(yield func(string) bool) {
		for at := 0; at+len(name) <= len(line); at++ {
			if !strings.EqualFold(line[at:at+len(name)], name) {
				continue
			}
			equals := skip(line, at+len(name), space)
			if equals == len(line) || line[equals] != '=' {
				continue
			}
			start := skip(line, equals+1, space+`"'`)
			if !yield(line[start:find(line, start, `"',;`+space)]) {
				return
			}
		}
	}
}
