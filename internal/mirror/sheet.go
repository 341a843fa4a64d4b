package mirror

import (
	"bytes"
	"errors"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/stylesheet"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// sheet is a style sheet by its address at the CDN and by the one that it has
// here. The host of the second is a stand-in for the site, which nobody owns
// (RFC 2606).
type sheet struct {
	there, here weburl.URL
}

const standIn = "site.invalid"

// localise makes a sheet load from the site alone. One that names no other host
// stays as it is, byte for byte.
func localise(content []byte, address string) ([]byte, error) {
	if bytes.HasPrefix(content, []byte("\xFE\xFF")) || bytes.HasPrefix(content, []byte("\xFF\xFE")) {
		// The mark outranks the charset of the header.
		return nil, errors.New("the style sheet is in UTF-16, in which its addresses are not found")
	}
	s, err := newSheet(address)
	if err != nil {
		return nil, err
	}
	return stylesheet.Append(make([]byte, 0, len(content)), content, s.edit), nil
}

func newSheet(address string) (*sheet, error) {
	path, mirrored := Address(address)
	there, valid := weburl.Parse(address, nil)
	here, _ := weburl.Parse("https://"+standIn+path, nil)
	if !mirrored || !valid {
		return nil, errors.New("the style sheet has no address that is mirrored")
	}
	return &sheet{there, here}, nil
}

// edit answers for one address of the sheet.
func (s *sheet) edit(address string) (instead string, ok bool) {
	meant, ok := weburl.Parse(address, &s.there)
	if !ok {
		return "", false
	}
	switch {
	case meant.Scheme == "data":
		return address, isInertData(meant.Path)
	case !meant.Network():
		// Nobody is contacted. Mostly it is no address but a text that var() will
		// show, such as "Note:".
		return address, meant.Scheme != "file"
	case s.leadsHere(address, meant):
		return address, true
	}
	text := meant.String()
	if _, fragment, found := strings.Cut(strings.TrimSpace(address), "#"); found {
		text += "#" + fragment
	}
	return Address(text)
}

// leadsHere tells whether an address, left as it is, finds in the mirror what it
// meant at the CDN. A file that is not mirrored is then missing, and no more.
func (s *sheet) leadsHere(address string, meant weburl.URL) bool {
	found, ok := weburl.Parse(address, &s.here)
	if !ok || found.Host != standIn || meant.Host != s.there.Host {
		return false
	}
	if found.Path == "/" && found.Query == "" {
		return true // the separator of a breadcrumb; at worst, the site's first page
	}
	return meant.Scheme == "https" && meant.Port == "" &&
		found.Path == Prefix+meant.Host+meant.Path && found.Query == meant.Query
}

// isInertData takes pictures and fonts, which load nothing. An imported
// data:text/css would be a sheet that nobody has read.
func isInertData(path string) bool {
	path = strings.ToLower(path[:min(len(path), len("application/"))])
	return strings.HasPrefix(path, "image/") || strings.HasPrefix(path, "font/") || path == "application/"
}
