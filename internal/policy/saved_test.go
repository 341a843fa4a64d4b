package policy

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

// seen is an inventory with something of every kind.
func seen(t testing.TB, p *Policy) *Inventory {
	t.Helper()
	i, everything := new(Inventory), &Visitor{State: Accepted, Granted: p.All()}
	note := func(kind Kind, name string, d Decision, reliable bool, now int64) {
		i.Note(&Sight{Kind: kind, Name: name, Decision: &d, Reliable: reliable, Now: now, Set: kind == CookieKind && reliable, Asked: 9e6, Given: 8e6})
	}
	for n, name := range []string{"_ga", "_hjSession_12345", "basket"} {
		note(CookieKind, name, p.Cookie(name, "", everything, noon), true, noon.Unix()+int64(n))
		note(CookieKind, name, p.Cookie(name, "", &Visitor{}, noon), true, noon.Unix()+100)
	}
	note(HostKind, "www.youtube.com", p.Address("example.fr", "www.youtube.com", "/", &Visitor{}), true, noon.Unix())
	note(HostKind, "www.google.com", p.Address("example.fr", "www.google.com", "/maps/embed", &Visitor{}), true, noon.Unix())
	note(HostKind, "www.google.com", p.Address("example.fr", "www.google.com", "/recaptcha/api.js", &Visitor{}), true, noon.Unix())
	note(HostKind, "unknown.test", p.Address("example.fr", "unknown.test", "/", everything), false, noon.Unix())
	note(StorageKind, "ttclid", p.Entry("ttclid"), true, noon.Unix())
	note(StorageKind, "draft_12345", p.Entry("draft_12345"), false, noon.Unix())
	i.Tag(noon.Unix())
	return i
}

func (i *Inventory) all() (all [kinds][]Sighting) {
	for kind := range kinds {
		all[kind] = i.Sightings(kind)
	}
	return all
}

