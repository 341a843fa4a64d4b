package policy

import (
	"slices"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// closed lets data go nowhere. What was let go before is withdrawn all the same.
type closed struct{}

func (closed) Passes(string, *catalogue.Service) bool { return false }

func TestWithdrawnIsWhatARecipientHadAndNoLongerHas(t *testing.T) {
	p, err := New(Config{
		Purposes: []Purpose{{ID: "newsletter", Name: "Newsletter", Description: "By mail."}},
		Border:   closed{},
		Hosts:    []Rule{{Name: "maps.partner.test", Purpose: "functional"}, {Name: "assets.partner.test", Purpose: "necessary"}},
	}, catalogue.Default())
	if err != nil {
		t.Fatal(err)
	}
	all := &Visitor{State: Accepted, Granted: p.All()}
	none := &Visitor{State: Declined}
	some := func(services []string, purposes ...string) *Visitor {
		return &Visitor{State: Partial, Granted: p.Set(purposes), Services: services}
	}
	youtube := []string{"youtube"}
	for name, test := range map[string]struct {
		before, after      *Visitor
		reach              Reach
		purposes, services []string
	}{
		"a purpose that he is there for":        {all, none, Reach{Purposes: []string{"necessary", "newsletter", "marketing"}}, []string{"marketing", "newsletter"}, nil},
		"another purpose":                       {all, some(nil, "newsletter"), Reach{Purposes: []string{"newsletter"}}, nil, nil},
		"one of two":                            {all, some(nil, "marketing"), Reach{Purposes: []string{"newsletter", "marketing"}}, []string{"newsletter"}, nil},
		"nothing had been granted":              {none, none, Reach{Purposes: []string{"marketing"}, Hosts: []string{"youtube.com"}}, nil, nil},
		"no choice had been made":               {&Visitor{}, none, Reach{Purposes: []string{"marketing"}, Hosts: []string{"youtube.com"}}, nil, nil},
		"more is granted":                       {some(nil, "newsletter"), all, Reach{Purposes: []string{"newsletter", "marketing"}, Hosts: []string{"youtube.com"}}, nil, nil},
		"exchange of one for another":           {some(nil, "newsletter"), some(nil, "marketing"), Reach{Purposes: []string{"newsletter", "marketing"}}, []string{"newsletter"}, nil},
		"a purpose that the site does not know": {all, none, Reach{Purposes: []string{"insurance"}}, nil, nil},
		"necessary needs no consent":            {all, none, Reach{Purposes: []string{"necessary"}, Hosts: []string{"app.host.test"}}, nil, nil},

		"a service at his host":                {all, none, Reach{Hosts: []string{"youtube.com"}}, nil, youtube},
		"a service at a host below":            {all, none, Reach{Hosts: []string{"www.youtube.com"}}, nil, youtube},
		"a service of a purpose that is kept":  {all, some(nil, "marketing"), Reach{Hosts: []string{"youtube.com"}}, nil, nil},
		"a service that is kept by itself":     {all, some(youtube), Reach{Hosts: []string{"youtube.com"}}, nil, nil},
		"a service granted by itself":          {some(youtube), none, Reach{Hosts: []string{"youtube.com"}}, nil, youtube},
		"a service of somebody else":           {some([]string{"vimeo"}), none, Reach{Hosts: []string{"youtube.com"}}, nil, nil},
		"services count beside named purposes": {all, some(nil, "newsletter"), Reach{Purposes: []string{"newsletter"}, Hosts: []string{"youtube.com"}}, nil, youtube},

		"a service by its name":             {all, none, Reach{Services: youtube}, nil, youtube},
		"a service by its name, kept":       {all, some(youtube), Reach{Services: youtube}, nil, nil},
		"a service by another's name":       {all, some(nil, "marketing"), Reach{Services: youtube}, nil, nil},
		"part of a host that others are at": {all, none, Reach{Services: []string{"google-maps"}}, nil, []string{"google-maps"}},

		"a host that nobody knows":            {all, none, Reach{Hosts: []string{"partner.example"}}, []string{"marketing"}, nil},
		"a host that the owner says is for":   {all, none, Reach{Purposes: []string{"newsletter"}, Hosts: []string{"partner.example"}}, []string{"newsletter"}, nil},
		"a host granted by itself":            {some([]string{"a.partner.example"}), none, Reach{Hosts: []string{"partner.example"}}, nil, []string{"a.partner.example"}},
		"the owner's rule for a host below":   {all, some(nil, "marketing"), Reach{Hosts: []string{"partner.test"}}, []string{"functional"}, nil},
		"the owner's rule beside a purpose":   {all, some(nil, "newsletter"), Reach{Purposes: []string{"newsletter"}, Hosts: []string{"partner.test"}}, []string{"functional"}, nil},
		"hosts of the site itself":            {all, none, Reach{Hosts: []string{"shop.site.test"}}, nil, nil},
		"addresses, and what they are for":    {all, none, Reach{Purposes: []string{"newsletter"}, Hosts: []string{"203.0.113.0/24", "2001:db8::/32"}}, []string{"newsletter"}, nil},
		"addresses, of which nothing is said": {all, none, Reach{Hosts: []string{"203.0.113.7", "2001:db8::/32"}}, []string{"marketing"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			purposes, services := p.Withdrawn("site.test", test.before, test.after, test.reach)
			if !slices.Equal(purposes, test.purposes) || !slices.Equal(services, test.services) {
				t.Errorf("withdrawn are purposes %q and services %q, want %q and %q", purposes, services, test.purposes, test.services)
			}
		})
	}
}
func BenchmarkWithdrawn(b *testing.B) {
	p, err := New(Config{}, catalogue.Default())
	if err != nil {
		b.Fatal(err)
	}
	before, after := &Visitor{State: Accepted, Granted: p.All()}, &Visitor{State: Declined}
	r := Reach{Purposes: []string{"marketing"}, Hosts: []string{"google.com", "doubleclick.net", "youtube.com"}}
	b.ReportAllocs()
	for b.Loop() {
		p.Withdrawn("site.test", before, after, r)
	}
}
