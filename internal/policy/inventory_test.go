package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestReportsAddNoServiceToAHostThatTheSiteNames: anybody may say that he was kept
// from another part of it, before a page names it or after.
func TestReportsAddNoServiceToAHostThatTheSiteNames(t *testing.T) {
	p := site(t, Config{})
	maps := p.Address("example.fr", "www.google.com", "/maps/embed", &Visitor{})
	reported := p.Address("example.fr", "www.google.com", "/recaptcha/api.js", &Visitor{})
	for name, first := range map[string]bool{"before a page": false, "after a page": true} {
		var i Inventory
		for _, reliable := range []bool{first, !first, false} {
			d := &reported
			if reliable {
				d = &maps
			}
			i.Note(&Sight{Kind: HostKind, Name: "www.google.com", Decision: d, Reliable: reliable})
		}
		if services := i.Services(); len(services) != 1 || services[0] != maps.Service {
			t.Errorf("%s: services %v", name, services)
		}
		if i.Save(); first {
			i.Note(&Sight{Kind: HostKind, Name: "www.google.com", Decision: &reported})
			if i.Unsaved(false) {
				t.Errorf("%s: a report made work for the store", name)
			}
		}
	}
}

// TestWhoAgreedToEverythingHidesNothingThatTheSiteSets, whatever names he invents.
func TestWhoAgreedToEverythingHidesNothingThatTheSiteSets(t *testing.T) {
	p := site(t, Config{})
	everything := &Visitor{State: Accepted, Granted: p.All()}
	var i Inventory
	for n := range 2 * maxNames {
		name := fmt.Sprintf("_ga_%c%c%c", 'a'+n%26, 'a'+n/26%26, 'a'+n/676)
		granted, entry := p.Cookie(name, "", everything, noon), p.Entry(name)
		i.Note(&Sight{Name: name, Decision: &granted, Reliable: true})
		i.Note(&Sight{Kind: StorageKind, Name: name, Decision: &entry, Reliable: true})
	}
	for _, kind := range []Kind{CookieKind, StorageKind} {
		if got := len(i.Sightings(kind)); got > maxNames/2 {
			t.Errorf("a client filled %d names of kind %d, at most %d wanted", got, kind, maxNames/2)
		}
	}
	if _, fresh := i.Note(&Sight{Name: "set_by_the_site", Decision: &Decision{}, Reliable: true, Set: true}); !fresh {
		t.Error("names that a client invented hide one that the site sets")
	}
}

func TestAddressesAndNumbersInPartsAreCut(t *testing.T) {
	for name, want := range map[string]string{
		"at_81.56.7.8": "at_81.56.*", "call_06-12-34-56-78": "call_06-12-*", "from_2a01:cb1c:82d3::1": "from_2a01:cb1c:*",
		"v1.2.3_a4": "v1.2.3_a4",
	} {
		var i Inventory
		if kept, _ := i.Note(&Sight{Kind: StorageKind, Name: name, Decision: &Decision{}}); kept != want {
			t.Errorf("%s is kept as %s, want %s", name, kept, want)
		}
	}
}

// TestInventoryWithoutNamesIsNothingToSave: clients can make many, by inventing hosts.
func TestInventoryWithoutNamesIsNothingToSave(t *testing.T) {
	var i Inventory
	i.Judge(site(t, Config{}), "invented.example")
	if i.Unsaved(true) {
		t.Error("it is to be saved")
	}
}

func TestNothingIsKeptOfAnAddressOfMailHoweverItIsWritten(t *testing.T) {
	for _, name := range []string{"mail_jean@example.fr", "mail_jean%40example.fr", "draft:jean.dupont%40example.fr"} {
		var i Inventory
		if kept, _ := i.Note(&Sight{Kind: StorageKind, Name: name, Decision: &Decision{}}); kept != "*" {
			t.Errorf("%s is kept as %s", name, kept)
		}
	}
}

// TestInventoryMayBeUsedByManyAtOnce, and whatever comes of it can be saved and read
// again.
func TestInventoryMayBeUsedByManyAtOnce(t *testing.T) {
	p := site(t, Config{})
	i := seen(t, p)
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for m := range int64(300) {
				d := p.Cookie("_ga", "", &Visitor{State: Accepted, Granted: p.All()}, noon)
				given := (m*7 + int64(n)*13) % 97
				i.Note(&Sight{Name: strings.Repeat("x", int(m%20)+1), Decision: &d, Reliable: n%2 == 0, Now: noon.Unix() + m, Set: n%2 == 0, Asked: given, Given: given})
			}
		})
		all.Go(func() {
			for range 20 {
				i.Judge(site(t, Config{Cookies: []Rule{{"x*", "functional"}}}), "www.example.fr")
				read(t, i.Save())
				p.Declared(i)
				i.Undescribed()
				i.Forget(noon)
			}
		})
	}
	all.Wait()
	again := read(t, i.Save())
	if got, want := again.all(), i.all(); len(got[CookieKind]) != len(want[CookieKind]) || len(want[CookieKind]) < 20 {
		t.Errorf("%d names were saved, %d read", len(want[CookieKind]), len(got[CookieKind]))
	}
	if !slices.Equal(again.Services(), i.Services()) {
		t.Errorf("services %v became %v", i.Services(), again.Services())
	}
}
