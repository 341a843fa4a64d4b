package ui

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
)

var (
	//go:embed held.html
	heldHTML string
	//go:embed held.css
	heldSource string

	heldTemplate  = template.Must(template.New("held").Parse(strip(heldHTML)))
	heldStyleText = strip(heldSource)
)

// HeldCSP is the Content-Security-Policy of the page written by [WriteHeld]: as [PageCSP], but pages of
// the same site may show it in a frame.
var HeldCSP = "default-src 'none'; style-src " + sourceHash(heldStyleText) +
	"; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// Held is content that a page embeds from elsewhere and that this visitor has not granted. An ID or a
// Host lets him grant it alone, by a button that sends it to [ChoicePath] with choice=allow; without
// either there is no button.
type Held struct {
	Service Service // Name, Entity and Country are shown; without a Name, Host is
	Purpose Purpose // its ID or Name is shown
	ID      string  // of the service, sent as "service"
	Host    string  // of a service nobody knows, sent as "host" when there is no ID
	Why     Why     // nobody can grant it
	Back    string  // request URI of the page around it, "/" if empty or too long; the caller checks it stays on the site
}

// Why says why something is held back that no visitor can grant.
type Why uint8

// The reasons. For NotGranted the visitor decides.
const (
	NotGranted   Why = iota
	Outside          // the site sends no data there
	Confidential     // the part of the site that the page belongs to loads nothing from there
)

// WriteHeld writes what a frame shows in the place of content that is held back: a complete document
// for a frame of any size, that needs no script. It returns the error of w. Send it with [HeldCSP].
func WriteHeld(w io.Writer, lang string, h Held) error {
	return heldTemplate.Execute(w, newHeldView(lang, h))
}

// heldView is what the template sees. Its Held covers what view has under the same names.
type heldView struct {
	*view
	Held
	Title, Use, Show, Effect string
	Grantable                bool
}

func newHeldView(lang string, h Held) *heldView {
	if h.Back == "" || len(h.Back) > maxBack {
		h.Back = "/"
	}
	v := &heldView{
		view:      newView(lang, PageData{Purposes: []Purpose{h.Purpose}}),
		Held:      h,
		Title:     h.Service.Name,
		Grantable: h.Why == NotGranted && (h.ID != "" || h.Host != ""),
	}
	if v.Title == "" {
		v.Title = h.Host
	}
	v.Use = v.Purposes[0].Name
	v.Show = strings.Replace(v.T["held.show"], "{service}", v.Title, 1)
	effect := v.T[[...]string{NotGranted: "held.closed", Outside: "held.outside", Confidential: "held.confidential"}[h.Why]]
	if v.Grantable {
		effect = v.T["held.effect"]
	}
	v.Effect = strings.Replace(effect, "{recipient}", v.recipient(), 1)
	return v
}

func (v *heldView) Style() template.HTML {
	return template.HTML("<style>" + heldStyleText + "</style>")
}

// recipient is who receives the data, and in which country if that is known.
func (v *heldView) recipient() string {
	name := v.Service.Entity
	if name == "" {
		name = v.Title
	}
	if v.Service.Country == "" {
		return name
	}
	return name + " (" + v.Country(v.Service.Country) + ")"
}
