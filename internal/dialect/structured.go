package dialect

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// vanillaChoice reads what vanilla-cookieconsent stores: version 3 in
// categories, consentTimestamp and lastConsentTimestamp, version 2 in level
// and the two dates of its own.
func vanillaChoice(name string) func(Cookies) (answers, bool) {
	return func(cookies Cookies) (a answers, ok bool) {
		text, ok := cookies.text(name)
		if !ok {
			return a, false
		}
		var record struct {
			Categories, Level                      []string
			Services                               map[string][]string
			ConsentTimestamp, LastConsentTimestamp string
			ConsentDate                            string `json:"consent_date"`
			LastConsentUpdate                      string `json:"last_consent_update"`
		}
		if json.Unmarshal([]byte(text), &record) != nil {
			return a, false
		}
		list := record.Categories
		switch {
		case list == nil:
			list = record.Level
		case record.Level != nil && !slices.Equal(list, record.Level):
			return a, false
		}
		if list == nil {
			return a, false
		}
		for _, name := range list {
			a.accept(name, len(record.Services[name]) > 0)
		}
		a.no = true // what is not listed
		first := cmp.Or(record.ConsentTimestamp, record.ConsentDate)
		last := cmp.Or(record.LastConsentTimestamp, record.LastConsentUpdate)
		a.given, ok = span(first, last)
		return a, ok
	}
}

// didomiChoice reads didomi_token: base64 of JSON. Legitimate interest, in
// lists beside these, is not consent.
func didomiChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("didomi_token")
	if !ok {
		return a, false
	}
	type lists struct{ Enabled, Disabled []string }
	var record struct {
		Created, Updated  string
		Purposes, Vendors lists
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || json.Unmarshal(decoded, &record) != nil {
		return a, false
	}
	for _, name := range record.Purposes.Enabled {
		a.add(name, true)
	}
	for _, name := range record.Purposes.Disabled {
		a.add(name, false)
	}
	a.yes = a.yes || len(record.Vendors.Enabled) > 0
	a.given, ok = span(record.Created, record.Updated)
	return a, ok && (a.yes || a.no)
}

// borlabsChoice reads borlabs-cookie: the services accepted, by category. Its
// only date is the one on which it expires.
func borlabsChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("borlabs-cookie")
	if !ok {
		return a, false
	}
	var record struct{ Consents map[string][]string }
	if json.Unmarshal([]byte(text), &record) != nil || record.Consents == nil {
		return a, false
	}
	for name, services := range record.Consents {
		if len(services) > 0 {
			a.add(name, true)
		}
	}
	a.no = true // what is not listed
	return a, true
}

// klaroChoice reads klaro: every service with its answer, and no date. The
// service that stands for Klaro itself is necessary.
func klaroChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("klaro")
	if !ok {
		return a, false
	}
	record, ok := object(text)
	for name, value := range record {
		accepted, isBool := value.(bool)
		if !isBool {
			return a, false
		}
		if name != "klaro" {
			a.add(name, accepted)
		}
	}
	return a, ok
}

// axeptioChoice reads axeptio_cookies: every vendor with its answer, and what
// the tool notes for itself under names with $$.
func axeptioChoice(cookies Cookies) (a answers, ok bool) {
	text, ok := cookies.text("axeptio_cookies")
	if !ok {
		return a, false
	}
	record, ok := object(text)
	if !ok || record["$$completed"] != true {
		return a, false
	}
	for name, value := range record {
		if strings.HasPrefix(name, "$$") {
			continue
		}
		accepted, isBool := value.(bool)
		if !isBool {
			return a, false
		}
		a.add(name, accepted)
	}
	date, _ := record["$$date"].(string)
	a.given, ok = written(date)
	return a, ok
}

// object reads a JSON object. One that gives two values for a name is not read.
func object(text string) (map[string]any, bool) {
	d := json.NewDecoder(strings.NewReader(text))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, false
	}
	record := map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		key, _ := name.(string)
		var value any
		if _, twice := record[key]; twice || d.Decode(&value) != nil {
			return nil, false
		}
		record[key] = value
	}
	_, err := d.Token()
	return record, err == nil && strings.TrimSpace(text[d.InputOffset():]) == ""
}
