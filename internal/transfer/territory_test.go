package transfer

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"
)

var noon = time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)

func TestUnionIsItsMembersAndTheTerritoriesUnderItsLaw(t *testing.T) {
	want := map[Area]string{
		EU: "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK " +
			"GF GP MF MQ RE YT IC EA AX",
		EEA: "IS LI NO",
		// Brazil, Canada, Japan, South Korea and the United States are adequate for some
		// recipients only.
		Adequate: "AD AR CH FO GB GG IL IM JE NZ UY",
	}
	inside := make(map[Country]Area)
	for area, codes := range want {
		for code := range strings.FieldsSeq(codes) {
			inside[Country(code)] = area
		}
	}
	for i := range pairs {
		c := countryOf(uint16(i + 1))
		for area := range Outside {
			smallest, ok := inside[c]
			if got := area.Holds(c, noon); got != (ok && smallest <= area) {
				t.Errorf("%s in %s: %v", c, area, got)
			}
		}
	}
}

func TestTerritoriesAreNotWhatTheirStateIs(t *testing.T) {
	for code := range strings.FieldsSeq("BL PM WF PF NC TF AW CW SX BQ GL SJ GI MC SM VA XK BR CA JP KR US") {
		for area := range Outside {
			if c := Country(code); area.Holds(c, noon) || !c.Known() {
				t.Errorf("%s is in %s, or not known", c, area)
			}
		}
	}
}

func TestWhatIsNoCountryIsInNoArea(t *testing.T) {
	for _, c := range []Country{"", "ZZ", "EU", "AP", "A1", "A2", "O1", "T1", "XX", "AN", "UK", "EL", "fr", "F", "FRA", "Fr", "\x00\x00", "é", "??"} {
		if c.Known() || Adequate.Holds(c, noon) {
			t.Errorf("%q is a country", c)
		}
	}
}

func TestEveryCodeOfISOIsKnownAndNoOther(t *testing.T) {
	if n := len(strings.Fields(assigned)); n != 249 {
		t.Errorf("%d codes", n)
	}
	// Reserved by ISO or withdrawn, yet countries to the oracle.
	const given = "AC AN CP CQ CS DG EZ FQ NT PC SU TA UN YU"
	for i := range pairs {
		c := countryOf(uint16(i + 1))
		region, err := language.ParseRegion(string(c))
		iso := err == nil && region.IsCountry() && region.Canonicalize() == region && region.String() == string(c)
		if iso != (c.Known() || strings.Contains(given, string(c))) {
			t.Errorf("%s: known %v, in ISO 3166 %v", c, c.Known(), iso)
		}
	}
}

func TestDecisionsEnd(t *testing.T) {
	last := time.Date(2031, time.December, 27, 23, 59, 59, 0, time.UTC)
	if !Adequate.Holds("GB", last) || Adequate.Holds("GB", last.Add(time.Second)) {
		t.Error("the decision about the United Kingdom does not end with 27 December 2031")
	}
}

func TestRowsSayWhy(t *testing.T) {
	seen := make(map[Country]bool)
	for _, row := range Territories() {
		if seen[row.Code] || row.Name == "" || row.Reason == "" || row.Source == "" || !row.Code.Known() {
			t.Errorf("row %s is there twice, or says too little", row.Code)
		}
		seen[row.Code] = true
		if (row.Area == Adequate) == row.Since.IsZero() {
			t.Errorf("%s: a decision has a date, and nothing else has", row.Code)
		}
		if row.State != "" && !row.State.Known() {
			t.Errorf("%s belongs to %q", row.Code, row.State)
		}
	}
	if age := noon.Sub(TerritoriesAsOf); age < 0 || age > TerritoriesAge {
		t.Errorf("the rows were looked at %v ago", age)
	}
}

func TestOwnerIsToldWhenTheRowsAreOld(t *testing.T) {
	if err := TerritoriesAlarm(TerritoriesAsOf.Add(TerritoriesAge)); err != nil {
		t.Error(err)
	}
	if err := TerritoriesAlarm(TerritoriesAsOf.Add(200 * 24 * time.Hour)); err == nil || !strings.Contains(err.Error(), "is of 2026-08-05, 200 days ago: get a newer version") {
		t.Error(err)
	}
}

// TestDecisionsForSomeCoverNobodyWhoDoesNotSaySo, and those who do.
func TestDecisionsForSomeCoverNobodyWhoDoesNotSaySo(t *testing.T) {
	for code := range strings.FieldsSeq("BR CA JP KR") {
		r := recipient("abroad", Country(code), "abroad.example")
		if j := r.judge(Adequate, true, noon.Unix()); j.fault != Country(code) {
			t.Errorf("%s: without a word: %+v", code, j)
		}
		r.Transfer = Adequacy
		if j := r.judge(Adequate, true, noon.Unix()); j.fault != "" || j.basis != Adequacy {
			t.Errorf("%s: %+v", code, j)
		}
	}
}

func TestCountriesAreReadAsTheyAreMeant(t *testing.T) {
	for text, want := range map[string]string{
		"FR": "", "NC": "", "IC": "", "XK": "",
		"":      "missing",
		"fr":    "write FR",
		"UK":    "write GB",
		"el":    "write GR",
		"ZZ":    "not known",
		"EU":    "not known",
		"AN":    "not known",
		"FRA":   "not known",
		"FR-NC": "write NC, the code of New Caledonia",
		"FR-GF": "write GF, the code of French Guiana",
		"NL-AW": "write AW",
		"PT-20": "write PT",
		"ES-CN": "write ES",
		"FR-":   "write FR",
		"-":     "not known",
		"QQ-AW": "not known",
	} {
		c, err := ParseCountry(text)
		if want == "" && (err != nil || string(c) != text) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %q, %v", text, c, err)
		}
	}
}

func TestWordsOfTheOwner(t *testing.T) {
	for area := range Outside {
		if got, err := ParseArea(area.String()); got != area || err != nil {
			t.Errorf("%s: %v, %v", area, got, err)
		}
	}
	for _, text := range []string{"", "EU", "outside", "us", "world"} {
		if _, err := ParseArea(text); err == nil || !strings.Contains(err.Error(), "write eu, eea or adequate") {
			t.Errorf("area %q: %v", text, err)
		}
	}
	for _, basis := range bases {
		if got, err := ParseBasis(string(basis)); got != basis || err != nil {
			t.Errorf("%s: %v, %v", basis, got, err)
		}
	}
	if _, err := ParseBasis("trust"); err == nil || !strings.Contains(err.Error(), "dpf, scc") {
		t.Error(err)
	}
}

func FuzzParseCountry(f *testing.F) {
	for _, seed := range []string{"FR", "fr", "FR-NC", "UK", "", "-", "ß-ß"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCountry(text)
		if (err == nil) != c.Known() || err == nil && string(c) != text {
			t.Errorf("%q: %q, %v", text, c, err)
		}
	})
}
