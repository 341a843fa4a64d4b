package transfer

import (
	"fmt"
	"slices"
)

// Basis is what the owner claims, by the GDPR, for a transfer to a place outside
// the area. Nothing here can verify it; it is recorded and shown.
type Basis string

// The bases.
const (
	Adequacy  Basis = "adequacy"  // a decision of the Commission, whose conditions the recipient meets (article 45)
	DPF       Basis = "dpf"       // the same for the United States: certified under the Data Privacy Framework
	SCC       Basis = "scc"       // standard contractual clauses (article 46(2)(c))
	BCR       Basis = "bcr"       // binding corporate rules (article 47)
	Consent   Basis = "consent"   // the visitor's explicit consent, told of the risk (article 49(1)(a))
	Necessary Basis = "necessary" // for a contract with the visitor (article 49(1)(b))
)

var bases = []Basis{Adequacy, DPF, SCC, BCR, Consent, Necessary}

// ParseBasis reads a basis as the owner writes it.
func ParseBasis(text string) (Basis, error) {
	if b := Basis(text); slices.Contains(bases, b) {
		return b, nil
	}
	return "", fmt.Errorf("transfer %q: write adequacy, dpf, scc, bcr, consent or necessary", text)
}

// reaches tells whether a transfer to a country can rest on the basis. A decision
// of the Commission reaches no further than the country it is about.
func (b Basis) reaches(s *standing, now int64) bool {
	switch {
	case b == "", !s.known:
		return false
	case b == DPF:
		return s.needs == DPF
	case b == Adequacy:
		return s.needs != DPF && s.area <= Adequate && (s.until == 0 || now < s.until)
	}
	return true
}
