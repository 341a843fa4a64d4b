package ui

import (
	_ "embed"
	"slices"
	"strconv"
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

// Rules are what the guard decides by for visitors who made the same choice. They are read only and
// may be shared.
type Rules struct {
	Drop  string `json:"drop"`  // never written by scripts
	Keep  string `json:"keep"`  // written, with a lifetime of at most what is left
	Other string `json:"other"` // what becomes of all others: "session" (written without their lifetime), "keep" or "drop"

	open []byte // the element up to what differs from visitor to visitor
}

// NewRules prepares rules. Drop and keep are names, or beginnings of names followed by a star, separated
// by spaces; drop wins over keep.
func NewRules(drop, keep, other string) *Rules {
	open := appendEscaped([]byte(`<script data-drop="`), drop)
	open = appendEscaped(append(open, `" data-keep="`...), keep)
	open = appendEscaped(append(open, `" data-other="`...), other)
	open = append(open, `" data-left="`...)
	return &Rules{Drop: drop, Keep: keep, Other: other, open: ascii(string(open))}
}

// guardRest is what follows the data: the guard itself, and the style of the panel and of the link.
var guardRest = `">` + guardText + "</script><style>" + styleText + "</style>"

// AppendGuard appends the elements that go first into <head>, before any other script: the guard with
// its data, and the style of the panel and of the link. Left is the number of seconds until the bound,
// beyond which nothing is kept. Held says that the gateway held something back on this page, so that
// accepting has to reload it.
func AppendGuard(dst []byte, rules *Rules, left int64, held bool) []byte {
	dst = append(slices.Grow(dst, len(rules.open)+len(guardRest)+len(`-9223372036854775808" data-held="1`)), rules.open...)
	dst = strconv.AppendInt(dst, left, 10)
	if held {
		dst = append(dst, `" data-held="1`...)
	}
	return append(dst, guardRest...)
}

// GuardAnswer is what the guard goes on by after a choice, as JSON.
type GuardAnswer struct {
	*Rules
	Left int64 `json:"left"`
}
