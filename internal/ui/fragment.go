package ui

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
)

//go:embed panel.html
var panelHTML string

var panelTemplate = template.Must(template.New("panel").Parse(panelHTML))

// maxBack bounds the address the form carries back; after a longer one the visitor returns to "/".
const maxBack = 2048

// backMark stands in the template where the address goes. Quotes in text are escaped, so that nothing
// but the template can contain it.
const backMark = `value="back"`

// Fragment is the panel that asks, in one language, ready but for the address of the page it is
// inserted into. It is read only and may be shared.
type Fragment struct{ before, after []byte }

// panelScript follows the panel. It is no part of what the visitor is shown.
var panelScript = "<script>" + panelText + "</script>"

// heldMark tells the panel's script that accepting has to load the page anew.
const heldMark = "<template data-held></template>"

// Append appends the panel and its script, to be inserted after <body>. Back is the request URI of the page. Held says
// that something was held back beside what the page itself shows: header fields, or cookies.
func (f *Fragment) Append(dst []byte, back string, held bool) []byte {
	if len(back) > maxBack {
		back = "/"
	}
	dst = append(slices.Grow(dst, len(f.before)+len(back)+len(f.after)+len(panelScript)+len(heldMark)), f.before...)
	dst = append(appendEscaped(dst, back), f.after...)
	dst = append(dst, panelScript...)
	if held {
		dst = append(dst, heldMark...)
	}
	return dst
}

// Banner prepares the panel for these purposes: what each is for, who receives data, what refusing
// and accepting mean, and the two answers with the same weight. It takes about a tenth of a
// millisecond; keep the result for as long as the purposes stay the same.
func Banner(lang string, purposes []Purpose) *Fragment {
	texts := textsIn(lang)
	var html bytes.Buffer
	err := panelTemplate.Execute(&html, map[string]any{
		"Lang":       spoken(lang),
		"T":          texts,
		"Page":       PagePath,
		"Action":     ChoicePath,
		"Purposes":   translate(purposes, texts),
		"Recipients": strings.Replace(texts["banner.recipients"], "{count}", recipients(purposes, lang), 1),
	})
	if err != nil {
		panic("ui: panel.html: " + err.Error()) // a buffer and constant types: only a broken template fails
	}
	before, after, _ := bytes.Cut(ascii(strip(html.String())), []byte(backMark))
	return &Fragment{
		before: append(before, `value="`...),
		after:  append([]byte(`"`), after...),
	}
}

// recipients says how many companies receive data with the visitor's permission, and where they
// are: "3 – Ireland, Sweden, United States".
func recipients(purposes []Purpose, lang string) string {
	entities, codes := map[string]bool{}, map[string]bool{}
	for _, p := range purposes {
		for _, s := range p.Services {
			if p.Required || s.Outside {
				continue
			}
			entities[cmp.Or(s.Entity, s.Name)] = true
			codes[s.Country] = s.Country != ""
		}
	}
	names := newView(lang, PageData{})
	var countries []string
	for code, known := range codes {
		if known {
			countries = append(countries, names.Country(code))
		}
	}
	slices.Sort(countries)
	count := strconv.Itoa(len(entities))
	if len(countries) == 0 {
		return count
	}
	const shown = 4
	if len(countries) > shown {
		countries = append(countries[:shown], "…")
	}
	return count + " – " + strings.Join(countries, ", ")
}

// Link returns the permanent way back to the choice, with the script that leads there from the settings
// links of other tools, to be inserted at the end of every <body>. While the panel shows it is hidden.
// Asks says that a script follows which tells the gateway what is in the browser's storages. It is
// shared and must not be changed.
func Link(lang string, asks bool) []byte { return links()[linkKey{spoken(lang), asks}] }

type linkKey struct {
	lang string
	asks bool
}

// links are the same for all sites, so they are made once.
var links = sync.OnceValue(func() map[linkKey][]byte {
	settings := string(appendEscaped(nil, dialect.Settings))
	made := make(map[linkKey][]byte)
	for _, lang := range Languages() {
		text := string(appendEscaped(nil, textsIn(lang)["link.choices"]))
		link := ascii(`<section id="say-link" lang="` + lang + `" dir="ltr" aria-label="` + text +
			`" data-nosnippet><a rel="nofollow" href="` + PagePath + `?lang=` + lang + `">` + text + `</a></section>` +
			`<script data-settings="` + settings + `">` + linkText + `</script>`)
		made[linkKey{lang, false}] = link
		made[linkKey{lang, true}] = []byte(string(link) + "<script data-entries>" + entriesText + "</script>")
	}
	return made
})
