package caddymodule

import (
	"fmt"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

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
