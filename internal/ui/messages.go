package ui

import (
	"embed"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// fallback is the language of last resort, and the one whose keys the others must have.
const fallback = "en"

//go:embed messages/*.json
var messageFiles embed.FS

// messages holds the texts by language and key; languages their codes in order. Both are read only.
var messages, languages = loadMessages()

// loadMessages reads the embedded files. They are part of the program: a broken one is caught by the
// tests, and stops the program here rather than leave visitors without words.
func loadMessages() (map[string]map[string]string, []string) {
	files, err := messageFiles.ReadDir("messages")
	if err != nil {
		panic("ui: no messages embedded: " + err.Error())
	}
	byLanguage := make(map[string]map[string]string, len(files))
	codes := make([]string, 0, len(files))
	for _, file := range files {
		text, err := messageFiles.ReadFile(path.Join("messages", file.Name()))
		if err != nil {
			panic("ui: " + err.Error())
		}
		texts := map[string]string{}
		if err := json.Unmarshal(text, &texts); err != nil {
			panic("ui: messages/" + file.Name() + ": " + err.Error())
		}
		code := strings.TrimSuffix(file.Name(), ".json")
		byLanguage[code] = texts
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return byLanguage, codes
}

// Languages lists the codes of the languages that are spoken, in alphabetical order.
func Languages() []string { return slices.Clone(languages) }

// textsIn returns the texts of lang, or English ones for a language that is not spoken.
func textsIn(lang string) map[string]string {
	if texts, ok := messages[lang]; ok {
		return texts
	}
	return messages[fallback]
}

// spoken returns the language code to write into lang attributes: lang itself, or English.
func spoken(lang string) string {
	if _, ok := messages[lang]; ok {
		return lang
	}
	return fallback
}

// translate returns a copy of purposes with the built-in names and descriptions put into words.
func translate(purposes []Purpose, texts map[string]string) []Purpose {
	purposes = slices.Clone(purposes)
	for i := range purposes {
		p := &purposes[i]
		if p.Name == "" {
			p.Name = texts["purpose."+p.ID+".name"]
		}
		if p.Description == "" {
			p.Description = texts["purpose."+p.ID+".text"]
		}
		if p.Name == "" {
			p.Name = p.ID
		}
	}
	return purposes
}
