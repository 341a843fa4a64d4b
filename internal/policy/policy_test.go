package policy

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func site(t testing.TB, c Config) *Policy {
	t.Helper()
	p, err := New(c, catalogue.Default())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCookiePassesOnlyWithTheConsentItsPurposeNeeds(t *testing.T) {
	own := Config{
		Purposes: []Purpose{{ID: "newsletter", Name: "Newsletter", Description: "Send the newsletter."}},
		Cookies: []Rule{
			{"basket", "necessary"}, {"news*", "newsletter"}, {"news_seen", "functional"}, {"PHPSESSID", "marketing"},
		},
	}
	nobody, refused := Visitor{State: None}, Visitor{State: Declined}
	signal := Visitor{State: Signal}
	counted := Visitor{State: Partial, Granted: 1 << statistics, First: noon.Unix(), Until: noon.Add(cookie.Term).Unix()}
	everything := Visitor{State: Accepted, Granted: ^Set(0), First: noon.Unix(), Until: noon.Add(cookie.Term).Unix()}
	ended := Visitor{State: Ended}
	tests := []struct {
		name    string
		config  Config
		cookie  string
		visitor Visitor
		action  Action
		reason  Reason
	}{
		{"tracker before a choice", Config{}, "_ga", nobody, Drop, Undecided},
		{"tracker after a refusal", Config{}, "_ga", refused, Drop, Refused},
		{"tracker against a signal", Config{}, "_ga", signal, Drop, Refused},
		{"tracker with consent", Config{}, "_ga", counted, Allow, Granted},
		{"tracker of another purpose", Config{}, "_fbp", counted, Drop, Refused},
		{"tracker after accepting all", Config{}, "_fbp", everything, Allow, Granted},
		{"tracker by its prefix", Config{}, "_ga_ABC123", nobody, Drop, Undecided},
		{"necessary before a choice", Config{}, "PHPSESSID", nobody, Allow, Required},
		{"necessary after a refusal", Config{}, "PHPSESSID", refused, Allow, Required},
		{"necessary of an ended term", Config{}, "PHPSESSID", ended, Drop, Expired},
		{"unknown before a choice", Config{}, "compare_list", nobody, Session, Unrecognised},
		{"unknown after a refusal", Config{}, "compare_list", refused, Session, Unrecognised},
		{"unknown with partial consent", Config{}, "compare_list", counted, Session, Unrecognised},
		{"unknown after accepting all", Config{}, "compare_list", everything, Allow, Unrecognised},
		{"unknown blocked", Config{Unknown: BlockUnknown}, "compare_list", nobody, Drop, Unrecognised},
		{"unknown blocked, accepted", Config{Unknown: BlockUnknown}, "compare_list", everything, Allow, Unrecognised},
		{"unknown allowed", Config{Unknown: AllowUnknown}, "compare_list", nobody, Allow, Unrecognised},
		{"unknown of an ended term", Config{}, "compare_list", ended, Drop, Expired},
		{"short name is not known by its name alone", Config{}, "fr", nobody, Session, Unrecognised},
		{"own rule", own, "basket", nobody, Allow, Required},
		{"own rule outranks the catalogue", own, "PHPSESSID", nobody, Drop, Undecided},
		{"own purpose", own, "news_topic", refused, Drop, Refused},
		{"longest own rule wins", own, "news_seen", counted, Drop, Refused},
		{"nameless", Config{}, "", nobody, Session, Unrecognised},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := site(t, tt.config).Cookie(tt.cookie, "x", &tt.visitor, noon)
			if d.Action != tt.action || d.Reason != tt.reason {
				t.Errorf("%s: %v (%v), want %v (%v)", tt.cookie, d.Action, d.Reason, tt.action, tt.reason)
			}
		})
	}
}

func TestCreationTimeInsideAValueCountsAgainstTheCookie(t *testing.T) {
	p := site(t, Config{})
	v := Visitor{State: Accepted, Granted: p.All(), First: noon.Unix(), Until: noon.Add(cookie.Term).Unix()}
	created := func(age time.Duration) string {
		return "GA1.1.1234567890." + strconv.FormatInt(noon.Add(-age).Unix(), 10)
	}
	for _, days := range []int{1, 30, 200, 392} {
		age := time.Duration(days) * 24 * time.Hour
		d := p.Cookie("_ga", created(age), &v, noon)
		if want := noon.Add(cookie.Term - age).Unix(); d.Action != Allow || d.Until != want {
			t.Errorf("_ga made %d days ago: %v until %d, want until %d", days, d.Action, d.Until, want)
		}
	}
	for _, days := range []int{393, 394, 800} {
		d := p.Cookie("_ga", created(time.Duration(days)*24*time.Hour), &v, noon)
		if d.Action != Drop || d.Reason != Expired {
			t.Errorf("_ga made %d days ago: %v (%v), want it dropped as expired", days, d.Action, d.Reason)
		}
	}
	if d := p.Cookie("_ga", created(-48*time.Hour), &v, noon); d.Until != v.Until {
		t.Errorf("_ga dated in the future moved the bound to %d", d.Until)
	}
}