func read(t testing.TB, text []byte) *Inventory {
	t.Helper()
	i, err := ReadInventory(text, catalogue.Default())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestInventoryOutlivesARestartAsItWas(t *testing.T) {
	p := site(t, Config{})
	before := seen(t, p)
	after := read(t, before.Save())
	if got, want := after.all(), before.all(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if !after.Tagged() || !reflect.DeepEqual(after.Services(), before.Services()) || len(after.Services()) != 6 {
		t.Errorf("tagged %t, services %v", after.Tagged(), after.Services())
	}
	after.Judge(p, "www.example.fr")
	if got, want := after.all(), before.all(); !reflect.DeepEqual(got, want) {
		t.Errorf("by the same rules\n%+v became\n%+v", want, got)
	}
}

func TestInventoryIsJudgedByTheRulesOfTodayNotByThoseOfTheFile(t *testing.T) {
	text := seen(t, site(t, Config{})).Save()
	p := site(t, Config{
		Purposes: []Purpose{{"letters", "Letters", "Letters."}},
		Cookies:  []Rule{{"_ga", "necessary"}, {"_hjSession_*", "letters"}, {"basket", "functional"}, {"draft_*", "functional"}},
		Hosts:    []Rule{{"unknown.test", "statistics"}, {"google.com", "necessary"}},
	})
	i := read(t, text)
	i.Judge(p, "www.youtube.com")
	got := map[string]string{}
	for _, sightings := range i.all() {
		for _, s := range sightings {
			got[s.Name] = s.Purpose
			if s.Service != nil {
				got[s.Name] += " by " + s.Service.ID
			}
		}
	}
	want := map[string]string{
		"_ga": "necessary", "_hjSession_*": "letters", "basket": "functional", "draft_*": "functional", "ttclid": "marketing by tiktok-pixel",
		"unknown.test": "statistics", "www.google.com": "necessary", "www.youtube.com": "necessary",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	if services := i.Services(); len(services) != 1 || services[0].ID != "tiktok-pixel" {
		t.Errorf("services %v", services)
	}
	older := site(t, Config{})
	newer := site(t, Config{})
	i.Judge(newer, "www.example.fr")
	first := i.all()
	i.Judge(p, "www.example.fr")
	i.Judge(older, "www.example.fr")
	if !reflect.DeepEqual(i.all(), first) || len(i.Services()) != 5 {
		t.Error("rules that were there before the latest were applied again")
	}
}

// TestPartsOfAHostAreOfSeveralServices: what one page takes from a host does not hide
// what another takes from it, until a rule says what the host is for.
func TestPartsOfAHostAreOfSeveralServices(t *testing.T) {
	p := site(t, Config{})
	var i Inventory
	note := func(p *Policy, path string) {
		d := p.Address("example.fr", "www.google.com", path, &Visitor{})
		i.Note(&Sight{Kind: HostKind, Name: "www.google.com", Decision: &d, Reliable: true})
	}
	want := func(when string, ids ...string) {
		t.Helper()
		var got []string
		for _, s := range i.Services() {
			got = append(got, s.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, ids) {
			t.Errorf("%s: services %q, want %q", when, got, ids)
		}
	}
	note(p, "/maps/embed")
	note(p, "/recaptcha/api.js")
	note(p, "/recaptcha/api.js")
	want("seen", "google-maps", "google-recaptcha")
	note(p, "/accounts") // of the whole host
	want("seen", "google-account-cookies", "google-maps", "google-recaptcha")
	if all := i.Sightings(HostKind); len(all) != 1 || all[0].Service.ID != "google-maps" || len(all[0].Also) != 2 {
		t.Errorf("%+v", all)
	}
	i.Save()
	for _, path := range []string{"/maps/embed", "/recaptcha/api.js", "/accounts"} {
		note(p, path)
	}
	if i.Unsaved(false) {
		t.Error("what is known was learnt again")
	}
	i.Judge(site(t, Config{}), "www.example.fr")
	want("judged", "google-account-cookies", "google-maps", "google-recaptcha")
	ruled := site(t, Config{Hosts: []Rule{{"www.google.com", "functional"}}})
	i.Judge(ruled, "www.example.fr")
	note(ruled, "/recaptcha/api.js")
	want("under a rule")
}

func TestServicesThatAreGoneFromTheCatalogueAreForgotten(t *testing.T) {
	text := seen(t, site(t, Config{})).Save()
	for _, field := range []string{`"service":"`, `"also":["`} {
		text = bytes.ReplaceAll(text, []byte(field), []byte(field+"gone-"))
	}
	i := read(t, text)
	for _, sightings := range i.all() {
		for _, s := range sightings {
			if s.Service != nil || s.Purpose != "" {
				t.Errorf("%+v", s)
			}
		}
	}
	if len(i.Services()) != 0 {
		t.Errorf("services %v", i.Services())
	}
}

// TestHostThatLosesAServiceKeepsTheOthers when a new catalogue does not know the
// first of them any more.
func TestHostThatLosesAServiceKeepsTheOthers(t *testing.T) {
	p := site(t, Config{})
	text := bytes.ReplaceAll(seen(t, p).Save(), []byte(`"service":"google-maps"`), []byte(`"service":"gone"`))
	i := read(t, text)
	i.Judge(p, "www.example.fr")
	for _, s := range i.Sightings(HostKind) {
		if s.Name == "www.google.com" && (s.Service == nil || s.Service.ID != "google-recaptcha" || s.Purpose != string(s.Service.Purpose) || len(s.Also) != 0) {
			t.Errorf("%+v", s)
		}
	}
	if len(i.Services()) != 5 {
		t.Errorf("services %v", i.Services())
	}
}

func TestInventoryThatIsDamagedIsRefused(t *testing.T) {
	whole := string(seen(t, site(t, Config{})).Save())
	for name, text := range map[string]string{
		"empty":           "",
		"half":            whole[:len(whole)/2],
		"another version": strings.Replace(whole, `"v":1`, `"v":2`, 1),
		"no version":      strings.Replace(whole, `"v":1`, `"w":1`, 1),
		"something else":  `[1, 2]`,
		"negative counts": strings.Replace(whole, `"counts":[`, `"counts":[-`, 1),
		"larger than any": whole + strings.Repeat(" ", maxSaved),
	} {
		if i, err := ReadInventory([]byte(text), catalogue.Default()); err == nil || i != nil {
			t.Errorf("%s: it was read", name)
		}
	}
}

func TestNamesThatNobodyCouldHaveNotedAreLeftOut(t *testing.T) {
	i := read(t, []byte(`{"v":1,"cookies":[{"name":"user-10032"},{"name":"long_`+strings.Repeat("a_", 40)+`"},{"name":"line\nbreak"},
		{"name":"first","first":-1},{"name":"asked","asked":1000000000000000000},{"name":"given","asked":1,"given":2},
		{"name":"good","first":7,"asked":2,"given":1,"purpose":"<b>"}]}`))
	if all := i.Sightings(CookieKind); len(all) != 1 || all[0].Name != "good" || all[0].Purpose != "" || all[0].Last.Unix() != 7 {
		t.Errorf("%+v", all)
	}
}

// TestWhatIsSavedCanAlwaysBeRead, however much there is of it.
func TestWhatIsSavedCanAlwaysBeRead(t *testing.T) {
	var i Inventory
	ids := site(t, Config{Purposes: []Purpose{{strings.Repeat("p", 32), "Name", "Text."}}}).Purposes()
	d := Decision{Purpose: &ids[len(ids)-1]}
	for kind := range kinds {
		for n := range 2 * maxNames {
			name := fmt.Sprintf("%s%c%c%c", strings.Repeat("<", maxName-5), 'a'+n%26, 'a'+n/26%26, 'a'+n/676)
			i.Note(&Sight{Kind: kind, Name: name, Decision: &d, Reliable: true, Now: 1 << 40, Set: true, Asked: 1 << 30, Given: 1 << 30})
		}
	}
	again := read(t, i.Save())
	for kind := range kinds {
		if got := len(again.Sightings(kind)); got != maxNames {
			t.Errorf("%d names of kind %d, want %d", got, kind, maxNames)
		}
	}
}

func TestInventoryKnowsWhatIsNotSaved(t *testing.T) {
	d := &Decision{}
	var i Inventory
	want := func(when string, learnt, counted bool) {
		t.Helper()
		if i.Unsaved(false) != learnt || i.Unsaved(true) != counted {
			t.Errorf("%s: learnt %t, counted %t", when, i.Unsaved(false), i.Unsaved(true))
		}
	}
	want("empty", false, false)
	i.Note(&Sight{Name: "basket", Decision: d})
	want("a new name", true, true)
	i.Save()
	want("saved", false, false)
	i.Note(&Sight{Name: "basket", Decision: d})
	want("a name again", false, true)
	i.Save()
	i.Note(&Sight{Name: "basket", Decision: d, Reliable: true})
	want("a name that the site sets", true, true)
	i.Save()
	i.Tag(noon.Unix())
	want("a tag", true, true)
	i.Save()
	i.Tag(noon.Add(time.Hour).Unix())
	want("a tag again", false, false)
	i.Tag(noon.Add(24 * time.Hour).Unix())
	want("a tag the next day", true, true)
	i.Save()
	i.Lost()
	want("lost", false, true)
}

func TestWhatIsNotMetForASeasonIsForgotten(t *testing.T) {
	var i Inventory
	p := site(t, Config{})
	granted := p.Cookie("_ga", "x", &Visitor{State: Accepted, Granted: p.All()}, noon)
	note := func(name string, now time.Time) {
		i.Note(&Sight{Name: name, Decision: &granted, Reliable: true, Now: now.Unix()})
	}
	note("_ga", noon)
	note("_gid", noon.Add(24*time.Hour))
	changes := i.Changes(CookieKind)
	if i.Forget(noon.Add(memory)) || len(i.Sightings(CookieKind)) != 2 || i.Changes(CookieKind) != changes {
		t.Error("something was forgotten too early")
	}
	if i.Forget(noon.Add(memory+time.Hour)) || len(i.Sightings(CookieKind)) != 1 || i.Changes(CookieKind) == changes {
		t.Errorf("%+v", i.Sightings(CookieKind))
	}
	if !i.Forget(noon.Add(2*memory)) || len(i.Sightings(CookieKind)) != 0 || len(i.Services()) != 0 {
		t.Error("it is not empty")
	}
	i.Tag(noon.Add(memory).Unix())
	if i.Forget(noon.Add(2*memory)) || !i.Tagged() {
		t.Error("an inventory that knows of tags is not empty")
	}
	if !i.Forget(noon.Add(2*memory+time.Hour)) || i.Tagged() {
		t.Error("tags are remembered for good: hosts that clients invented would be, too")
	}
}

func TestNoteOfANameSeenBeforeDoesNotAllocate(t *testing.T) {
	p := site(t, Config{})
	i, d := seen(t, p), p.Entry("ttclid")
	if n := testing.AllocsPerRun(100, func() {
		i.Judge(p, "www.example.fr")
		i.Note(&Sight{Kind: StorageKind, Name: "ttclid", Decision: &d, Reliable: true, Now: noon.Unix()})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzReadInventory(f *testing.F) {
	f.Add(seen(f, site(f, Config{})).Save())
	f.Add([]byte(`{"v":1,"storage":[{"name":"a b"},{"name":"","last":9000000000000000000},{"name":"\ud800"}]}`))
	f.Add([]byte(`{"v":1,"hosts":[{"name":"a","counts":[1,2,3,4]}],"hosts":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		i, err := ReadInventory(text, catalogue.Default())
		if err != nil {
			return
		}
		saved := i.Save()
		if again := read(t, saved).Save(); !bytes.Equal(again, saved) {
			t.Errorf("read %s\nthen %s", saved, again)
		}
		i.Judge(site(t, Config{}), "www.example.fr")
		i.Forget(noon)
	})
}
