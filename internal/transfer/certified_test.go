package transfer

import (
	"slices"
	"testing"
	"time"
)

func TestCertificationsAreToBeLookedUpAgain(t *testing.T) {
	days := func(n int) time.Time { return noon.AddDate(0, 0, -n) }
	foreign := func(change func(*Recipient)) Recipient {
		return with(recipient("foreign", "US", "us.example"), func(r *Recipient) { r.Transfer, r.Checked = DPF, days(1); change(r) })
	}
	for name, c := range map[string]struct {
		recipient Recipient
		want      []string
	}{
		"looked up yesterday":    {foreign(func(*Recipient) {}), nil},
		"thirty days ago":        {foreign(func(r *Recipient) { r.Checked = days(30) }), nil},
		"longer ago":             {foreign(func(r *Recipient) { r.Checked = days(31) }), []string{"foreign SA"}},
		"never":                  {foreign(func(r *Recipient) { r.Checked = time.Time{} }), []string{"foreign SA"}},
		"tomorrow":               {foreign(func(r *Recipient) { r.Checked = days(-1) }), nil},
		"next year":              {foreign(func(r *Recipient) { r.Checked = days(-365) }), []string{"foreign SA"}},
		"on another basis":       {foreign(func(r *Recipient) { r.Transfer, r.Checked = SCC, time.Time{} }), nil},
		"the parent":             {foreign(func(r *Recipient) { r.Country, r.Parent, r.Checked = "IE", "US", time.Time{} }), []string{"foreign SA"}},
		"seat, parent, servers":  {foreign(func(r *Recipient) { r.Parent, r.Processing, r.Checked = "US", []Country{"US"}, time.Time{} }), []string{"foreign SA"}},
		"nobody in America":      {foreign(func(r *Recipient) { r.Country, r.Checked = "FR", time.Time{} }), nil},
		"one he passes it on to": {foreign(func(r *Recipient) { r.Sub = []SubRecipient{{"Cloud Inc.", "US", DPF, days(40)}} }), []string{"Cloud Inc."}},
		"on his basis":           {foreign(func(r *Recipient) { r.Sub = []SubRecipient{{"Cloud Inc.", "US", "", time.Time{}}} }), []string{"Cloud Inc."}},
		"one of several": {foreign(func(r *Recipient) {
			r.Sub = []SubRecipient{{"Racks SAS", "FR", "", time.Time{}}, {"Cloud Inc.", "US", DPF, days(2)}, {"Mail Inc.", "US", DPF, days(50)}, {"Desk Inc.", "US", SCC, days(50)}}
		}), []string{"Mail Inc."}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, u := range c.recipient.Uncertain(noon) {
				got = append(got, u.Entity)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
