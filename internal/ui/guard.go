package ui

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Rules are what the guard decides by for visitors who made the same choice. They are read only and
// may be shared.
type Rules struct {
	Signals json.RawMessage // what the tags of others are told

	open []byte // the element up to what differs from visitor to visitor
}

// NewRules prepares rules. Drop and keep are names of cookies and of entries of the storages, or
// beginnings of names followed by a star, separated by spaces: scripts never store what is in drop, and
// it is deleted where it is; what is in keep lasts as long as the bound lets it. Drop wins over keep.
// Other is what becomes of all others: "session" (stored until the session ends), "keep" or "drop".
// Granted are the purposes the visitor agreed to, necessary among them, and services those of the
// catalogue that he agreed to one by one.
func NewRules(drop, keep, other string, granted, services []string) *Rules {
	told := appendSignals(nil, granted, services)
	open := appendEscaped([]byte(`<script data-drop="`), drop)
	open = appendEscaped(append(open, `" data-keep="`...), keep)
	open = appendEscaped(append(open, `" data-other="`...), other)
	open = append(open, `" data-signals='`...) // full of double quotes
	open = append(open, strings.ReplaceAll(string(told), "'", "&#39;")...)
	open = append(open, `' data-left="`...)
	return &Rules{Signals: told, open: ascii(string(open))}
}

// guardRest is what follows the data: the guard itself.
var guardRest = `">` + guardText + "</script>"

// AppendGuard appends the element that goes first into <head>, before any other script: the guard with
// its data. Hosts are those from which scripts may load
// scripts, frames and images, each with all below it, separated by spaces, the site's own registrable
// domain among them; "*" stands for all. Left is the number of seconds until the bound, beyond which
// nothing is kept.
func AppendGuard(dst []byte, rules *Rules, hosts string, left int64) []byte {
	const most = len(`-9223372036854775808" data-hosts="`)
	dst = append(slices.Grow(dst, len(rules.open)+len(hosts)+most+len(guardRest)), rules.open...)
	dst = strconv.AppendInt(dst, left, 10)
	dst = appendEscaped(append(dst, `" data-hosts="`...), hosts)
	return append(dst, guardRest...)
}