func TestConfigErrorsSayWhatToWrite(t *testing.T) {
	text := Purpose{Name: "N", Description: "D"}
	purpose := func(id string) Purpose { p := text; p.ID = id; return p }
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"too long a lifetime", Config{Lifetime: 394 * 24 * time.Hour}, "at most 393d"},
		{"too short a lifetime", Config{Lifetime: time.Hour}, "at least 1d"},
		{"unknown rule for unknown cookies", Config{Unknown: "maybe"}, "write block, session or allow"},
		{"no such purpose", Config{Cookies: []Rule{{"a", "ads"}}}, "write one of necessary, functional, statistics, marketing"},
		{"contradiction", Config{Cookies: []Rule{{"a", "marketing"}, {"a", "necessary"}}}, "two purposes, marketing and necessary"},
		{"repetition", Config{Cookies: []Rule{{"a", "marketing"}, {"a", "marketing"}}}, "twice: keep one line"},
		{"star alone", Config{Cookies: []Rule{{"*", "marketing"}}}, "unknown_cookies"},
		{"star inside", Config{Cookies: []Rule{{"a*b", "marketing"}}}, "such as a*"},
		{"name with a value", Config{Cookies: []Rule{{"a=b", "marketing"}}}, "name alone"},
		{"our own record", Config{Cookies: []Rule{{"__Host-privacy", "marketing"}}}, "needs no rule"},
		{"built-in purpose again", Config{Purposes: []Purpose{purpose("marketing")}}, "choose another name"},
		{"purpose twice", Config{Purposes: []Purpose{purpose("a"), purpose("a")}}, "choose another name"},
		{"odd name of a purpose", Config{Purposes: []Purpose{purpose("My Ads")}}, "lower-case letters"},
		{"purpose without text", Config{Purposes: []Purpose{{ID: "a"}}}, "name and a description"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.config, catalogue.Default())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestFingerprintChangesOnlyWithWhatVisitorsWereAsked(t *testing.T) {
	base := site(t, Config{}).Fingerprint()
	same := []Config{
		{Cookies: []Rule{{"basket", "necessary"}}},
		{Lifetime: 100 * 24 * time.Hour},
	}
	for _, c := range same {
		if got := site(t, c).Fingerprint(); got != base {
			t.Errorf("%+v asks every visitor again", c)
		}
	}
	other := []Config{
		{Revision: "2"},
		{Unknown: AllowUnknown},
		{Purposes: []Purpose{{ID: "a", Name: "A", Description: "B"}}},
	}
	for _, c := range other {
		if site(t, c).Fingerprint() == base {
			t.Errorf("%+v does not ask visitors again", c)
		}
	}
}

func TestScriptDecidesAsTheGatewayDoes(t *testing.T) {
	configs := map[string]Config{
		"default": {},
		"rules":   {Cookies: []Rule{{"_ga", "necessary"}, {"mine*", "statistics"}, {"_fb*", "functional"}}},
		"block":   {Unknown: BlockUnknown},
		"allow":   {Unknown: AllowUnknown},
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			p := site(t, config)
			visitors := []Visitor{
				{State: None}, {State: Declined},
				{State: Partial, Granted: 1 << statistics},
				{State: Partial, Granted: 1<<marketing | 1<<functional},
				{State: Accepted, Granted: p.All()},
			}
			for i := range visitors {
				compareScript(t, p, &visitors[i])
			}
		})
	}
}

// compareScript holds the guard's lists against the policy for every name that
// scripts are known to write, and for some that nobody knows.
func compareScript(t *testing.T, p *Policy, v *Visitor) {
	t.Helper()
	s := p.Script(p.Standing(v))
	names := []string{"compare_list", "mine1", "_fbx"}
	for _, service := range catalogue.Default().Services() {
		for i := range service.Cookies {
			c := &service.Cookies[i]
			if c.Match != catalogue.Pattern && !c.ThirdParty && c.Storage == catalogue.InCookie && (c.Script || service.Purpose != catalogue.Necessary) {
				names = append(names, c.Name)
			}
		}
	}
	for _, name := range names {
		want := p.Cookie(name, "", v, noon).Action
		got := s.action(name)
		claim, known := catalogue.Default().Cookie(name)
		if known && claim.Cookie.Lifetime == 0 && want == Allow && got == Session {
			continue // it ends with the session in either case
		}
		if got != want {
			t.Errorf("visitor %v: the guard would %v %s, the gateway %v it", v.State, got, name, want)
		}
	}
}

