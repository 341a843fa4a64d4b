package ui

import (
	_ "embed"
	"encoding/json"
	"strconv"
	"strings"
)

//go:embed guard.js
var guardSource string

var (
	guardText = strip(guardSource)
	guardHash = sourceHash(guardText)
)

// Guard returns the script that holds a page's scripts to the gateway's decisions, and the source
// expression ('sha256-…') that allows it in a Content-Security-Policy. Both are constant.
func Guard() (script, hash string) { return guardText, guardHash }

// GuardData is what the guard must know about one visitor, on one site. Drop wins over Keep; a list
// entry is a cookie name, or the beginning of one followed by a star.
type GuardData struct {
	Drop []string // never written by scripts
	Keep []string // written, with a lifetime of at most Left
	// Other says what becomes of all other cookies: "session" (written without their lifetime),
	// "keep" or "drop". Anything else counts as "drop".
	Other string
	Left  int64 // seconds until the bound; nothing is kept at or below 0
	// Held says that the gateway held something back on this page, so that accepting has to reload
	// it. It belongs to the page: it is not part of the JSON form.
	Held bool
}

// MarshalJSON gives the form the guard reads in the answer to a choice: its lists are strings, names
// separated by spaces, as in the attributes.
func (d GuardData) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Drop  string `json:"drop"`
		Keep  string `json:"keep"`
		Other string `json:"other"`
		Left  int64  `json:"left"`
	}{strings.Join(d.Drop, " "), strings.Join(d.Keep, " "), d.Other, d.Left})
}

// AppendGuard appends the elements that go first into <head>, before any other script: the guard with
// its data, and the style of the panel and of the link.
func AppendGuard(dst []byte, data GuardData) []byte {
	dst = append(dst, `<script data-drop="`...)
	dst = appendNames(dst, data.Drop)
	dst = append(dst, `" data-keep="`...)
	dst = appendNames(dst, data.Keep)
	dst = append(dst, `" data-other="`...)
	dst = appendEscaped(dst, data.Other)
	dst = append(dst, `" data-left="`...)
	dst = strconv.AppendInt(dst, data.Left, 10)
	if data.Held {
		dst = append(dst, `" data-held="1`...)
	}
	dst = append(dst, `">`...)
	dst = append(dst, guardText...)
	dst = append(dst, "</script><style>"...)
	dst = append(dst, styleText...)
	return append(dst, "</style>"...)
}

// appendNames joins names with spaces. No cookie name that could match contains one.
func appendNames(dst []byte, names []string) []byte {
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendEscaped(dst, name)
	}
	return dst
}
