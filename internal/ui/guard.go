package ui

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
)

// The guard as it is sent, made from guard.js. After a change there, run go generate.
//
//go:generate npm --prefix ../../tests/browser run guard
//go:embed guard.min.js
var guardText string

var guardHash = sourceHash(guardText)

// Guard returns the script that holds a page's scripts to the gateway's decisions, and the source
// expression ('sha256-…') that allows it in a Content-Security-Policy. Both are constant.
func Guard() (script, hash string) { return guardText, guardHash }

// Rules are what the guard decides by for visitors who made the same choice. They are read only and
// may be shared.
type Rules struct {
	Drop    string `json:"drop"`    // never stored by scripts, and deleted where it is
	Keep    string `json:"keep"`    // stored, with a lifetime of at most what is left
	Other   string `json:"other"`   // what becomes of all others: "session" (stored until the session ends), "keep" or "drop"
	Signals string `json:"signals"` // what the tags of others are told, JSON in itself

	open []byte // the element up to what differs from visitor to visitor
}

// NewRules prepares rules. Drop and keep are names of cookies and of entries of the storages, or
// beginnings of names followed by a star, separated by spaces; drop wins over keep. Granted are the
// purposes the visitor agreed to, necessary among them.
func NewRules(drop, keep, other string, granted []string) *Rules {
	told := string(appendSignals(nil, granted))
	open := appendEscaped([]byte(`<script data-drop="`), drop)
	open = appendEscaped(append(open, `" data-keep="`...), keep)
	open = appendEscaped(append(open, `" data-other="`...), other)
	open = append(open, `" data-signals='`...) // full of double quotes
	open = append(open, strings.ReplaceAll(told, "'", "&#39;")...)
	open = append(open, `' data-left="`...)
	return &Rules{Drop: drop, Keep: keep, Other: other, Signals: told, open: ascii(string(open))}
}

// guardRest is what follows the data: the guard itself, and the style of the panel and of the link.
var guardRest = `">` + guardText + "</script><style>" + styleText + "</style>"

// AppendGuard appends the elements that go first into <head>, before any other script: the guard with
// its data, and the style of the panel and of the link. Hosts are those from which scripts may load
// scripts, frames and images, each with all below it, separated by spaces, the site's own registrable
// domain among them; "*" stands for all. Left is the number of seconds until the bound, beyond which
// nothing is kept. Held says that the gateway held something back on this page, so that accepting has
// to reload it.
func AppendGuard(dst []byte, rules *Rules, hosts string, left int64, held bool) []byte {
	const most = len(`-9223372036854775808" data-hosts="" data-held="1`)
	dst = append(slices.Grow(dst, len(rules.open)+len(hosts)+most+len(guardRest)), rules.open...)
	dst = strconv.AppendInt(dst, left, 10)
	dst = appendEscaped(append(dst, `" data-hosts="`...), hosts)
	if held {
		dst = append(dst, `" data-held="1`...)
	}
	return append(dst, guardRest...)
}

// GuardAnswer is what the guard goes on by after a choice, as JSON.
type GuardAnswer struct {
	*Rules
	Hosts string `json:"hosts"`
	Left  int64  `json:"left"`
}
