package form

import (
	"bytes"
	"strings"
)

// cutLines takes the gateway's fields out of a form that a browser writes as plain
// text (HTML 4.10.21.6): name=value, a line each. Nobody can tell where a value
// with line ends stops, so only lines before the first field of the site count.
func (f *Found) cutLines(p []byte, _ bool) []byte {
	for {
		line, rest, ended := bytes.Cut(p, []byte("\r\n"))
		if !ended || !bytes.HasPrefix(line, []byte(prefix)) {
			return p
		}
		name, value, _ := strings.Cut(string(line), "=")
		if !isOurs(name) {
			return p
		}
		f.add(name, value)
		p = rest
	}
}
