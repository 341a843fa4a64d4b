package caddymodule

import (
	"fmt"
	"net/netip"

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
