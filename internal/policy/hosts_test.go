package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// opens reads a list of hosts as a Content-Security-Policy made of it is read.
func opens(hosts []string, address string) bool {
	host, path, _ := strings.Cut(address, "/")
	return slices.ContainsFunc(hosts, func(entry string) bool {
		name, part, hasPath := strings.Cut(entry, "/")
		if hasPath {
			return host == name && (path == part || strings.HasPrefix(path, part+"/"))
		}
		return within(host, name)
	})
}

// standings are all visitors that differ in what they may load: by purposes, by
// single services, by state.
func standings(p *Policy) []Visitor {
	all := []Visitor{{}, {State: Signal}, {State: Declined}, {State: Ended}, {State: Ended, Granted: p.All(), Services: []string{"youtube"}},
		{State: Accepted, Granted: p.All()}, alone("cdn.test", "youtube"), alone("doubleclick.net", "nobody")}
	for set := range p.All() {
		all = append(all, Visitor{State: Partial, Granted: set})
	}
	for _, s := range catalogue.Default().Services() {
		all = append(all, alone(s.ID))
	}
	return all
}

// inseparable are the addresses that a list of hosts cannot keep out where a host
// above them, or the host whose path they are, is allowed.
var inseparable = []string{
	"ads-api.twitter.com", "analytics.twitter.com", "analytics.x.com", // x-pixel, with x-embed
	"googleads.g.doubleclick.net", "td.doubleclick.net", "stats.g.doubleclick.net", // with google-doubleclick
	"tt.omtrdc.net",                                           // adobe-target, with adobe-analytics
	"www.bing.com/maps",                                       // with microsoft-uet
	"www.linkedin.com/px",                                     // linkedin-insight, with linkedin-plugins
	"www.gstatic.com/recaptcha",                               // with google-static
	"www.facebook.com/privacy_sandbox", "www.facebook.com/tr", // meta-pixel, with meta-social
	"www.google.com/ccm", "www.google.com/maps", "www.google.com/pagead", "www.google.com/recaptcha", "www.google.com/shopping",
}

func TestHostsHoldsNothingThatAddressRefuses(t *testing.T) {
	configs := map[string]Config{
		"default": {},
		"rules": {
			Purposes: []Purpose{{ID: "video", Name: "Video", Description: "Show films."}},
			Hosts: []Rule{
				{"google-analytics.com", "marketing"}, {"www.google.com", "functional"}, {"i.ytimg.com", "video"},
				{"cdn.test", "statistics"}, {"static.test", "necessary"},
			},
		},
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			p := site(t, config)
			addresses, covered := append(known(), "cdn.test", "static.test", "www.google.com/maps", "nobody.test"), map[string]bool{}
			for _, v := range standings(p) {
				hosts, all := p.Hosts(&v, catalogue.Default().Services())
				for _, entry := range hosts {
					if d := p.address(entry, &v); d.Action != Allow {
						t.Errorf("%s: %s is listed, but refused (%v)", describe(&v), entry, d.Reason)
					}
				}
				for _, address := range addresses {
					allowed, listed := p.address(address, &v).Action == Allow, all || opens(hosts, address)
					switch {
					case listed && !allowed && all:
						t.Errorf("%s: no bound, but %s is refused", describe(&v), address)
					case listed && !allowed:
						covered[address] = true
					case allowed && !listed && !v.Granted.Has(marketing):
						t.Errorf("%s: %s is allowed, but not listed", describe(&v), address)
					}
				}
			}
			for address := range covered {
				if !slices.Contains(inseparable, address) {
					t.Errorf("%s is refused to some visitor whose list covers it", address)
				}
			}
			if name == "default" && len(covered) != len(inseparable) {
				t.Errorf("covered without consent: %q", slices.Sorted(maps.Keys(covered)))
			}
		})
	}
}

func describe(v *Visitor) string {
	return fmt.Sprintf("%v, purposes %b, services %v", v.State, v.Granted, v.Services)
}

func TestHostsHasNoBoundOnlyWhereEveryPurposeOfAHostIsGranted(t *testing.T) {
	newsletter := Purpose{ID: "newsletter", Name: "Newsletter", Description: "Send the newsletter."}
	plain, own := site(t, Config{Purposes: []Purpose{newsletter}}), site(t, Config{Purposes: []Purpose{newsletter}, Hosts: []Rule{{"mail.test", "newsletter"}}})
	builtin := Set(1<<functional | 1<<statistics | 1<<marketing)
	tests := []struct {
		name    string
		policy  *Policy
		visitor Visitor
		want    bool
	}{
		{"everything", own, Visitor{State: Accepted, Granted: own.All()}, true},
		{"all that a host can be there for", plain, Visitor{State: Partial, Granted: builtin}, true},
		{"a host of one's own purpose refused", own, Visitor{State: Partial, Granted: builtin}, false},
		{"marketing alone", plain, Visitor{State: Partial, Granted: 1 << marketing}, false},
		{"nothing", plain, Visitor{State: Declined}, false},
		{"an ended term", plain, Visitor{State: Ended, Granted: plain.All()}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, all := tt.policy.Hosts(&tt.visitor, nil); all != tt.want {
				t.Errorf("without a bound: %v", all)
			}
		})
	}
}

func TestHostsListsWhatWasGrantedAloneWhetherSeenOrNot(t *testing.T) {
	p := site(t, Config{})
	v := alone("google-maps", "cdn.test", "no-such-service", "a;b.test")
	hosts, all := p.Hosts(&v, nil)
	if all || !slices.Contains(hosts, "cdn.test") || !slices.Contains(hosts, "www.google.com/maps") || !slices.Contains(hosts, "maps.googleapis.com") {
		t.Errorf("list %q", hosts)
	}
	if slices.Contains(hosts, "www.google.com") || slices.Contains(hosts, "no-such-service") || slices.Contains(hosts, "a;b.test") {
		t.Errorf("more than was granted: %q", hosts)
	}
	again, _ := p.Hosts(&v, catalogue.Default().Services()[:0])
	if !slices.Equal(hosts, again) || !slices.IsSorted(hosts) {
		t.Errorf("not the same list twice: %q, %q", hosts, again)
	}
}

func TestHostsListsOnlyServicesThatTheSiteUses(t *testing.T) {
	p := site(t, Config{})
	youtube, _ := catalogue.Default().Service("youtube-nocookie")
	v := Visitor{State: Partial, Granted: 1 << functional}
	if hosts, _ := p.Hosts(&v, nil); len(hosts) != 0 {
		t.Errorf("a site that uses nothing opens %q", hosts)
	}
	if hosts, _ := p.Hosts(&v, []*catalogue.Service{youtube}); !slices.Equal(hosts, []string{"youtube-nocookie.com"}) {
		t.Errorf("a site that uses %s opens %q", youtube.ID, hosts)
	}
}

func BenchmarkHosts(b *testing.B) {
	p, used := site(b, Config{}), catalogue.Default().Services()[:20]
	v := alone("google-maps", "youtube", "cdn.test")
	b.ReportAllocs()
	for b.Loop() {
		p.Hosts(&v, used)
	}
}
