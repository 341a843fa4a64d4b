package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// alone is a visitor who agreed to single things and to no purpose.
func alone(services ...string) Visitor { return Visitor{State: Partial, Services: services} }

// known lists every address in the catalogue, with the path if it has one.
func known() (addresses []string) {
	for _, s := range catalogue.Default().Services() {
		addresses = append(addresses, s.Hosts...)
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

// address decides about an address as the catalogue writes it, on a page of example.fr.
func (p *Policy) address(address string, v *Visitor) Decision {
	host, path, _ := strings.Cut(address, "/")
	return p.Address("example.fr", host, "/"+path, v)
}

func TestAddressLoadsOnlyWithTheConsentItsPurposeNeeds(t *testing.T) {
	var (
		nobody, refused, signal, ended = Visitor{State: None}, Visitor{State: Declined}, Visitor{State: Signal}, Visitor{State: Ended}
		counted                        = Visitor{State: Partial, Granted: 1 << statistics}
		advertised                     = Visitor{State: Partial, Granted: 1 << marketing}
		everything                     = Visitor{State: Accepted, Granted: ^Set(0)}
		lasting                        = Visitor{State: Ended, Granted: ^Set(0), Services: []string{"youtube", "cdn.test"}}
	)
	tests := []struct {
		name, address string
		visitor       Visitor
		action        Action
		reason        Reason
	}{
		{"own domain", "example.fr/", nobody, Allow, Required},
		{"own domain after a refusal", "www.example.fr/a", refused, Allow, Required},
		{"own domain of an ended term", "static.www.example.fr/", ended, Allow, Required},
		{"own name under another domain", "example.fr.evil.test/", nobody, Drop, Unrecognised},
		{"own name behind other letters", "notexample.fr/", nobody, Drop, Unrecognised},
		{"the domain above one's own", "fr/", nobody, Drop, Unrecognised},
		{"own name behind a hyphen", "www-example.fr/", nobody, Drop, Unrecognised},
		{"no host", "/", nobody, Drop, Unrecognised},

		{"known before a choice", "www.google-analytics.com/g/collect", nobody, Drop, Undecided},
		{"known after a refusal", "www.google-analytics.com/", refused, Drop, Refused},
		{"known against a signal", "www.google-analytics.com/", signal, Drop, Refused},
		{"known with consent", "www.google-analytics.com/", counted, Allow, Granted},
		{"known of another purpose", "www.youtube.com/embed/x", counted, Drop, Refused},
		{"known after accepting all", "www.youtube.com/embed/x", everything, Allow, Granted},
		{"known of an ended term", "www.youtube.com/embed/x", ended, Drop, Expired},
		{"necessary before a choice", "privacy.commander1.com/", nobody, Allow, Required},
		{"necessary of an ended term", "privacy.commander1.com/", ended, Allow, Required},
		{"known name under another domain", "www.youtube.com.evil.test/", counted, Drop, Unrecognised},

		{"unknown before a choice", "cdn.test/", nobody, Drop, Unrecognised},
		{"unknown after a refusal", "cdn.test/", refused, Drop, Unrecognised},
		{"unknown with other consent", "cdn.test/", counted, Drop, Unrecognised},
		{"unknown after accepting marketing", "cdn.test/", advertised, Allow, Granted},
		{"unknown after accepting all", "cdn.test/", everything, Allow, Granted},
		{"unknown of an ended term", "cdn.test/", ended, Drop, Expired},

		{"ended outranks purposes", "www.youtube.com/", lasting, Drop, Expired},
		{"ended outranks a single host", "cdn.test/", lasting, Drop, Expired},
	}
	p := site(t, Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := p.address(tt.address, &tt.visitor)
			if d.Action != tt.action || d.Reason != tt.reason {
				t.Errorf("%s: %v (%v), want %v (%v)", tt.address, d.Action, d.Reason, tt.action, tt.reason)
			}
			if d.Reason == Unrecognised && d.Purpose.ID != "marketing" {
				t.Errorf("%s: unknown, but for %s", tt.address, d.Purpose.ID)
			}
		})
	}
}

