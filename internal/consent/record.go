// Package consent keeps a visitor's choice: the signed record he carries in a
// cookie, what makes it valid, the browser signals that stand in for a choice,
// and the receipt that proves it.
//
// Everything doubtful about a record means "no choice", which is always the
// safe side: it can never be an error page and never more than was granted.
package consent

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// Record is what is remembered of one browser: when the first deposit was made
// in it, and the choice of its user if there is one. It is written when the
// choice changes and never refreshed by a visit.
type Record struct {
	// First is the time of the first deposit. Everything deposited in this
	// browser, this record included, ends thirteen months after it.
	First time.Time
	// Given is the time of the first choice, which editing does not move. It is
	// zero when the record only counts the thirteen months of a necessary cookie.
	Given time.Time
	// ID is the random name under which receipts are kept; empty without a choice.
	ID string
	// Purposes that were granted.
	Purposes []string
	// Services that were granted one by one, beside the purposes: identifiers of
	// the catalogue, and hosts.
	Services []string
	// All is set when everything was accepted, which includes what nobody has
	// classified yet.
	All bool
	// Policy is the fingerprint of the policy that was shown.
	Policy string
	// Until is the end of the record.
	Until time.Time
}

// Begin opens a record for a browser in which a necessary cookie is about to be
// deposited, without any choice.
func Begin(p *policy.Policy, now time.Time) Record {
	now = now.Truncate(time.Second)
	return Record{First: now, Policy: p.Fingerprint(), Until: now.Add(cookie.Term)}
}

// Grant is what a visitor agrees to by one choice.
type Grant struct {
	Purposes []string
	Services []string // one by one, beside the purposes
}

// maxServices bounds what may be granted one by one, in bytes as the token holds
// it, since it is sent with every request.
const maxServices = 512

// ErrTooMany says that the record has no room for one more single service.
var ErrTooMany = errors.New("too many services granted one by one: withdraw some, or accept their purpose")

// Choose returns the record after a choice. before is the visitor's present
// record, or the zero Record. A choice that is edited keeps its first date, its
// end and its identity.
func Choose(before Record, grant Grant, p *policy.Policy, now time.Time) (Record, error) {
	now = now.Truncate(time.Second)
	r := before
	if r.First.IsZero() || !now.Before(r.Until) {
		r = Begin(p, now)
	}
	if r.Given.IsZero() || r.Policy != p.Fingerprint() {
		r.Given = now
		r.Until = earlier(r.First.Add(cookie.Term), now.Add(p.Lifetime()))
	}
	if r.ID == "" {
		id, err := newID()
		if err != nil {
			return Record{}, err
		}
		r.ID = id
	}
	set := p.Set(grant.Purposes)
	r.Purposes = slices.DeleteFunc(p.IDs(set), func(id string) bool { return id == p.Purposes()[0].ID })
	r.All = set|p.Set([]string{p.Purposes()[0].ID}) == p.All()
	r.Services = nil
	if !r.All {
		r.Services = slices.Compact(slices.Sorted(slices.Values(grant.Services)))
	}
	if size(r.Services) > maxServices {
		return Record{}, ErrTooMany
	}
	r.Policy = p.Fingerprint()
	return r, nil
}

// size is what services take up in a token, in bytes: each has two quotes and a comma.
func size(services []string) int {
	n := 0
	for _, s := range services {
		n += len(s) + len(`"",`)
	}
	return n
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func newID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}

// Visitor tells how the holder of the record stands towards a policy at a
// moment. A record whose term is over stands for a visitor whose deposits must
// all be deleted; a choice made under another policy is no choice.
func (r Record) Visitor(p *policy.Policy, now time.Time) policy.Visitor {
	v := policy.Visitor{First: r.First.Unix(), Until: r.Until.Unix()}
	switch {
	case r.First.IsZero():
		return policy.Visitor{}
	case !now.Before(r.Until):
		return policy.Visitor{State: policy.Ended}
	case r.Given.IsZero() || r.Policy != p.Fingerprint():
		return v
	case r.All:
		v.State, v.Granted = policy.Accepted, p.All()
	case len(r.Purposes) == 0 && len(r.Services) == 0:
		v.State = policy.Declined
	default:
		v.State, v.Granted, v.Services = policy.Partial, p.Set(r.Purposes), r.Services
	}
	return v
}
