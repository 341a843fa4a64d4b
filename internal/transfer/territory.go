package transfer

import (
	"fmt"
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
	Source string    // where the rule was looked up, for all rows as of TerritoriesAsOf
	Since  time.Time // of a decision about adequacy; zero for the others
	Until  time.Time // its end; zero where none is set
	Needs  Basis     // what a recipient must declare to be covered; "" when nothing
}

// TerritoriesAsOf is the day as of which the rows hold. The acts that they cite are to
// be looked up again with each change.
var TerritoriesAsOf = day(2026, time.August, 5)

// TerritoriesAge is how long the rows may be believed without another look.
const TerritoriesAge = 6 * 30 * 24 * time.Hour

// TerritoriesAlarm is what the owner must be told of the age of the rows, nil when
// nothing.
func TerritoriesAlarm(now time.Time) error {
	age := now.Sub(TerritoriesAsOf)
	if age <= TerritoriesAge {
		return nil
	}
	return fmt.Errorf("what the gateway knows of the law in other countries is of %s, %d days ago: get a newer version of it",
		TerritoriesAsOf.Format(time.DateOnly), int(age.Hours()/24))
}

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

// The rules that several rows cite.
const (
	member    = "member state (article 52 TEU)"
	outermost = "outermost region: the Treaties apply (articles 349 and 355(1) TFEU)"
	overseas  = "overseas country or territory: outside the Union (article 355(2) and annex II TFEU)"
	efta      = "GDPR incorporated by Decision 154/2018 of the EEA Joint Committee; not in the Union"
	noFinding = "third country without a decision of the Commission"
)

// Where they were looked up. What nobody could be found to confirm lies outside.
const (
	treaties = "consolidated Treaties (OJ C 202, 7.6.2016)"
	cnil     = "consolidated Treaties (OJ C 202, 7.6.2016); cnil.fr on overseas territories"
	reserved = "consolidated Treaties (OJ C 202, 7.6.2016), which do not exclude it; the code is reserved, and databases write ES"
	joint    = "Decision 154/2018 (OJ L 183, 19.7.2018); efta.int"
	listed   = "list of decisions of the Commission (commission.europa.eu)"
	reviewed = "list of decisions of the Commission (commission.europa.eu); review COM(2024) 7 final; amended by Implementing Decision (EU) 2016/2295"
	unlisted = "not in the list of decisions of the Commission (commission.europa.eu)"
)