func TestRuleForAHostCoversAllBelowItAndTheLongestWins(t *testing.T) {
	p := site(t, Config{
		Purposes: []Purpose{{ID: "video", Name: "Video", Description: "Show films."}},
		Hosts: []Rule{
			{"ads.example.fr", "marketing"}, {"clean.ads.example.fr", "necessary"},
			{"example-static.test", "necessary"}, {"youtube.com", "video"}, {"shop.youtube.com", "functional"},
		},
	})
	tests := map[string]string{
		"example.fr": "necessary", "ads.example.fr": "marketing", "a.b.ads.example.fr": "marketing",
		"clean.ads.example.fr": "necessary", "x.clean.ads.example.fr": "necessary",
		"notads.example.fr": "necessary", "ads.example.fr.test": "unknown",
		"example-static.test": "necessary", "img.example-static.test": "necessary", "myexample-static.test": "unknown",
		"youtube.com": "video", "www.youtube.com": "video", "shop.youtube.com": "functional", "www.shop.youtube.com": "functional",
		"www.youtube-nocookie.com": "functional",
	}
	for host, want := range tests {
		d := p.Address("example.fr", host, "/", &Visitor{})
		got := d.Purpose.ID
		if d.Reason == Unrecognised {
			got = "unknown"
		}
		if got != want {
			t.Errorf("%s is there for %s, want %s", host, got, want)
		}
		if allowed := d.Action == Allow; allowed != (want == "necessary") {
			t.Errorf("%s: %v before a choice", host, d.Action)
		}
	}
	if d := p.Address("example.fr", "www.youtube.com", "/", &Visitor{}); d.Service != nil {
		t.Errorf("the site's own rule decided, yet %s is named", d.Service.ID)
	}
}

func TestServiceGrantedAloneOpensItsAddressesAndNothingElse(t *testing.T) {
	p := site(t, Config{})
	addresses := append(known(), "cdn.test", "fr")
	for _, s := range catalogue.Default().Services() {
		v := alone(s.ID)
		for _, address := range addresses {
			d := p.address(address, &v)
			want := d.Service == s || d.Purpose.ID == "necessary"
			if got := d.Action == Allow; got != want {
				t.Errorf("%s granted alone: %v %s", s.ID, d.Action, address)
			}
		}
		for _, address := range s.Hosts {
			if d := p.address(address, &v); d.Action != Allow && !slices.Contains(d.Service.Hosts, address) {
				t.Errorf("%s granted alone does not open its own %s, which is nobody else's", s.ID, address)
			}
			if d := p.address(address, &Visitor{State: Declined}); d.Action == Allow && s.Purpose != catalogue.Necessary {
				t.Errorf("%s stays open when all is refused", address)
			}
		}
	}
}

func TestServiceGrantedAloneOpensItsCookiesAndNothingElse(t *testing.T) {
	p, names := site(t, Config{}), []string{"compare_list"}
	for _, s := range catalogue.Default().Services() {
		for i := range s.Cookies {
			if c := &s.Cookies[i]; c.Match != catalogue.Pattern {
				names = append(names, c.Name)
			}
		}
	}
	refused := Visitor{State: Declined}
	for _, s := range catalogue.Default().Services() {
		v := alone(s.ID)
		for _, name := range names {
			d, before := p.Cookie(name, "", &v, noon), p.Cookie(name, "", &refused, noon)
			switch {
			case d.Service == s && d.Action != Allow:
				t.Errorf("%s granted alone: %v its cookie %s", s.ID, d.Action, name)
			case d.Service != s && d.Action != before.Action:
				t.Errorf("%s granted alone: %v the cookie %s", s.ID, d.Action, name)
			}
		}
	}
	ended := Visitor{State: Ended, Services: []string{"youtube"}}
	for _, name := range names {
		if d := p.Cookie(name, "", &ended, noon); d.Action != Drop {
			t.Errorf("%s outlives the term", name)
		}
	}
}