// action reads the lists as guard.js does.
func (s Script) action(name string) Action {
	has := func(list string) bool {
		for entry := range strings.FieldsSeq(list) {
			prefix, star := strings.CutSuffix(entry, "*")
			if entry == name || star && strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case has(s.Drop):
		return Drop
	case has(s.Keep):
		return Allow
	default:
		return s.Other
	}
}

func TestInventoryKeepsNoIdentifierAndStaysBounded(t *testing.T) {
	tests := map[string]string{
		"_ga":                   "_ga",
		"compare_list":          "compare_list",
		"cart_5f2a9c":           "cart_*",
		"user-10032":            "user-*",
		"s4":                    "s4",
		"_ga_AB12CD34EF":        "_ga_*",
		"mail_jean@example.com": "*",
		"":                      "",
		"über":                  "*",
		strings.Repeat("a", 99): "*",
	}
	for name, want := range tests {
		var buf [64]byte
		if got := string(fold(buf[:0], name)); got != want {
			t.Errorf("fold(%q) = %q, want %q", name, got, want)
		}
	}
	var i Inventory
	for n := range 3 * maxNames {
		i.Note(&Sight{Name: string(rune('a'+n%26)) + strings.Repeat("b", n%20) + "_" + strings.Repeat("c", n/520), Decision: &Decision{}, Reliable: false})
	}
	if got := len(i.Sightings(CookieKind)); got > maxNames/2 {
		t.Errorf("clients filled %d names, at most %d wanted", got, maxNames/2)
	}
	if _, fresh := i.Note(&Sight{Name: "set_by_the_site", Decision: &Decision{}, Reliable: true, Set: true}); !fresh {
		t.Error("names that clients invented hide one that the site sets")
	}
}

func TestInventoryBelievesSitesAndConsentNotClients(t *testing.T) {
	p := site(t, Config{})
	var i Inventory
	refused := p.Cookie("_ga", "x", &Visitor{State: None}, noon)
	i.Note(&Sight{Name: "_ga", Decision: &refused, Reliable: false})
	if len(i.Services()) != 0 {
		t.Error("a client's word put a service on the list that visitors read")
	}
	granted := p.Cookie("_ga", "x", &Visitor{State: Accepted, Granted: p.All()}, noon)
	i.Note(&Sight{Name: "_ga", Decision: &granted, Reliable: true})
	if len(i.Services()) != 1 {
		t.Errorf("%d services, the one that was agreed to is wanted", len(i.Services()))
	}
	own := site(t, Config{Cookies: []Rule{{"_ga", "necessary"}}}).Cookie("_ga", "x", &Visitor{}, noon)
	i.Note(&Sight{Name: "_ga", Decision: &own, Reliable: true})
	if seen := i.Sightings(CookieKind)[0]; seen.Purpose != "necessary" || len(i.Services()) != 0 {
		t.Errorf("after a new rule the report says %q and lists %d services", seen.Purpose, len(i.Services()))
	}
}

func FuzzFold(f *testing.F) {
	f.Add("cart_5f2a9c")
	f.Add(strings.Repeat("x_", 90))
	f.Fuzz(func(t *testing.T, name string) {
		var buf [64]byte
		if got := fold(buf[:0], name); len(got) > len(buf) {
			t.Errorf("fold(%q) grew to %d bytes", name, len(got))
		}
	})
}

func BenchmarkCookie(b *testing.B) {
	many := Config{}
	for n := range 1000 {
		many.Cookies = append(many.Cookies, Rule{"rule_" + strconv.Itoa(n) + "*", "functional"})
	}
	for _, bm := range []struct {
		name, cookie string
		config       Config
	}{
		{"known", "_fbp", Config{}}, {"prefix", "_ga_ABC123", Config{}}, {"unknown", "compare_list", Config{}},
		{"thousand rules", "compare_list", many},
	} {
		b.Run(bm.name, func(b *testing.B) {
			p, v := site(b, bm.config), &Visitor{State: Declined}
			b.ReportAllocs()
			for b.Loop() {
				p.Cookie(bm.cookie, "x", v, noon)
			}
		})
	}
}

func BenchmarkInventory(b *testing.B) {
	var i Inventory
	d := &Decision{}
	b.ReportAllocs()
	for b.Loop() {
		i.Note(&Sight{Name: "compare_list", Decision: d, Reliable: true})
	}
}
