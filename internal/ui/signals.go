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
	Piano      string            `json:"piano"`      // Piano Analytics' consent mode
	PDL        map[string]any    `json:"pdl"`        // the settings with that mode that Piano finds when it loads, from version 6.8
	Matomo     string            `json:"matomo"`     // the method of Matomo's trackers that says it, from version 4
}

// appendSignals appends, as JSON, the signals of a visitor who granted these purposes, and these services
// one by one. What is strictly necessary needs no grant.
func appendSignals(dst []byte, granted, services []string) []byte {
	say := func(purpose, yes, no string) string {
		if purpose == "necessary" || slices.Contains(granted, purpose) {
			return yes
		}
		return no
	}
	storage := func(purpose string) string { return say(purpose, "granted", "denied") }
	allowed := func(purpose string) string { return say(purpose, "allow", "deny") }
	measured := func(yes, no string, by ...string) string {
		if slices.ContainsFunc(by, func(id string) bool { return slices.Contains(services, id) }) {
			return yes
		}
		return say("statistics", yes, no)
	}
	mode := measured("opt-in", "opt-out", "piano-analytics")
	text, _ := json.Marshal(signals{ // strings, lists and maps of strings never fail
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
		Piano: mode,
		PDL: map[string]any{
			"requireConsent": "v2",
			"consent": map[string]any{ // about no other product of Piano's
				"products":      []string{"PA"},
				"defaultPreset": map[string]string{"PA": mode},
			},
		},
		Matomo: measured("setConsentGiven", "forgetCookieConsentGiven", "matomo", "matomo-cloud"),
	})
	return append(dst, text...)
}
