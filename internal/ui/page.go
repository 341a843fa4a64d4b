package ui

import (
	_ "embed"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:embed page.html
var pageHTML string

var pageTemplates = template.Must(template.Must(template.New("page").Parse(pageHTML)).Parse(stepHTML))

// PageData is what the privacy page shows.
type PageData struct {
	Purposes []Purpose
	Choice   Choice
	Saved    bool // the visitor comes from the form: confirm it
	Singles  []Single
	Others   []Service // who receives data beside the services, from the site itself: Entity, Country and Basis
	Unknown  Service   // the cookies and hosts of the site that nobody has described
	Back     string    // where "back to the site" leads, "/" if empty; the caller checks it stays on the site
}

// Single is a service that the visitor granted one by one, or a host that nobody knows.
type Single struct {
	ID   string // of the service; empty for a host
	Name string
}

// The reasons for which a choice is not taken, for [WriteError].
const (
	ErrorOrigin      = "origin"      // submitted from another site
	ErrorExpired     = "expired"     // incomplete, damaged or too old
	ErrorUnavailable = "unavailable" // cannot be recorded at the moment
)

// WritePage writes the privacy page, a complete document that needs no script. It returns the error
// of w. Send it with [PageCSP].
func WritePage(w io.Writer, lang string, p PageData) error {
	return pageTemplates.ExecuteTemplate(w, "page", newView(lang, p))
}

// WriteError writes the page that tells why a choice was not taken; any reason but the three declared
// reads as ErrorExpired. It returns the error of w. Send it with [PageCSP].
func WriteError(w io.Writer, lang, reason string) error {
	if reason != ErrorOrigin && reason != ErrorUnavailable {
		reason = ErrorExpired
	}
	v := newView(lang, PageData{})
	v.Reason = v.T["error."+reason]
	return pageTemplates.ExecuteTemplate(w, "error", v)
}

// view is what the templates see: the data, the words, and how to write dates, durations and countries.
type view struct {
	PageData
	Lang   string
	T      map[string]string
	Reason string

	countries display.Namer
}

func newView(lang string, p PageData) *view {
	v := &view{PageData: p, Lang: spoken(lang), T: textsIn(lang)}
	v.Purposes = translate(p.Purposes, v.T)
	v.countries = display.Regions(language.Make(v.Lang))
	if v.Back == "" {
		v.Back = "/"
	}
	return v
}

func (v *view) Page() string         { return PagePath }
func (v *view) Action() string       { return ChoicePath }
func (v *view) Receipt() string      { return ReceiptPath }
func (v *view) Style() template.HTML { return template.HTML("<style>" + pageStyleText + "</style>") }
func (v *view) Codes() []string      { return languages }

// After is where the form leads once the choice is saved: this page, in this language.
func (v *view) After() string { return PagePath + "?saved&lang=" + v.Lang }

// State says the visitor's choice in words; any unknown one is no choice.
func (v *view) State() string {
	if text, ok := v.T["choice."+v.Choice.State]; ok {
		return text
	}
	return v.T["choice.none"]
}

// NameOf is a language's name for itself.
func (v *view) NameOf(code string) string { return messages[code]["language.name"] }

// Day is a date as everybody in Europe can read it and no translation can get wrong: 2026-11-23.
func (v *view) Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Days is a lifetime in whole days, begun ones counted, so that no language needs a plural.
func (v *view) Days(lifetime time.Duration) string {
	if lifetime <= 0 {
		return v.T["services.session"]
	}
	const day = 24 * time.Hour
	return strconv.FormatInt(int64((lifetime-1)/day)+1, 10)
}

// Table is what the template of that name shows: cookies, with the words for them.
func (v *view) Table(cookies []Cookie) any {
	return struct {
		*view
		Cookies []Cookie
	}{v, cookies}
}

// Remove is what the button says that takes a single service away.
func (v *view) Remove(s Single) string {
	return strings.ReplaceAll(v.T["granted.remove"], "{service}", s.Name)
}

// Country names a country in the visitor's language.
func (v *view) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 || v.countries == nil {
		return code
	}
	if name := v.countries.Name(region); name != "" {
		return name
	}
	return code
}
