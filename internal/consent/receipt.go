package consent

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// Controller is who publishes the site and answers for what it does with
// personal data (GDPR article 4(7)).
type Controller struct {
	Name    string
	Address string
	Contact string
	// Country is where the law applies, ISO 3166-1 alpha-2.
	Country string
}

// Notice is what was on the visitor's screen when he chose.
type Notice struct {
	Site     string // host of the site
	Language string // of the text, BCP 47
	Text     string // sha-256 of the very text shown, the list of services included
	Method   string // the control that was used
	Page     string // absolute address of the page where the choice can be changed
}

// evidenceYears is how long a receipt outlives the choice it proves: the five
// years within which a civil action can be brought (Code civil article 2224).
const evidenceYears = 5

// NewReceipt makes the evidence of one choice: a consent record with the fields
// of ISO/IEC TS 27560:2023, written with the W3C's Data Privacy Vocabulary. It
// names the visitor by the random identifier of his record alone.
func NewReceipt(r Record, before policy.State, p *policy.Policy, c Controller, n Notice, now time.Time) (store.Receipt, error) {
	id, err := newUUID()
	if err != nil {
		return store.Receipt{}, err
	}
	body, err := json.Marshal(receipt(id, r, before, p, c, n, now))
	if err != nil {
		return store.Receipt{}, err
	}
	return store.Receipt{
		ID: id, Subject: r.ID, Time: now, Body: body,
		Expires: r.Until.AddDate(evidenceYears, 0, 0),
	}, nil
}

type object = map[string]any

func receipt(id string, r Record, before policy.State, p *policy.Policy, c Controller, n Notice, now time.Time) object {
	v := r.Visitor(p, now)
	return object{
		"@context":             "https://w3id.org/dpv/2.2/context",
		"@type":                "dpv:ConsentRecord",
		"dct:conformsTo":       "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr",
		"dct:identifier":       id,
		"dpv:hasDataSubject":   "urn:privacy:visitor:" + r.ID,
		"dpv:hasJurisdiction":  "loc:" + c.Country,
		"dpv:hasApplicableLaw": "eu-gdpr:GDPR",
		"dpv:hasDataController": object{
			"@type": "dpv:DataController", "dct:identifier": n.Site, "dpv:hasName": c.Name,
			"dpv:hasAddress": c.Address, "dpv:hasContact": c.Contact,
		},
		"dpv:hasNotice": object{
			"@type": "dpv:ConsentNotice", "@id": n.Page, "dct:language": n.Language,
		},
		"dpv:hasProcess":        processes(v, r, p, c),
		"dpv:hasConsentControl": object{"@type": []string{"dpv:ProvideConsent", "dpv:WithdrawConsent"}, "dpv:isExercisedAt": n.Page},
		"dpv:hasRight":          []string{"eu-gdpr:A7-3", "eu-gdpr:A13", "eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A18", "eu-gdpr:A20", "eu-gdpr:A77"},
		"dpv:hasConsentStatus": object{
			"@type": []string{"dpv:" + status(v.State, before), "dpv:ExpressedConsent"}, "dpv:isIndicatedBy": "dpv:DataSubject",
			"dpv:isIndicatedAtTime": now.UTC().Format(time.RFC3339), "dpv:hasIndicationMethod": n.Method,
			"dpv:hasDuration": object{"@type": "dpv:UntilTimeDuration", "rdf:value": r.Until.UTC().Format(time.RFC3339)},
		},
		"privacy:evidence": object{
			"text_sha256": n.Text, "policy": p.Fingerprint(),
			"single_services": append([]string{}, r.Services...), // none is written as an empty list
			"first_deposit":   r.First.UTC().Format(time.RFC3339), "first_choice": r.Given.UTC().Format(time.RFC3339),
		},
	}
}

// processes lists every purpose the visitor was asked about and what he said.
func processes(v policy.Visitor, r Record, p *policy.Policy, c Controller) []object {
	granted := make(map[string]bool)
	for _, id := range p.IDs(v.Granted) {
		granted[id] = true
	}
	list := make([]object, 0, len(p.Purposes()))
	for _, purpose := range p.Purposes()[1:] {
		said := "dpv:ConsentRefused"
		if granted[purpose.ID] {
			said = "dpv:ConsentGiven"
		}
		list = append(list, object{
			"@type": "dpv:Process", "dct:identifier": purpose.ID, "dpv:hasPurpose": vocabulary(purpose.ID),
			"dpv:hasLegalBasis": "eu-gdpr:A6-1-a", "dpv:hasConsentStatus": said,
			"dpv:hasPersonalData": "pd:DeviceBased", "dpv:hasDataSource": "dpv:DataSubject",
			"dpv:hasStorageCondition": []object{
				{"@type": "dpv:StorageLocation", "dpv:hasLocation": "loc:" + c.Country},
				{"@type": "dpv:StorageDuration", "dpv:hasDuration": fmt.Sprintf("P%dD", r.Until.Sub(r.First)/(24*time.Hour))},
			},
		})
	}
	return list
}

// vocabulary names a purpose in the Data Privacy Vocabulary.
func vocabulary(purpose string) string {
	switch purpose {
	case "functional":
		return "dpv:ServicePersonalisation"
	case "statistics":
		return "dpv:ServiceUsageAnalytics"
	case "marketing":
		return "dpv:Advertising"
	default:
		return "dpv:Purpose"
	}
}

// status is the consent status after a choice, given the state before it.
func status(after, before policy.State) string {
	consented := before == policy.Partial || before == policy.Accepted
	switch {
	case after == policy.Declined && consented:
		return "ConsentWithdrawn"
	case after == policy.Declined:
		return "ConsentRefused"
	case consented:
		return "RenewedConsentGiven"
	default:
		return "ConsentGiven"
	}
}

// newUUID makes a version 4 UUID (RFC 9562 section 5.4).
func newUUID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