func TestHostGrantedAloneOpensItselfAndWhatIsBelowIt(t *testing.T) {
	p := site(t, Config{Hosts: []Rule{{"ruled.test", "statistics"}}})
	tests := []struct {
		granted, address string
		want             Action
	}{
		{"cdn.test", "cdn.test/x.js", Allow},
		{"cdn.test", "a.b.cdn.test/", Allow},
		{"cdn.test", "test/", Drop},
		{"cdn.test", "mycdn.test/", Drop},
		{"cdn.test", "cdn.test.evil.example/", Drop},
		{"a.cdn.test", "cdn.test/", Drop},
		{"ruled.test", "www.ruled.test/", Allow},
		{"google.com", "www.google.com/maps", Drop},
		{"youtube.com", "www.youtube.com/embed/x", Drop},
		{"test", "cdn.test/", Drop},
		{"youtube", "youtube/", Drop},
		{`a"b.test`, `a"b.test/`, Drop},
	}
	for _, tt := range tests {
		v := alone(tt.granted)
		if d := p.address(tt.address, &v); d.Action != tt.want {
			t.Errorf("%s granted alone: %v %s, want %v", tt.granted, d.Action, tt.address, tt.want)
		}
		if d := p.address(tt.address, &Visitor{State: Declined}); d.Action != Drop {
			t.Errorf("%s stays open when all is refused", tt.address)
		}
	}
}

func TestOnlyPlainHostsCanBeGrantedAlone(t *testing.T) {
	for granted, want := range map[string]bool{
		"cdn.test": true, "a_b.xn--mnchen-3ya.test": true, "192.0.2.1": true,
		"youtube": false, "localhost": false, "[2001:db8::1]": false, "": false,
		"a;b.test": false, "a,b.test": false, "a'b.test": false, `a"b.test`: false, "a b.test": false, "CDN.test": false, "é.test": false,
	} {
		if got := IsHost(granted); got != want {
			t.Errorf("IsHost(%q) = %v", granted, got)
		}
	}
	for _, s := range catalogue.Default().Services() {
		if IsHost(s.ID) {
			t.Errorf("the service %s would be taken for a host", s.ID)
		}
	}
}

func TestAddressDoesNotAllocate(t *testing.T) {
	p := site(t, Config{Hosts: []Rule{{"ads.example.fr", "marketing"}}})
	v := alone("google-maps", "cdn.test")
	for _, address := range []string{"www.example.fr/a", "www.google.com/maps/embed", "x.cdn.test/", "nobody.test/", "x.ads.example.fr/"} {
		if n := testing.AllocsPerRun(100, func() { p.address(address, &v) }); n != 0 {
			t.Errorf("%s costs %v allocations", address, n)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range [][4]string{
		{"example.fr", "www.example.fr", "/", "youtube"}, {"example.fr", "example.fr.evil.test", "/", "evil.test"},
		{"", "", "", ""}, {"fr", ".", "/..", "."}, {"[::1]", "[::1]", "/%2e", "[::1]"},
		{"a.test", "www.google.com", "/maps/../pagead", "google-maps"}, {"a.test", strings.Repeat("a.", 300), "/", "..a"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	p := site(f, Config{Hosts: []Rule{{"ads.example.fr", "marketing"}, {"static.test", "necessary"}}})
	f.Fuzz(func(t *testing.T, domain, host, path, granted string) {
		single, none, all := alone(granted), Visitor{State: Declined}, Visitor{State: Accepted, Granted: p.All()}
		d, refused := p.Address(domain, host, path, &single), p.Address(domain, host, path, &none)
		switch {
		case refused.Action == Allow && refused.Reason != Required:
			t.Errorf("%q: %v after a refusal", host, refused.Reason)
		case refused.Action == Allow && d.Action != Allow, p.Address(domain, host, path, &all).Action != Allow:
			t.Errorf("%q: more consent opens less", host)
		case d.Action != refused.Action && (d.Service == nil || d.Service.ID != granted) && !strings.HasSuffix(host, granted):
			t.Errorf("%q is opened by %q", host, granted)
		case d.Purpose == nil:
			t.Errorf("%q has no purpose", host)
		}
	})
}

func BenchmarkAddress(b *testing.B) {
	p := site(b, Config{Hosts: []Rule{{"ads.example.fr", "marketing"}}})
	v := alone("google-maps", "cdn.test")
	for _, address := range []string{"www.example.fr/a.js", "www.google.com/maps/embed", "static.images.nobody.test/x.js"} {
		b.Run(address, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.address(address, &v)
			}
		})
	}
}
