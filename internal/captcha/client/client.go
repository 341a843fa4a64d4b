// Package client is what browsers get for the forms that the gateway protects: the
// script that obtains proofs, the fields it puts them into, and the words around.
//
// # What the script and the gateway have agreed on
//
// The script is one file for all sites, served at [Path] with a long life, since
// [Address] names its digest. Its element ([Script]) stands at the end of every page
// that may have protected forms, built by scripts or not, and says which paths are
// protected. The same file starts itself as a worker.
//
//	GET /.privacy/challenge?form=PATTERN        [ChallengePath]; no-store, credentials same-origin
//
// PATTERN is that of the protected path, as the owner wrote it and Script names it. The
// answer is an ALTCHA challenge, version 2, with the algorithm PBKDF2/SHA-256 and a
// prefix, in JSON:
//
//	{"parameters":{"algorithm":"PBKDF2/SHA-256","cost":…,"data":{"issued":…},"expiresAt":…,
//	 "keyLength":…,"keyPrefix":"…","nonce":"…","salt":"…"},"signature":"…"}
//
// data.issued is in Unix milliseconds, expiresAt in seconds: their difference is how
// long the script keeps a proof, whatever the visitor's clock says. For a visitor who
// granted the provider, and for him alone, what the script must know of it is added
// ([WithProvider]). Any status but 2xx makes the script send the form without a proof.
//
// The token is the proof, base64 of {"challenge":…,"solution":{"counter","derivedKey",
// "time"}}, or a provider's: its name, a colon, and what it gave the browser. No base64
// has a colon. Forms bring it in the field say-token ([form.Token]), what scripts send
// in the header [form.Header]; sometimes both bring the same. A visitor who granted a
// provider may bring a proof of work all the same, where the provider fails.
//
// A request by a script that lacks its proof is answered by 403 or 422 and
// application/problem+json (RFC 9457), and is made once more with one:
//
//	{"type":"/.privacy/captcha-required","title":"…","status":403,"challenge":"/.privacy/challenge?form=%2Fcontact"}
//
// A navigation is answered by a page that asks for the proof and goes on by itself: its
// script element has a Step, and its first form leads to where the first one did.
//
// The offer to use the provider is a link to the privacy page; the script sends
// choice=allow, service and back to /.privacy/choice instead, asks for application/json,
// and loads the page anew when the answer is 2xx.
package client

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"strconv"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
)

// Where the gateway serves what the script needs.
const (
	Path          = "/.privacy/forms.js"
	ChallengePath = "/.privacy/challenge"
	// ProblemType is the type of the answer that asks a script for a proof.
	ProblemType = "/.privacy/captcha-required"
)

// The script as it is sent, made from the one that is to be read (forms.js). After a
// change there, run go generate.
//
//go:generate npm --prefix ../../../tests/browser run minify -- ../../internal/captcha/client/forms.js --output ../../internal/captcha/client/forms.min.js
//go:embed forms.min.js
var text string

var sum = sha256.Sum256([]byte(text))

// Text is the script, to be served as text/javascript.
func Text() string { return text }

// Address is where pages load the script from: Path with its digest, so that browsers
// may keep what they find there for good.
var Address = Path + "?" + hex.EncodeToString(sum[:6])

// Integrity is what its element says of the script, and in quotes a source expression
// that allows it in a Content-Security-Policy.
var Integrity = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])

// style keeps the trap out of sight, and the mount away until something stands in it
// and there are scripts.
const style = ".say-trap{position:absolute!important;width:1px!important;height:1px!important;margin:-1px!important;padding:0!important;" +
	"border:0!important;overflow:hidden!important;clip-path:inset(50%)!important;opacity:0!important}" +
	".say-mount{display:block}.say-mount:empty{display:none}@media (scripting:none){.say-mount{display:none}}"

// StyleHash is the source expression that allows the style within Fields.
var StyleHash = func() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

// Fields are the first children of a protected form: the field for the proof, and the
// trap. People do not meet it, with or without eyes: it is out of sight, no stop of
// the keyboard, hidden from readers, and managers of passwords are told to leave it
// alone.
const Fields = `<input type="hidden" name="` + form.Token + `" hidden><style hidden>` + style + `</style>` +
	`<input class="say-trap" name="` + form.Trap + `" tabindex="-1" aria-hidden="true" autocomplete="off" ` +
	`data-1p-ignore data-bwignore data-lpignore="true" data-form-type="other">`

// Words are what people read of all this, in the language of the page.
type Words struct {
	Wait  string `json:"wait,omitempty"`  // while a form waits for its proof
	Check string `json:"check,omitempty"` // while it waits for the visitor, who has to answer a provider's widget

	// The offer, for visitors who have not granted the provider. Without Use there is none.
	Offer   string `json:"offer,omitempty"`   // that forms are protected without third parties
	Use     string `json:"use,omitempty"`     // the link to have the provider do it
	Service string `json:"service,omitempty"` // its ID in the catalogue, which the link grants
}

// Mount goes before the first button of a protected form. What a provider shows, the
// script puts there.
func Mount(w Words) []byte {
	out := []byte(`<span class="say-mount">`)
	if w.Use != "" {
		out = append(out, ascii(w.Offer)+` <a href="/.privacy/" rel="nofollow" data-allow="`+ascii(w.Service)+`">`+ascii(w.Use)+`</a>`...)
	}
	return append(out, `</span>`...)
}

// Element is what the script is told in a page.
type Element struct {
	Routes []string // the protected paths, as the owner wrote them
	Fold   bool     // letters of either case are the same in them
	Words  Words
	Nonce  string // that of the site's own policy, if it has one; it may be empty
	// Step is set in the page that asks for the proof afterwards: the route of its form.
	Step string
}

// Script writes the element of the script.
func Script(e Element) []byte {
	out := `<script defer src="` + Address + `" integrity="` + Integrity + `" data-routes="` + ascii(strings.Join(e.Routes, " ")) + `"`
	if e.Fold {
		out += ` data-fold`
	}
	if e.Words != (Words{}) {
		words, _ := json.Marshal(e.Words) // strings alone never fail
		out += ` data-words="` + ascii(string(words)) + `"`
	}
	if e.Step != "" {
		out += ` data-step="` + ascii(e.Step) + `"`
	}
	if e.Nonce != "" {
		out += ` nonce="` + ascii(e.Nonce) + `"`
	}
	return []byte(out + `></script>`)
}

// ascii writes a text so that it reads the same in an element or a quoted attribute of
// a page of any encoding.
func ascii(text string) string {
	var out strings.Builder
	for _, r := range html.EscapeString(text) {
		if r < 0x80 {
			out.WriteRune(r)
		} else {
			out.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		}
	}
	return out.String()
}

// WithProvider adds to a challenge, a JSON object, what the script must know of a provider:
//
//	name     by which its tokens begin
//	script   where its script is, absolute
//	api      the object that the script leaves behind
//	waits    that it is of use only once its function ready says so
//	shows    "": nothing, tokens are made by execute; "always": a widget, which calls back; "late": a
//	         widget that shows itself by execute
//	options  of the widget, or of execute
func WithProvider(challenge []byte, provider any) []byte {
	text, _ := json.Marshal(provider) // strings, bools and maps of those never fail
	out := append([]byte(nil), challenge[:len(challenge)-1]...)
	return append(append(append(out, `,"provider":`...), text...), '}')
}
