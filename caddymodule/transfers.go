package caddymodule

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// Transfers says where data may go. Connections of the gateway itself, and those of
// `transport privacy`, are made only to addresses inside, and only to recipients
// that are declared; the operator's own network is free.
type Transfers struct {
	// Area is `eu` (the member states, and the territories where the law of the Union
	// applies), `eea` or `adequate` (and the countries that the Commission has found
	// adequate). Default: `eu`.
	Area string `json:"area,omitempty"`

	// Recipients are those who are sent data, each with what you have agreed on.
	// Default: none.
	Recipients []Recipient `json:"recipients,omitempty"`

	// Undeclared is `refuse` or `allow`: what happens to hosts for which no recipient is
	// declared. Allowed, they pass by the country of their address alone, and the
	// report names them. Default: `refuse`.
	Undeclared string `json:"undeclared,omitempty"`

	// DPF is `on` or `off`. Switched off, no certification under the EU-US Data Privacy
	// Framework counts any more. Default: `on`.
	DPF string `json:"dpf,omitempty"`

	// OwnNetworks are ranges of addresses of your own network, beside loopback, private
	// and link-local ones. Default: none.
	OwnNetworks []string `json:"own_networks,omitempty"`

	// NAT64 are prefixes of translators between IPv6 and IPv4 in your network, beside
	// `64:ff9b::/96`. Default: none.
	NAT64 []string `json:"nat64,omitempty"`

	// Countries is a file that says in which country addresses are: a database that ends
	// in `.mmdb` or `.csv`, or the folder of Tor's `geoip` and `geoip6`. It is read
	// again when it changes. Default: the table built into the gateway.
	Countries string `json:"countries,omitempty"`

	// CountriesAgree is a second file, or `embedded` for the table built into the gateway: an
	// address then is inside only if both say so. Default: one is enough.
	CountriesAgree string `json:"countries_agree,omitempty"`

	// CountriesMaxAge is how old that knowledge may be before the log warns. Default:
	// `180d`.
	CountriesMaxAge caddy.Duration `json:"countries_max_age,omitempty"`
}

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

const (
	undeclaredRefuse = "refuse"
	undeclaredAllow  = "allow"

	dpfOn  = "on"
	dpfOff = "off"
)

// rules are the configuration as the transfer room reads it. A nil Transfers is all
// defaults.
func (t *Transfers) rules() (*transfer.Rules, error) {
	if t == nil {
		t = new(Transfers)
	}
	c := transfer.Config{AllowUndeclared: t.Undeclared == undeclaredAllow, WithoutDPF: t.DPF == dpfOff}
	if err := t.check(); err != nil {
		return nil, err
	}
	var err error
	if t.Area != "" {
		if c.Area, err = transfer.ParseArea(t.Area); err != nil {
			return nil, err
		}
	}
	if c.NAT64, err = prefixes("nat64", t.NAT64); err != nil {
		return nil, err
	}
	if len(t.OwnNetworks) > 0 {
		own, err := prefixes("own_networks", t.OwnNetworks)
		if err != nil {
			return nil, err
		}
		c.Own = append(transfer.OwnNetworks(), own...)
	}
	for i := range t.Recipients {
		r, err := t.Recipients[i].declared()
		if err != nil {
			return nil, err
		}
		c.Recipients = append(c.Recipients, r)
	}
	rules, err := transfer.NewRules(c, now())
	if err != nil {
		return nil, err
	}
	return rules, t.checkWebhooks(rules)
}

func (t *Transfers) check() error {
	switch t.Undeclared {
	case "", undeclaredRefuse, undeclaredAllow:
	default:
		return fmt.Errorf("undeclared %q: write refuse or allow", t.Undeclared)
	}
	switch t.DPF {
	case "", dpfOn, dpfOff:
		return nil
	}
	return fmt.Errorf("dpf %q: write on or off", t.DPF)
}

// guard decides by this configuration alone.
func (t *Transfers) guard() (*transfer.Guard, error) {
	rules, err := t.rules()
	if err != nil {
		return nil, err
	}
	countries, err := t.countries()
	if err != nil {
		return nil, err
	}
	return transfer.NewGuard(transfer.Options{Rules: rules, Countries: countries, Now: now})
}

// known is where the countries of addresses are known from.
type known struct {
	file, agree string
	maxAge      time.Duration
}

func (t *Transfers) known() (k known) {
	if t != nil {
		k = known{t.Countries, t.CountriesAgree, time.Duration(t.CountriesMaxAge)}
	}
	return k
}

// embeddedTable is how an owner writes the table built into the gateway.
const embeddedTable = "embedded"

// countries are what the gateway knows of addresses.
func (t *Transfers) countries() (*transfer.Atlas, error) {
	k := t.known()
	first, err := transfer.NewCountries(transfer.CountriesOptions{Path: k.file, MaxAge: k.maxAge, Now: now})
	if err != nil || k.agree == "" {
		return &transfer.Atlas{First: first}, err
	}
	o := transfer.CountriesOptions{Path: k.agree, MaxAge: k.maxAge, Now: now}
	if k.agree == embeddedTable {
		o.Path = ""
	}
	if o.Path == k.file {
		return nil, fmt.Errorf("agree %s: a database always agrees with itself: write another one", k.agree)
	}
	second, err := transfer.NewCountries(o)
	return &transfer.Atlas{First: first, Second: second}, err
}

func prefixes(option string, texts []string) (list []netip.Prefix, err error) {
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			addr, addrErr := netip.ParseAddr(text)
			if addrErr != nil {
				return nil, fmt.Errorf("%s %q: write a range of addresses, such as 203.0.113.0/24", option, text)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		list = append(list, prefix)
	}
	return list, nil
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
