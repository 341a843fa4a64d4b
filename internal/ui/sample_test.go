package ui

import "time"

var day = 24 * time.Hour

// samplePurposes is a site as publishers have them: two built-in purposes with services, one without,
// and one of the owner's own.
func samplePurposes() []Purpose {
	return []Purpose{
		{ID: "necessary", Required: true, Granted: true, Services: []Service{{
			Name: "This site", Entity: "Example Press", Country: "FR",
			Cookies: []Cookie{{Name: "sessionid", Lifetime: 0}, {Name: "lang", Lifetime: 180 * day}},
		}}},
		{ID: "functional", Services: []Service{{
			Name: "YouTube", Entity: "Google Ireland Limited", Country: "IE",
			Cookies: []Cookie{{Name: "VISITOR_INFO1_LIVE", Lifetime: 180 * day}, {Name: "YSC", Lifetime: 0}},
			Hosts:   []string{"www.youtube.com", "i.ytimg.com"},
		}}},
		{ID: "statistics", Granted: true, Services: []Service{{
			Name: "Google Analytics", Entity: "Google Ireland Limited", Country: "IE",
			Cookies: []Cookie{{Name: "_ga", Lifetime: 393 * day}, {Name: "_ga_*", Lifetime: 393 * day}},
			Hosts:   []string{"www.google-analytics.com"},
		}, {
			Name: "Matomo", Entity: "InnoCraft", Country: "NZ",
			Cookies: []Cookie{{Name: "_pk_id.*", Lifetime: 393 * day}},
		}}},
		{ID: "marketing"},
		{ID: "letters", Name: "Readers' letters", Description: "Show letters that readers sent us."},
	}
}
