package ui

import (
	"encoding/json"
	"slices"
)

// signals is a visitor's choice in the words of the tags that ask for one. The guard passes it on, and
// so does the panel's script after a choice.
type signals struct {
	Categories []string          `json:"categories"` // the purposes granted, for the site's own tags
	Google     map[string]string `json:"google"`     // Consent Mode v2, all seven types
	Set        map[string]bool   `json:"set"`        // how Google's tags are to behave
	UET        map[string]string `json:"uet"`        // Microsoft's Consent Mode
	Clarity    map[string]string `json:"clarity"`    // Microsoft Clarity's consentv2, with a capital S
	WP         map[string]string `json:"wp"`         // the WP Consent API, all five categories
}

// appendSignals appends, as JSON, the signals of a visitor who granted these purposes. What is strictly
// necessary needs no grant.
func appendSignals(dst []byte, granted []string) []byte {
	say := func(purpose, yes, no string) string {
		if purpose == "necessary" || slices.Contains(granted, purpose) {
			return yes
		}
		return no
	}
	storage := func(purpose string) string { return say(purpose, "granted", "denied") }
	allowed := func(purpose string) string { return say(purpose, "allow", "deny") }
	text, _ := json.Marshal(signals{ // strings and maps of strings never fail
		Categories: granted,
		Google: map[string]string{
			"ad_personalization":      storage("marketing"),
			"ad_storage":              storage("marketing"),
			"ad_user_data":            storage("marketing"),
			"analytics_storage":       storage("statistics"),
			"functionality_storage":   storage("functional"),
			"personalization_storage": storage("functional"),
			"security_storage":        storage("necessary"),
		},
		Set: map[string]bool{"ads_data_redaction": storage("marketing") == "denied"},
		UET: map[string]string{"ad_storage": storage("marketing")},
		Clarity: map[string]string{
			"ad_Storage":        storage("marketing"),
			"analytics_Storage": storage("statistics"),
		},
		WP: map[string]string{
			"functional":           allowed("necessary"), // what the visitor asked for
			"preferences":          allowed("functional"),
			"statistics-anonymous": allowed("statistics"),
			"statistics":           allowed("statistics"),
			"marketing":            allowed("marketing"),
		},
	})
	return append(dst, text...)
}
