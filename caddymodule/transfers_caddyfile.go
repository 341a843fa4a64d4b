package caddymodule

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// transferOptions are those of the global option that belong to Transfers.
var transferOptions = map[string]func(*Transfers, *caddyfile.Dispenser) error{
	"transfers": func(t *Transfers, d *caddyfile.Dispenser) error {
		return oneText(d, "privacy", map[string]*string{"transfers": &t.Area})
	},
	"undeclared": func(t *Transfers, d *caddyfile.Dispenser) error {
		return oneText(d, "privacy", map[string]*string{"undeclared": &t.Undeclared})
	},
	"dpf": func(t *Transfers, d *caddyfile.Dispenser) error {
		return oneText(d, "privacy", map[string]*string{"dpf": &t.DPF})
	},
	"own_networks": func(t *Transfers, d *caddyfile.Dispenser) error { return words(d, &t.OwnNetworks) },
	"nat64":        func(t *Transfers, d *caddyfile.Dispenser) error { return words(d, &t.NAT64) },
	"countries":    (*Transfers).unmarshalCountries,
	"recipient":    (*Transfers).unmarshalRecipient,
}

// unmarshal reads one option, and refuses at once, with its line, what could not be
// provisioned.
func (t *Transfers) unmarshal(d *caddyfile.Dispenser) error {
	if err := transferOptions[d.Val()](t, d); err != nil {
		return err
	}
	if _, err := t.rules(); err != nil {
		return d.Errf("%v", err)
	}
	return nil
}

// words adds the words of a line to a list; there must be one at least.
func words(d *caddyfile.Dispenser, list *[]string) error {
	name := d.Val()
	found := d.RemainingArgs()
	if len(found) == 0 {
		return d.Errf("%s needs a value", name)
	}
	*list = append(*list, found...)
	return nil
}

func (t *Transfers) unmarshalCountries(d *caddyfile.Dispenser) error {
	if err := oneText(d, "privacy", map[string]*string{"countries": &t.Countries}); err != nil {
		return err
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		var err error
		switch d.Val() {
		case "agree":
			err = oneText(d, "countries", map[string]*string{"agree": &t.CountriesAgree})
		case "max_age":
			err = t.unmarshalMaxAge(d)
		default:
			err = d.Errf("countries: unrecognized option %q: it knows agree and max_age", d.Val())
		}
		if err != nil {
			return err
		}
	}
	if _, err := t.countries(); err != nil {
		return d.Errf("countries: %v", err)
	}
	return nil
}

func (t *Transfers) unmarshalMaxAge(d *caddyfile.Dispenser) error {
	var text string
	if !d.Args(&text) {
		return d.Errf("max_age needs a duration, such as 180d")
	}
	age, err := caddy.ParseDuration(text)
	if err != nil || age <= 0 {
		return d.Errf("max_age %q: write a duration, such as 180d", text)
	}
	t.CountriesMaxAge = caddy.Duration(age)
	return nil
}

func (t *Transfers) unmarshalRecipient(d *caddyfile.Dispenser) error {
	var r Recipient
	if !d.Args(&r.Name) {
		return d.Errf("recipient needs a short name of its own, and a block that says who it is")
	}
	texts := map[string]*string{"entity": &r.Entity, "country": &r.Country, "parent": &r.Parent}
	lists := map[string]*[]string{"hosts": &r.Hosts, "purposes": &r.Purposes, "processing": &r.Processing, "services": &r.Services}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		var err error
		switch list := lists[d.Val()]; {
		case list != nil:
			err = words(d, list)
		case d.Val() == "transfer":
			err = r.unmarshalBasis(d)
		case d.Val() == "terms":
			err = r.unmarshalTerms(d)
		case d.Val() == "attested":
			err = r.unmarshalAttested(d)
		case d.Val() == "sub":
			err = r.unmarshalSub(d)
		case d.Val() == "webhook":
			err = r.unmarshalWebhook(d)
		default:
			err = oneText(d, "recipient "+r.Name, texts)
		}
		if err != nil {
			return err
		}
	}
	t.Recipients = append(t.Recipients, r)
	return nil
}

func (r *Recipient) unmarshalBasis(d *caddyfile.Dispenser) error {
	args := d.RemainingArgs()
	if r.Transfer != "" || len(args) < 1 || len(args) > 2 {
		return d.Errf("recipient %s: write once what the transfer rests on, as: transfer <basis>, and for dpf the day on which you looked whether the company is certified", r.Name)
	}
	r.Transfer = args[0]
	return unmarshalChecked(d, args[1:], r.Transfer, &r.DPFChecked)
}

// unmarshalChecked reads the day that may stand after a basis.
func unmarshalChecked(d *caddyfile.Dispenser, args []string, basis string, day *string) error {
	if len(args) == 0 {
		return nil
	}
	if basis != string(transfer.DPF) {
		return d.Errf("transfer %s: unexpected %q: a day stands after dpf alone", basis, args[0])
	}
	*day = args[0]
	return nil
}

func (r *Recipient) unmarshalTerms(d *caddyfile.Dispenser) error {
	args := d.RemainingArgs()
	if r.Terms != nil || len(args) < 2 || len(args) > 3 {
		return d.Errf("recipient %s: write its terms once, as: terms <version> <date> [<until>]", r.Name)
	}
	r.Terms = &Terms{Version: args[0], Date: args[1]}
	if len(args) == 3 {
		r.Terms.Until = args[2]
	}
	return nil
}

func (r *Recipient) unmarshalAttested(d *caddyfile.Dispenser) error {
	if r.Terms == nil || r.Terms.Attested != "" || !d.AllArgs(&r.Terms.Attested) {
		return d.Errf("recipient %s: write below its terms, once, the version that you have agreed to, as: attested <version>", r.Name)
	}
	return nil
}

func (r *Recipient) unmarshalSub(d *caddyfile.Dispenser) error {
	args := d.RemainingArgs()
	if len(args) < 2 || len(args) > 4 {
		return d.Errf("recipient %s: write each of those it passes data on to as: sub <entity> <country> [<transfer>]", r.Name)
	}
	s := SubRecipient{Entity: args[0], Country: args[1]}
	if len(args) > 2 {
		s.Transfer = args[2]
		if err := unmarshalChecked(d, args[3:], s.Transfer, &s.DPFChecked); err != nil {
			return err
		}
	}
	r.Sub = append(r.Sub, s)
	return nil
}
