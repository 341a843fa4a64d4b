package transfer

import "time"

// CheckedAge is how long a look at the list of certified companies is good for.
const CheckedAge = 30 * 24 * time.Hour

// Uncertain is a company whose certification under the Data Privacy Framework is the
// basis of a transfer, and was not looked up lately.
type Uncertain struct {
	Entity  string
	Checked time.Time // the last time; zero for never
}

// Uncertain lists the recipient and those he passes data on to whose certification
// the owner should look up again: each company is certified by itself, and a date
// that is yet to come is none.
func (r *Recipient) Uncertain(now time.Time) (list []Uncertain) {
	add := func(entity string, checked time.Time) {
		if checked.IsZero() || now.Sub(checked) > CheckedAge || checked.After(now.Add(ahead)) {
			list = append(list, Uncertain{entity, checked})
		}
	}
	places := r.places()
	own := places[:len(places)-len(r.Sub)]
	for _, p := range own {
		if p.certified() {
			add(r.Entity, r.Checked)
			break
		}
	}
	for i, p := range places[len(own):] {
		if p.certified() {
			add(r.Sub[i].Entity, r.Sub[i].Checked)
		}
	}
	return list
}

// certified tells whether data go to the place because a company there is certified.
func (p place) certified() bool { return p.basis == DPF && p.country.standing().needs == DPF }
