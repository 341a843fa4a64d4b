package transfer

import (
	"fmt"
	"time"
)

// Recipient is somebody who is sent data, as the owner declares him: a company
// that he has a contract with, or himself.
type Recipient struct {
	Name    string // short, for reports; unique
	Entity  string // the legal person
	Country Country
	Parent  Country // where those who control it have their seat; "" when nobody does
	Hosts   []string
	// Services are known ones that pages load from it, by their names in the
	// catalogue, wherever those answer.
	Services []string
	Purposes []string
	// Processing lists further countries that data are processed in, or supported
	// from.
	Processing []Country
	// Transfer is the basis for what lies outside the area; "" when nothing may.
	Transfer Basis
	// Checked is the day on which the owner looked last whether the company is
	// certified under the Data Privacy Framework, which is good for a year and can be
	// withdrawn on any day; zero for never.
	Checked time.Time
	Terms   Terms
	Sub     []SubRecipient
}

// Terms are what the recipient has agreed to.
type Terms struct {
	Version string
	Date    time.Time // of the agreement
	Until   time.Time // when it ends; zero when it does not. From then on the recipient is refused
	// Attested is the version that the owner has read and agreed to; "" means Version. As long as it
	// is another one, the recipient is refused.
	Attested string
}

// SubRecipient is somebody whom a recipient passes data on to.
type SubRecipient struct {
	Entity   string
	Country  Country
	Transfer Basis     // "" means that of the recipient
	Checked  time.Time // as that of a Recipient
}

// place is one country that a recipient brings data to.
type place struct {
	country Country
	basis   Basis
	what    string // how to call it in an error
}

// places lists where the recipient brings data, his seat first.
func (r *Recipient) places() []place {
	list := []place{{r.Country, r.Transfer, "country"}}
	if r.Parent != "" {
		list = append(list, place{r.Parent, r.Transfer, "parent"})
	}
	for _, country := range r.Processing {
		list = append(list, place{country, r.Transfer, "processing"})
	}
	for i := range r.Sub {
		sub := &r.Sub[i]
		basis := sub.Transfer
		if basis == "" {
			basis = r.Transfer
		}
		list = append(list, place{sub.Country, basis, "sub-recipient " + sub.Entity})
	}
	return list
}

// check refuses what says too little, or contradicts itself.
func (r *Recipient) check() error {
	switch {
	case r.Name == "":
		return fmt.Errorf("a recipient has no name: write one for the register, such as mailer")
	case r.Entity == "":
		return fmt.Errorf("recipient %s has no entity: write the name of the company that receives the data", r.Name)
	case r.Country == "":
		return fmt.Errorf("recipient %s has no country: write that of its seat, such as FR", r.Name)
	case len(r.Hosts) == 0 && len(r.Services) == 0:
		return fmt.Errorf("recipient %s has no hosts: write those that it answers at", r.Name)
	case !r.Terms.Until.IsZero() && r.Terms.Until.Before(r.Terms.Date):
		return fmt.Errorf("recipient %s: its terms end before their date: write the day until which they hold", r.Name)
	}
	for i := range r.Sub {
		if sub := &r.Sub[i]; sub.Entity == "" || sub.Country == "" {
			return fmt.Errorf("recipient %s: a sub-recipient has no entity or no country: write both", r.Name)
		}
	}
	for _, p := range r.places() {
		if err := p.check(); err != nil {
			return fmt.Errorf("recipient %s: %s: %w", r.Name, p.what, err)
		}
	}
	return nil
}

func (p place) check() error {
	if _, err := ParseCountry(string(p.country)); err != nil {
		return err
	}
	if p.basis == "" {
		return nil
	}
	if _, err := ParseBasis(string(p.basis)); err != nil {
		return err
	}
	s := p.country.standing()
	switch {
	case s.area <= EEA:
	case p.basis == DPF && s.needs != DPF:
		return fmt.Errorf("transfer dpf covers companies in the United States, not in %s: write scc, or another basis", p.country)
	case p.basis == Adequacy && s.needs == DPF:
		return fmt.Errorf("transfer adequacy does not cover %s: write dpf, if the company is certified", p.country)
	case p.basis == Adequacy && s.area > Adequate:
		return fmt.Errorf("transfer adequacy does not cover %s, about which the Commission has decided nothing: write scc, or another basis", p.country)
	}
	return nil
}

// judged is a recipient with what follows from his declaration within an area.
type judged struct {
	*Recipient
	fault  Country // the first place that is outside and has no basis; "" when none is
	basis  Basis   // of the first place that is outside, or inside on a condition
	until  int64   // unix seconds, when the terms or a decision about a place end; 0: never
	places []place
}

// judge looks at every place: the worst of them decides. dpf tells whether the
// Data Privacy Framework is a basis.
func (r *Recipient) judge(area Area, dpf bool, now int64) judged {
	j := judged{Recipient: r, places: r.places()}
	if !r.Terms.Until.IsZero() {
		j.until = r.Terms.Until.Unix()
	}
	if r.Terms.Attested != "" && r.Terms.Attested != r.Terms.Version {
		j.until = 1 // nobody has agreed to these
	}
	for i := range j.places {
		p := &j.places[i]
		if p.basis == DPF && !dpf {
			p.basis = ""
		}
		s := p.country.standing()
		inside := area.holds(s, now, p.basis)
		switch {
		case !inside && !p.basis.reaches(s, now):
			if j.fault == "" {
				j.fault = p.country
			}
		case j.basis == "" && (!inside || s.needs != ""):
			j.basis = p.basis
		}
		if s.until != 0 && (inside || p.basis == Adequacy) {
			j.until = earlier(j.until, s.until)
		}
	}
	return j
}

// decide answers by the declaration alone.
func (j *judged) decide(now int64) Decision {
	d := Decision{Allowed: true, Reason: Inside, Recipient: j.Recipient, Basis: j.basis}
	switch {
	case j.until != 0 && now >= j.until:
		d.Allowed, d.Reason = false, Ended
	case j.fault != "":
		d.Allowed, d.Reason, d.Fault = false, RecipientOutside, j.fault
	case j.basis != "":
		d.Reason = Excepted
	}
	return d
}

// basisFor is on what data of the recipient may go to an address in a country
// outside the area: only to those that he declares, and only on their basis.
func (j *judged) basisFor(country Country, now int64) (Basis, bool) {
	for i := range j.places {
		p := &j.places[i]
		if p.country == country && p.basis.reaches(country.standing(), now) {
			return p.basis, true
		}
	}
	return "", false
}

// earlier is the first of two ends, of which 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
