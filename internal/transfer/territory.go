package transfer

import (
	"slices"
	"time"
)

// Territory says for one country or territory in which area it lies, and by
// which rule. Those without a row lie outside.
type Territory struct {
	Code   Country
	Name   string
	State  Country   // that it belongs to, for territories
	Area   Area      // the smallest that holds it
	Reason string    // the rule, as it is cited
	Since  time.Time // of a decision about adequacy; zero for the others
	Until  time.Time // its end; zero where none is set
	Needs  Basis     // what a recipient must declare to be covered; "" when nothing
}

// TerritoriesAsOf is the day as of which the rows were compiled. The acts that they
// cite are to be looked up again with each change. A gateway in which they are older
// than TerritoriesAge should say so.
var TerritoriesAsOf = day(2026, time.November, 22)

// TerritoriesAge is how long the rows may be believed without another look.
const TerritoriesAge = 6 * 30 * 24 * time.Hour

// Territories lists the rows: members first, then those beside them, each by its
// area. The slice is the caller's.
func Territories() []Territory { return slices.Clone(territories[:]) }

// special is the row of a territory.
func special(c Country) (*Territory, bool) {
	for i := range territories {
		if territories[i].Code == c {
			return &territories[i], true
		}
	}
	return nil, false
}

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

const (
	member    = "member state (article 52 TEU)"
	outermost = "outermost region: the Treaties apply (articles 349 and 355(1) TFEU)"
	overseas  = "overseas country or territory: outside the Union (article 355(2) and annex II TFEU)"
	efta      = "GDPR incorporated by Decision 154/2018 of the EEA Joint Committee; not in the Union"
	noFinding = "third country without a decision of the Commission"
)

