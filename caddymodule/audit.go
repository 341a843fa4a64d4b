package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// audit is what a configuration promises and does not keep, and what it excepts. It
// reads the configuration alone: it opens nothing and asks nobody.
type audit struct {
	// Faults are promises at risk: exit code 1.
	Faults []remark `json:"faults"`
	// Exceptions are what the owner has decided to leave out, or to allow.
	Exceptions []remark `json:"exceptions"`
	// Unchecked are connections that Caddy makes by itself, or another plugin may make: no
	// faults, but nothing checks them.
	Unchecked []remark `json:"unchecked"`
	// Recipients are those declared.
	Recipients []Recipient `json:"recipients"`
	// Database is what the countries of addresses are known from, each with its date.
	Database string `json:"database"`

	guard *transfer.Guard
}

// remark is one thing about a configuration.
type remark struct {
	Where string `json:"where"` // the site, or the global option
	What  string `json:"what"`
	Write string `json:"write,omitempty"` // instead
}

// fault notes a promise at risk, once.
func (a *audit) fault(where, what, write string) {
	if r := (remark{where, what, write}); !slices.Contains(a.Faults, r) {
		a.Faults = append(a.Faults, r)
	}
}

func (a *audit) except(where, what string) {
	a.Exceptions = append(a.Exceptions, remark{Where: where, What: what})
}

const globalOption = "global option privacy"

// auditConfig looks through a whole configuration, in JSON.
func auditConfig(config []byte) (*audit, error) {
	var c struct {
		Apps struct {
			Privacy App `json:"privacy"`
		} `json:"apps"`
	}
	var tree map[string]any
	if err := errors.Join(json.Unmarshal(config, &c), json.Unmarshal(config, &tree)); err != nil {
		return nil, fmt.Errorf("reading the configuration: %v", err)
	}
	a := &audit{Faults: []remark{}, Exceptions: []remark{}, Unchecked: []remark{}, Recipients: []Recipient{}}
	if err := a.prepare(c.Apps.Privacy.Transfers); err != nil {
		return nil, err
	}
	a.store(c.Apps.Privacy.Store)
	servers := objectOf(tree, "apps", "http", "servers")
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		a.server(objectOf(servers, name))
	}
	a.unchecked(tree)
	return a, nil
}

// prepare reads where data may go, and lists what is excepted from it.
func (a *audit) prepare(t *Transfers) error {
	rules, err := t.rules()
	if err != nil {
		return fmt.Errorf("%s: %v", globalOption, err)
	}
	countries, err := t.countries()
	if err != nil {
		return err
	}
	_, _ = countries.Refresh() // what is wrong is kept, and looked at now
	a.Database = countries.Database()
	if err := transfer.TerritoriesAlarm(now()); err != nil {
		a.fault(globalOption, err.Error(), "")
	}
	for _, status := range countries.Status() {
		for _, alarm := range status.Alarms() {
			a.fault(globalOption, alarm.Error(), "countries <file>")
		}
	}
	a.guard, err = transfer.NewGuard(transfer.Options{Rules: rules, Countries: countries, Now: now})
	if err != nil || t == nil {
		return err
	}
	for _, r := range t.Recipients {
		a.Recipients = append(a.Recipients, r.completed().withoutSecrets())
	}
	if t.Area != "" && t.Area != transfer.EU.String() {
		a.except(globalOption, "data may leave the European Union: transfers "+t.Area)
	}
	if t.Undeclared == undeclaredAllow {
		a.except(globalOption, "connections pass to hosts for which nobody is declared, by the country of their address alone: undeclared allow")
	}
	for _, network := range t.OwnNetworks {
		a.except(globalOption, "taken for the operator's own network, of which no country is asked: "+network)
	}
	a.recipients(rules)
	return nil
}

// recipients lists those who are refused as they are declared, and those whose data go
// outside.
func (a *audit) recipients(rules *transfer.Rules) {
	for _, r := range rules.Recipients() {
		where := "recipient " + r.Name
		switch d := a.guard.Recipient(r); {
		case d.Reason == transfer.Ended:
			a.fault(where, "its terms, or the decision that they rest on, have ended: it is refused", "terms <version> <date> [<until>]")
		case d.Reason == transfer.RecipientOutside:
			a.fault(where, fmt.Sprintf("it brings data to %s, outside the area, and nothing says on what basis: it is refused", d.Fault), "transfer adequacy|dpf|scc|bcr|consent|necessary")
		case d.Reason == transfer.Excepted:
			a.except(where, fmt.Sprintf("data of %s may go outside, on the basis %s", r.Entity, d.Basis))
		}
		for _, company := range r.Uncertain(now()) {
			a.fault(where, uncertain(company), "transfer dpf <day>, once you have looked at https://www.dataprivacyframework.gov/list")
		}
		if r.Terms.Version == "" {
			a.fault(where, "nothing says what you have agreed on with "+r.Entity, "terms <version> <date>")
		}
	}
}

// uncertain says what is wrong with a certification.
func uncertain(company transfer.Uncertain) string {
	what := "whether " + company.Entity + " is certified under the EU-US Data Privacy Framework "
	if company.Checked.IsZero() {
		return what + "was never looked up"
	}
	return what + "was looked up on " + company.Checked.Format(time.DateOnly) + ", and is to be looked up every 30 days"
}

// store looks at where receipts are kept.
func (a *audit) store(s *Store) {
	if s == nil || s.Redis == nil {
		return
	}
	for _, address := range s.Redis.Addresses {
		way, refused := a.reach(address, guarded)
		if refused != nil {
			a.fault("store redis", refused.Error(), "")
		}
		if way != ownWay && s.Redis.TLS == nil {
			a.fault("store redis", "receipts go to "+address+" unencrypted", "tls")
		}
	}
}

// way is where an address leads.
type way uint8

const (
	ownWay     way = iota // within the operator's own network
	outWay                // out of it, or nobody can tell before there is an address
	unknownWay            // it is known at the request only
)

// Who makes a connection.
const (
	guarded   = true
	unguarded = false
)

// reach tells where an address leads, and why the guard would refuse it. A name that is
// not of the public DNS, and that nobody is declared for, the guard lets lead into the
// operator's own network alone.
func (a *audit) reach(address string, by bool) (way, error) {
	if network, rest, ok := strings.Cut(address, "/"); ok {
		if strings.HasPrefix(network, "unix") {
			return ownWay, nil
		}
		address = rest
	}
	if strings.Contains(address, "{") {
		return unknownWay, nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return ownWay, nil
	}
	var d transfer.Decision
	if addr, err := netip.ParseAddr(host); err == nil {
		d = a.guard.Decide(host, addr)
	} else {
		d = a.guard.Declared(host)
	}
	switch {
	case d.Reason == transfer.OwnNetwork:
		return ownWay, nil
	case d.Allowed:
		return outWay, nil
	case by == guarded && d.Reason == transfer.Undeclared && !isPublicName(host):
		return ownWay, nil
	}
	return outWay, &transfer.RefusedError{Host: host, Decision: d, Area: a.guard.Rules().Area()}
}

// unprotected lists the forms that were seen to send without a proof, on sites where others
// are protected.
func (a *audit) unprotected(sites []siteReport) {
	for _, site := range sites {
		for _, seen := range site.Forms {
			a.except(site.Host, "forms send to "+seen.Name+" without a proof")
		}
	}
}
