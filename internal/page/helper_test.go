package page

import (
	"io"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

var home = weburl.URL{Scheme: "https", Host: "www.example.fr", Path: "/articles/1.html"}

// allowAll are rules under which everything is read and nothing refused.
var allowAll = &Rules{Ask: func(*weburl.URL) Answer { return allowed }, Address: &home}

// refuseOthers are rules under which a page may load from example.fr alone.
var refuseOthers = &Rules{Ask: func(u *weburl.URL) Answer {
	if weburl.Site(u.Host) == "example.fr" {
		return allowed
	}
	if strings.HasPrefix(u.Path, "/fbevents") {
		return Answer{Service: "known"}
	}
	return Answer{}
}, Address: &home, Waiting: "/.privacy/held"}

// NewWriter returns a Writer that reads everything and refuses nothing.
func NewWriter(w io.Writer, ins Insertion) *Writer {
	wr := new(Writer)
	wr.Reset(w, ins, allowAll)
	return wr
}