var territories = [...]Territory{
	{Code: "AT", Name: "Austria", Reason: member},
	{Code: "BE", Name: "Belgium", Reason: member},
	{Code: "BG", Name: "Bulgaria", Reason: member},
	{Code: "CY", Name: "Cyprus", Reason: member + "; suspended in the north (protocol 10 of 2003), which has no code of its own"},
	{Code: "CZ", Name: "Czechia", Reason: member},
	{Code: "DE", Name: "Germany", Reason: member},
	{Code: "DK", Name: "Denmark", Reason: member},
	{Code: "EE", Name: "Estonia", Reason: member},
	{Code: "ES", Name: "Spain", Reason: member},
	{Code: "FI", Name: "Finland", Reason: member},
	{Code: "FR", Name: "France", Reason: member},
	{Code: "GR", Name: "Greece", Reason: member},
	{Code: "HR", Name: "Croatia", Reason: member},
	{Code: "HU", Name: "Hungary", Reason: member},
	{Code: "IE", Name: "Ireland", Reason: member},
	{Code: "IT", Name: "Italy", Reason: member},
	{Code: "LT", Name: "Lithuania", Reason: member},
	{Code: "LU", Name: "Luxembourg", Reason: member},
	{Code: "LV", Name: "Latvia", Reason: member},
	{Code: "MT", Name: "Malta", Reason: member},
	{Code: "NL", Name: "Netherlands", Reason: member + "; in Europe only"},
	{Code: "PL", Name: "Poland", Reason: member},
	{Code: "PT", Name: "Portugal", Reason: member + "; Azores and Madeira included, which databases do not tell apart"},
	{Code: "RO", Name: "Romania", Reason: member},
	{Code: "SE", Name: "Sweden", Reason: member},
	{Code: "SI", Name: "Slovenia", Reason: member},
	{Code: "SK", Name: "Slovakia", Reason: member},

	{Code: "GF", Name: "French Guiana", State: "FR", Reason: outermost},
	{Code: "GP", Name: "Guadeloupe", State: "FR", Reason: outermost},
	{Code: "MF", Name: "Saint-Martin", State: "FR", Reason: outermost},
	{Code: "MQ", Name: "Martinique", State: "FR", Reason: outermost},
	{Code: "RE", Name: "Réunion", State: "FR", Reason: outermost},
	{Code: "YT", Name: "Mayotte", State: "FR", Reason: outermost + "; Decision 2012/419/EU"},
	{Code: "IC", Name: "Canary Islands", State: "ES", Reason: outermost},
	{Code: "EA", Name: "Ceuta and Melilla", State: "ES", Reason: "part of Spain (article 25 of the Act of Accession of 1985)"},
	{Code: "AX", Name: "Åland", State: "FI", Reason: "the Treaties apply (article 355(4) TFEU)"},

	{Code: "IS", Name: "Iceland", Area: EEA, Reason: efta},
	{Code: "LI", Name: "Liechtenstein", Area: EEA, Reason: efta},
	{Code: "NO", Name: "Norway", Area: EEA, Reason: efta},

	{Code: "AD", Name: "Andorra", Area: Adequate, Reason: "Decision 2010/625/EU", Since: day(2010, time.October, 19)},
	{Code: "AR", Name: "Argentina", Area: Adequate, Reason: "Decision 2003/490/EC", Since: day(2003, time.June, 30)},
	{Code: "BR", Name: "Brazil", Area: Adequate, Reason: "Implementing Decision (EU) 2026/179", Since: day(2026, time.January, 26)},
	{
		Code: "CA", Name: "Canada", Area: Adequate, Reason: "Decision 2002/2/EC: commercial organisations under PIPEDA",
		Since: day(2001, time.December, 20), Needs: Adequacy,
	},
	{Code: "CH", Name: "Switzerland", Area: Adequate, Reason: "Decision 2000/518/EC", Since: day(2000, time.July, 26)},
	{Code: "FO", Name: "Faroe Islands", State: "DK", Area: Adequate, Reason: "outside the Union (article 355(5)(a) TFEU); Decision 2010/146/EU", Since: day(2010, time.March, 5)},
	{
		Code: "GB", Name: "United Kingdom", Area: Adequate, Reason: "Implementing Decision (EU) 2021/1772, prolonged on 19 December 2025",
		Since: day(2021, time.June, 28), Until: day(2031, time.December, 28),
	},
	{Code: "GG", Name: "Guernsey", State: "GB", Area: Adequate, Reason: "Decision 2003/821/EC", Since: day(2003, time.November, 21)},
	{Code: "IL", Name: "Israel", Area: Adequate, Reason: "Decision 2011/61/EU", Since: day(2011, time.January, 31)},
	{Code: "IM", Name: "Isle of Man", State: "GB", Area: Adequate, Reason: "Decision 2004/411/EC", Since: day(2004, time.April, 28)},
	{Code: "JE", Name: "Jersey", State: "GB", Area: Adequate, Reason: "Decision 2008/393/EC", Since: day(2008, time.May, 8)},
	{
		Code: "JP", Name: "Japan", Area: Adequate, Reason: "Implementing Decision (EU) 2019/419: business operators under the APPI",
		Since: day(2019, time.January, 23), Needs: Adequacy,
	},
	{Code: "KR", Name: "South Korea", Area: Adequate, Reason: "Implementing Decision (EU) 2022/254", Since: day(2021, time.December, 17)},
	{Code: "NZ", Name: "New Zealand", Area: Adequate, Reason: "Implementing Decision 2013/65/EU", Since: day(2012, time.December, 19)},
	{
		Code: "US", Name: "United States", Area: Adequate,
		Reason: "Implementing Decision (EU) 2023/1795: companies certified under the Data Privacy Framework; appeal C-703/25 P is pending",
		Since:  day(2023, time.July, 10), Needs: DPF,
	},
	{Code: "UY", Name: "Uruguay", Area: Adequate, Reason: "Implementing Decision 2012/484/EU", Since: day(2012, time.August, 21)},

	{Code: "BL", Name: "Saint-Barthélemy", State: "FR", Area: Outside, Reason: overseas + " since Decision 2010/718/EU"},
	{Code: "NC", Name: "New Caledonia", State: "FR", Area: Outside, Reason: overseas},
	{Code: "PF", Name: "French Polynesia", State: "FR", Area: Outside, Reason: overseas},
	{Code: "PM", Name: "Saint-Pierre-et-Miquelon", State: "FR", Area: Outside, Reason: overseas},
	{Code: "TF", Name: "French Southern and Antarctic Lands", State: "FR", Area: Outside, Reason: overseas},
	{Code: "WF", Name: "Wallis and Futuna", State: "FR", Area: Outside, Reason: overseas},
	{Code: "AW", Name: "Aruba", State: "NL", Area: Outside, Reason: overseas},
	{Code: "BQ", Name: "Bonaire, Sint Eustatius and Saba", State: "NL", Area: Outside, Reason: overseas},
	{Code: "CW", Name: "Curaçao", State: "NL", Area: Outside, Reason: overseas},
	{Code: "SX", Name: "Sint Maarten", State: "NL", Area: Outside, Reason: overseas},
	{Code: "GL", Name: "Greenland", State: "DK", Area: Outside, Reason: overseas},
	{Code: "SJ", Name: "Svalbard and Jan Mayen", State: "NO", Area: Outside, Reason: "Svalbard is outside the European Economic Area (protocol 40), and has one code with Jan Mayen"},
	{Code: "GI", Name: "Gibraltar", State: "GB", Area: Outside, Reason: "left the Union with the United Kingdom, whose decision does not cover it"},
	{Code: "MC", Name: "Monaco", Area: Outside, Reason: noFinding},
	{Code: "SM", Name: "San Marino", Area: Outside, Reason: noFinding},
	{Code: "VA", Name: "Vatican City", Area: Outside, Reason: noFinding},
	{Code: "XK", Name: "Kosovo", Area: Outside, Reason: noFinding + "; the code is none of ISO's"},
}
