package transfer

import (
	"fmt"
	"time"
)

// Area is a part of the world that data may stay in. Each includes those before
// it.
type Area uint8

// The areas. The zero value is the strictest, what the policy promises.
const (
	EU       Area = iota // the 27 member states, and the territories where the law of the Union applies
	EEA                  // and Iceland, Liechtenstein and Norway
	Adequate             // and countries whose law the Commission has found adequate (GDPR, article 45)
	Outside              // none of them
)

func (a Area) String() string {
	return [...]string{"eu", "eea", "adequate", "outside"}[a]
}

// ParseArea reads an area as the owner writes it.
func ParseArea(text string) (Area, error) {
	for a := range Outside {
		if text == a.String() {
			return a, nil
		}
	}
	return EU, fmt.Errorf("transfers %q: write eu, eea or adequate; what is to go elsewhere is declared as a recipient with the basis of the transfer", text)
}

// Holds tells whether a country lies in the area at a time. Countries that are
// adequate on a condition do not: only a recipient can declare that it meets it.
func (a Area) Holds(c Country, now time.Time) bool {
	return a.holds(c.standing(), now.Unix(), "")
}

// holds tells whether a standing is inside, for a recipient with a basis.
func (a Area) holds(s *standing, now int64, basis Basis) bool {
	return s.known && s.area <= a && s.area != Outside &&
		(s.needs == "" || s.needs == basis) && (s.until == 0 || now < s.until)
}
