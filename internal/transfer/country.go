package transfer

import (
	"fmt"
	"strings"
)

// Country is where an address is or a company has its seat: an ISO 3166-1
// alpha-2 code. Databases also write codes that are no countries (EU, A1, ZZ);
// those, and the empty one, are unknown.
type Country string

// assigned are the 249 codes of ISO 3166-1.
const assigned = "" +
	"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// others are codes in use that ISO reserves or leaves to its users.
const others = "EA IC XK"

// synonyms are codes that people write for others.
var synonyms = map[string]Country{"UK": "GB", "EL": "GR"}

// ParseCountry reads a country as an owner declares it. A territory has a code
// of its own: it is never taken for the state that it belongs to, nor the state
// for it.
func ParseCountry(text string) (Country, error) {
	c := Country(text)
	if c.Known() {
		return c, nil
	}
	upper := strings.ToUpper(text)
	meant := Country(upper)
	if synonym, ok := synonyms[upper]; ok {
		meant = synonym
	}
	if state, part, ok := strings.Cut(upper, "-"); ok {
		return "", partError(text, Country(state), Country(part))
	}
	switch {
	case text == "":
		return "", fmt.Errorf("a country is missing: write its ISO 3166 code, such as FR")
	case meant.Known():
		return "", fmt.Errorf("country %q: write %s", text, meant)
	}
	return "", fmt.Errorf("country %q is not known: write an ISO 3166 code of two capital letters, such as FR", text)
}

// partError says what to write for a part of a state, such as FR-NC.
func partError(text string, state, part Country) error {
	if t, ok := special(part); ok && t.State == state {
		return fmt.Errorf("country %q: other law holds in parts of a state: write %s, the code of %s itself", text, part, t.Name)
	}
	if state.Known() {
		return fmt.Errorf("country %q: write %s, unless the part has an ISO 3166 code of its own", text, state)
	}
	return fmt.Errorf("country %q is not known: write an ISO 3166 code of two capital letters, such as FR", text)
}

// Known tells whether the code is that of a country or territory.
func (c Country) Known() bool { return c.standing().known }

// standing is what the law of the European Union says of a country.
type standing struct {
	known bool
	area  Area
	needs Basis // inside its area only for recipients that declare it
	until int64 // unix seconds; 0: no end is set
}

// standings are found by both letters of a code.
var standings = standingsOf(territories[:])

func (c Country) standing() *standing {
	if i, ok := c.index(); ok {
		return &standings[i]
	}
	return &noStanding
}

var noStanding standing

// index is the place of a code among the 676 that two letters can make.
func (c Country) index() (int, bool) {
	if len(c) != 2 {
		return 0, false
	}
	first, second := c[0]-'A', c[1]-'A'
	return int(first)*letters + int(second), first < letters && second < letters
}

const (
	letters = 26
	pairs   = letters * letters
)

func standingsOf(rows []Territory) (all [pairs]standing) {
	for code := range strings.FieldsSeq(assigned + " " + others) {
		if i, ok := Country(code).index(); ok {
			all[i] = standing{known: true, area: Outside}
		}
	}
	for _, row := range rows {
		if i, ok := row.Code.index(); ok {
			all[i] = standing{known: true, area: row.Area, needs: row.Needs}
			if !row.Until.IsZero() {
				all[i].until = row.Until.Unix()
			}
		}
	}
	return all
}
