package caddymodule

import (
	"errors"
	"fmt"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// Recipient is somebody who is sent data.
type Recipient struct {
	// Name is a short one for reports.
	Name string `json:"name"`
	// Entity is the company that receives the data. Default: who is behind its services.
	Entity string `json:"entity,omitempty"`
	// Country is that of its seat, as a code of two letters. Default: that of who is behind
	// its services.
	Country string `json:"country,omitempty"`
	// Parent is the country of the company that controls it. Default: none.
	Parent string `json:"parent,omitempty"`
	// Hosts are those that it answers at, each with all below it; or addresses, and ranges
	// of them. Default: those of its services.
	Hosts []string `json:"hosts,omitempty"`
	// Services are known ones that pages load from it, by their names in the catalogue,
	// such as `youtube`; with a star at its end a name stands for all that begin so. Who is
	// behind them is then known, too: Entity, Country and Parent
	// can be left out. Default: the service that is called as the recipient is, if it has no
	// hosts.
	Services []string `json:"services,omitempty"`
	// Purposes are what the data are for. Default: none.
	Purposes []string `json:"purposes,omitempty"`
	// Processing are further countries where the data are processed, or supported from.
	// Default: none.
	Processing []string `json:"processing,omitempty"`
	// Transfer is what the transfer to a place outside rests on: `adequacy`, `dpf`,
	// `scc`, `bcr`, `consent` or `necessary`. Default: nothing, so that none is made.
	Transfer string `json:"transfer,omitempty"`
	// DPFChecked is the day on which you looked last whether the company is certified under
	// the EU-US Data Privacy Framework, such as `2026-05-25`. Default: never.
	DPFChecked string `json:"dpf_checked,omitempty"`
	// Terms are what you have agreed on. Default: none.
	Terms *Terms `json:"terms,omitempty"`
	// Sub are those whom the recipient passes data on to. Default: none.
	Sub []SubRecipient `json:"sub,omitempty"`
	// Webhook is where the recipient is told that visitors withdraw their consent.
	// Default: none, so that it is not told.
	Webhook *Webhook `json:"webhook,omitempty"`
}

// Terms are what a recipient has agreed to.
type Terms struct {
	// Version is how you call them.
	Version string `json:"version"`
	// Date is the day of the agreement, such as `2026-05-25`.
	Date string `json:"date"`
	// Until is the day from which they no longer hold; from then on the recipient is
	// refused. Default: none.
	Until string `json:"until,omitempty"`
	// Attested is the version that you have read and agreed to. When the recipient announces
	// others, write their version above: it is refused until you have attested them here.
	// Default: that version.
	Attested string `json:"attested,omitempty"`
}

// SubRecipient is somebody whom a recipient passes data on to.
type SubRecipient struct {
	// Entity is the company.
	Entity string `json:"entity"`
	// Country is that of its seat.
	Country string `json:"country"`
	// Transfer is what the transfer to it rests on. Default: that of the recipient.
	Transfer string `json:"transfer,omitempty"`
	// DPFChecked is the day on which you looked last whether this company is certified.
	// Default: never.
	DPFChecked string `json:"dpf_checked,omitempty"`
}

func (r *Recipient) declared() (transfer.Recipient, error) {
	d := transfer.Recipient{
		Name: r.Name, Entity: r.Entity, Country: transfer.Country(r.Country), Parent: transfer.Country(r.Parent),
		Hosts: r.Hosts, Purposes: r.Purposes, Transfer: transfer.Basis(r.Transfer),
	}
	if err := r.complete(&d); err != nil {
		return d, err
	}
	for _, code := range r.Processing {
		d.Processing = append(d.Processing, transfer.Country(code))
	}
	var err error
	day := func(text string) time.Time {
		at, dayErr := readDay(text)
		err = errors.Join(err, dayErr)
		return at
	}
	d.Checked = day(r.DPFChecked)
	for _, s := range r.Sub {
		d.Sub = append(d.Sub, transfer.SubRecipient{
			Entity: s.Entity, Country: transfer.Country(s.Country), Transfer: transfer.Basis(s.Transfer), Checked: day(s.DPFChecked),
		})
	}
	if r.Terms != nil {
		d.Terms = transfer.Terms{Version: r.Terms.Version, Date: day(r.Terms.Date), Until: day(r.Terms.Until), Attested: r.Terms.Attested}
	}
	if err != nil {
		return d, fmt.Errorf("recipient %s: %v", r.Name, err)
	}
	return d, nil
}

// readDay reads a date, or none.
func readDay(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return date, fmt.Errorf("%q is no day: write it as 2026-05-25", text)
	}
	return date, nil
}
