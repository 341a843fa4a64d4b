package catalogue

import (
	"strings"
	"testing"
	"time"
)

func catalogueOf(service string) string {
	return `{"as_of": "2026-01-31", "services": [` + service + `]}`
}

const good = `{"id": "a", "name": "A", "entity": "E", "country": "FR", "purpose": "marketing",
 "cookies": [{"name": "abcd", "life": "13mo"}], "hosts": ["example.org/path"]}`

func TestParseRefusesWhatItDoesNotUnderstand(t *testing.T) {
	if _, err := Parse([]byte(catalogueOf(good))); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ what, old, new, want string }{
		{"unknown field", `"name": "A"`, `"name": "A", "colour": "red"`, "colour"},
		{"no id", `"id": "a"`, `"id": ""`, "has no id"},
		{"no name", `"name": "A"`, `"name": ""`, `service "a": name`},
		{"no entity", `"entity": "E", `, ``, `service "a": entity`},
		{"entity without country", `"country": "FR"`, `"country": null`, `service "a": entity and country`},
		{"country", `"FR"`, `"France"`, "two capital letters"},
		{"country", `"FR"`, `"fr"`, "two capital letters"},
		{"half of the EEA", `"purpose"`, `"eea_entity": "X", "purpose"`, "eea_country"},
		{"purpose", `"marketing"`, `"fun"`, `purpose "fun"`},
		{"no class", `"marketing"`, `"necessary"`, "exempt"},
		{"wrong class", `"marketing"`, `"necessary", "class": "fun"`, `class "fun"`},
		{"class for nothing", `"marketing"`, `"marketing", "class": "basket"`, "necessary services only"},
		{"no cookie name", `"name": "abcd"`, `"name": ""`, "name or a pattern"},
		{"empty beginning", `"name": "abcd"`, `"name": "*"`, "no cookie"},
		{"star inside", `"name": "abcd"`, `"name": "ab*d"`, "no cookie"},
		{"short", `"name": "abcd"`, `"name": "abc"`, "too short"},
		{"short beginning", `"name": "abcd"`, `"name": "abc*"`, "too short"},
		{"name and pattern", `"name": "abcd"`, `"name": "abcd", "pattern": "^abcd$"`, "name or a pattern"},
		{"bad pattern", `"name": "abcd"`, `"pattern": "^abc($"`, "missing closing"},
		{"loose pattern", `"name": "abcd"`, `"pattern": "abc.*"`, "a pattern must be"},
		{"pattern of anything", `"name": "abcd"`, `"pattern": "^[a-z]+$"`, "a pattern must be"},
		{"life", `"13mo"`, `"soon"`, `life "soon"`},
		{"life of nothing", `"13mo"`, `""`, "life"},
		{"life of zero", `"13mo"`, `"0d"`, "life"},
		{"life of centuries", `"13mo"`, `"4000000000y"`, "life"},
		{"storage", `"life": "13mo"`, `"life": "13mo", "storage": "disk"`, `storage "disk"`},
		{"twice", `{"name": "abcd", "life": "13mo"}`, `{"name": "abcd", "life": "1d"}, {"name": "abcd", "life": "1d"}`, "twice"},
		{"host with scheme", `example.org/path`, `https://example.org`, "host"},
		{"host with port", `example.org/path`, `example.org:443`, "host"},
		{"host with star", `example.org/path`, `*.example.org`, "host"},
		{"host in capitals", `example.org/path`, `Example.org`, "host"},
		{"whole suffix", `example.org/path`, `org`, "host"},
		{"two services of one id", good, good + "," + good, "twice"},
	}
	for _, test := range tests {
		text := strings.Replace(catalogueOf(good), test.old, test.new, 1)
		_, err := Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.what, err, test.want)
		}
	}
	for _, text := range []string{"", "null", "[]", catalogueOf(good) + "{}", `{"as_of": "today", "services": []}`} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%.40q was accepted", text)
		}
	}
}

func TestLifetimes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"session": 0, "endless": Endless, "10s": 10 * time.Second, "30min": 30 * time.Minute, "20h": 20 * time.Hour,
		"90d": 90 * 24 * time.Hour, "13mo": 34187400 * time.Second, "2y": 730 * 24 * time.Hour,
	} {
		if got, err := lifetime(text); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", text, got, err, want)
		}
	}
}

func TestNamesAreShownAsOwnersWriteThem(t *testing.T) {
	for want, c := range map[string]Cookie{
		"_ga":         {Name: "_ga"},
		"_ga_*":       {Name: "_ga_", Match: Prefix},
		"visitor_id*": {Name: "^visitor_id[0-9]+$", Match: Pattern, literal: "visitor_id"},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(catalogueOf(good)))
	f.Add([]byte(conflict))
	f.Add([]byte(`{"as_of": "2026-01-31", "services": null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data)
		if err != nil {
			return
		}
		for _, s := range c.Services() {
			for i := range s.Cookies {
				if k := &s.Cookies[i]; k.visible() && k.Match != Pattern {
					if claim, ok := c.Cookie(k.Name); !ok || s.Purpose.Stricter(claim.Service.Purpose) {
						t.Errorf("%q of %q is not found", k.Name, s.ID)
					}
				}
			}
		}
	})
}