// The European Patent Organisation is adequate too (C(2025) 4626 final of 15 July 2025).
// It is no country, and has no row.
var territories = [...]Territory{
	{Code: "AT", Name: "Austria", Reason: member, Source: treaties},
	{Code: "BE", Name: "Belgium", Reason: member, Source: treaties},
	{Code: "BG", Name: "Bulgaria", Reason: member, Source: treaties},
	{Code: "CY", Name: "Cyprus", Reason: member + "; suspended in the north (protocol 10 of 2003), which has no code of its own", Source: treaties},
	{Code: "CZ", Name: "Czechia", Reason: member, Source: treaties},
	{Code: "DE", Name: "Germany", Reason: member, Source: treaties},
	{Code: "DK", Name: "Denmark", Reason: member, Source: treaties},
	{Code: "EE", Name: "Estonia", Reason: member, Source: treaties},
	{Code: "ES", Name: "Spain", Reason: member, Source: treaties},
	{Code: "FI", Name: "Finland", Reason: member, Source: treaties},
	{Code: "FR", Name: "France", Reason: member, Source: treaties},
	{Code: "GR", Name: "Greece", Reason: member, Source: treaties},
	{Code: "HR", Name: "Croatia", Reason: member, Source: treaties},
	{Code: "HU", Name: "Hungary", Reason: member, Source: treaties},
	{Code: "IE", Name: "Ireland", Reason: member, Source: treaties},
	{Code: "IT", Name: "Italy", Reason: member, Source: treaties},
	{Code: "LT", Name: "Lithuania", Reason: member, Source: treaties},
	{Code: "LU", Name: "Luxembourg", Reason: member, Source: treaties},
	{Code: "LV", Name: "Latvia", Reason: member, Source: treaties},
	{Code: "MT", Name: "Malta", Reason: member, Source: treaties},
	{Code: "NL", Name: "Netherlands", Reason: member + "; in Europe only", Source: treaties},
	{Code: "PL", Name: "Poland", Reason: member, Source: treaties},
	{Code: "PT", Name: "Portugal", Reason: member + "; Azores and Madeira included, which databases do not tell apart", Source: treaties},
	{Code: "RO", Name: "Romania", Reason: member, Source: treaties},
	{Code: "SE", Name: "Sweden", Reason: member, Source: treaties},
	{Code: "SI", Name: "Slovenia", Reason: member, Source: treaties},
	{Code: "SK", Name: "Slovakia", Reason: member, Source: treaties},

	{Code: "GF", Name: "French Guiana", State: "FR", Reason: outermost, Source: cnil},
	{Code: "GP", Name: "Guadeloupe", State: "FR", Reason: outermost, Source: cnil},
	{Code: "MF", Name: "Saint-Martin", State: "FR", Reason: outermost, Source: cnil},
	{Code: "MQ", Name: "Martinique", State: "FR", Reason: outermost, Source: cnil},
	{Code: "RE", Name: "Réunion", State: "FR", Reason: outermost, Source: cnil},
	{Code: "YT", Name: "Mayotte", State: "FR", Reason: outermost + "; Decision 2012/419/EU", Source: cnil},
	{Code: "IC", Name: "Canary Islands", State: "ES", Reason: outermost, Source: treaties},
	{Code: "EA", Name: "Ceuta and Melilla", State: "ES", Reason: "part of Spain (article 25 of the Act of Accession of 1985)", Source: reserved},
	{Code: "AX", Name: "Åland", State: "FI", Reason: "the Treaties apply (article 355(4) TFEU)", Source: treaties},

	{Code: "IS", Name: "Iceland", Area: EEA, Reason: efta, Source: joint},
	{Code: "LI", Name: "Liechtenstein", Area: EEA, Reason: efta, Source: joint},
	{Code: "NO", Name: "Norway", Area: EEA, Reason: efta, Source: joint},

	{Code: "AD", Name: "Andorra", Area: Adequate, Reason: "Decision 2010/625/EU", Since: day(2010, time.October, 19), Source: reviewed},
	{Code: "AR", Name: "Argentina", Area: Adequate, Reason: "Decision 2003/490/EC", Since: day(2003, time.June, 30), Source: reviewed},
	{
		Code: "BR", Name: "Brazil", Area: Adequate, Reason: "Implementing Decision (EU) 2026/179: controllers and processors under the LGPD",
		Source: "OJ L, 2026/179, 28.1.2026; " + listed, Since: day(2026, time.January, 26), Needs: Adequacy,
	},
	{
		Code: "CA", Name: "Canada", Area: Adequate, Reason: "Decision 2002/2/EC: commercial organisations under PIPEDA",
		Source: reviewed, Since: day(2001, time.December, 20), Needs: Adequacy,
	},
	{Code: "CH", Name: "Switzerland", Area: Adequate, Reason: "Decision 2000/518/EC", Since: day(2000, time.July, 26), Source: reviewed},
	{Code: "FO", Name: "Faroe Islands", State: "DK", Area: Adequate, Reason: "outside the Union (article 355(5)(a) TFEU); Decision 2010/146/EU", Since: day(2010, time.March, 5), Source: reviewed},
	{
		Code: "GB", Name: "United Kingdom", Area: Adequate, Reason: "Implementing Decision (EU) 2021/1772, prolonged by C(2025) 8771 final of 19 December 2025",
		Source: listed, Since: day(2021, time.June, 28), Until: day(2031, time.December, 28),
	},
	{Code: "GG", Name: "Guernsey", State: "GB", Area: Adequate, Reason: "Decision 2003/821/EC", Since: day(2003, time.November, 21), Source: reviewed},
	{Code: "IL", Name: "Israel", Area: Adequate, Reason: "Decision 2011/61/EU: automated transfers, as all of these are", Since: day(2011, time.January, 31), Source: reviewed},
	{Code: "IM", Name: "Isle of Man", State: "GB", Area: Adequate, Reason: "Decision 2004/411/EC", Since: day(2004, time.April, 28), Source: reviewed},
	{Code: "JE", Name: "Jersey", State: "GB", Area: Adequate, Reason: "Decision 2008/393/EC", Since: day(2008, time.May, 8), Source: reviewed},
	{
		Code: "JP", Name: "Japan", Area: Adequate, Reason: "Implementing Decision (EU) 2019/419: business operators under the APPI, but for some of the press, universities, churches and parties",
		Source: "article 1 of the decision; " + listed, Since: day(2019, time.January, 23), Needs: Adequacy,
	},
	{
		Code: "KR", Name: "South Korea", Area: Adequate, Reason: "Implementing Decision (EU) 2022/254: under the PIPA, but for some churches and parties, and for credit information; review COM(2026) 384 final",
		Source: "cnpd.public.lu of 17 December 2021; " + listed, Since: day(2021, time.December, 17), Needs: Adequacy,
	},
	{Code: "NZ", Name: "New Zealand", Area: Adequate, Reason: "Implementing Decision 2013/65/EU", Since: day(2012, time.December, 19), Source: reviewed},
	{
		Code: "US", Name: "United States", Area: Adequate,
		Reason: "Implementing Decision (EU) 2023/1795: companies certified under the Data Privacy Framework; upheld in T-553/23, of which the appeal C-703/25 P was pending",
		Source: "OJ L 231, 20.9.2023, p. 118; OJ C, C/2025/6610, 22.12.2025; " + listed, Since: day(2023, time.July, 10), Needs: DPF,
	},
	{Code: "UY", Name: "Uruguay", Area: Adequate, Reason: "Implementing Decision 2012/484/EU", Since: day(2012, time.August, 21), Source: reviewed},

	{Code: "BL", Name: "Saint-Barthélemy", State: "FR", Area: Outside, Reason: overseas + " since Decision 2010/718/EU", Source: cnil},
	{Code: "NC", Name: "New Caledonia", State: "FR", Area: Outside, Reason: overseas, Source: cnil},
	{Code: "PF", Name: "French Polynesia", State: "FR", Area: Outside, Reason: overseas, Source: cnil},
	{Code: "PM", Name: "Saint-Pierre-et-Miquelon", State: "FR", Area: Outside, Reason: overseas, Source: cnil},
	{Code: "TF", Name: "French Southern and Antarctic Lands", State: "FR", Area: Outside, Reason: overseas, Source: cnil},
	{Code: "WF", Name: "Wallis and Futuna", State: "FR", Area: Outside, Reason: overseas, Source: cnil},
	{Code: "AW", Name: "Aruba", State: "NL", Area: Outside, Reason: overseas, Source: treaties},
	{Code: "BQ", Name: "Bonaire, Sint Eustatius and Saba", State: "NL", Area: Outside, Reason: overseas, Source: treaties},
	{Code: "CW", Name: "Curaçao", State: "NL", Area: Outside, Reason: overseas, Source: treaties},
	{Code: "SX", Name: "Sint Maarten", State: "NL", Area: Outside, Reason: overseas, Source: treaties},
	{Code: "GL", Name: "Greenland", State: "DK", Area: Outside, Reason: overseas, Source: treaties},
	{Code: "SJ", Name: "Svalbard and Jan Mayen", State: "NO", Area: Outside, Reason: "Svalbard is outside the European Economic Area (protocol 40), and has one code with Jan Mayen", Source: "protocol 40 could not be looked up: taken as outside"},
	{Code: "GI", Name: "Gibraltar", State: "GB", Area: Outside, Reason: "left the Union with the United Kingdom; no decision names it", Source: unlisted},
	{Code: "MC", Name: "Monaco", Area: Outside, Reason: noFinding, Source: unlisted},
	{Code: "SM", Name: "San Marino", Area: Outside, Reason: noFinding, Source: unlisted},
	{Code: "VA", Name: "Vatican City", Area: Outside, Reason: noFinding, Source: unlisted},
	{Code: "XK", Name: "Kosovo", Area: Outside, Reason: noFinding + "; the code is none of ISO's", Source: unlisted},
}
