package ui

import (
	_ "embed"
	"encoding/json"
)

// The scripts as they are sent, each made from the one that is to be read (guard.js, panel.js, link.js,
// entries.js).
// After a change there, run go generate.
//
//go:generate npm --prefix ../../tests/browser run minify -- ../../internal/ui/guard.js --output ../../internal/ui/guard.min.js
//go:generate npm --prefix ../../tests/browser run minify -- ../../internal/ui/panel.js --output ../../internal/ui/panel.min.js
//go:generate npm --prefix ../../tests/browser run minify -- ../../internal/ui/link.js --output ../../internal/ui/link.min.js
//go:generate npm --prefix ../../tests/browser run minify -- ../../internal/ui/entries.js --output ../../internal/ui/entries.min.js
var (
	//go:embed guard.min.js
	guardText string // holds the page's scripts to the gateway's decisions
	//go:embed panel.min.js
	panelText string // sends the choice without leaving the page
	//go:embed link.min.js
	linkText string // leads there from the settings links of other tools, and catches up with the choice
	//go:embed entries.min.js
	entriesText string // tells the gateway what is in the browser's storages
)

var scriptHashes = []string{sourceHash(guardText), sourceHash(panelText), sourceHash(linkText), sourceHash(entriesText)}

// Scripts returns the source expressions ('sha256-…') that allow the inserted scripts in a
// Content-Security-Policy. They are constant, and read only.
func Scripts() []string { return scriptHashes }

// Answer is what the panel's script goes on by after a choice, as JSON.
type Answer struct {
	State   string          `json:"state"`   // the [Choice.State] reached
	Reload  bool            `json:"reload"`  // the page may load more than it did
	Signals json.RawMessage `json:"signals"` // what the tags of others are told, from [Rules]
}
