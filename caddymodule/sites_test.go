package caddymodule

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// open is what Caddy makes of a directory at start, until the test ends it.
func open(t *testing.T, directory string) *shared {
	t.Helper()
	s, err := newShared(directory)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Destruct() })
	return s
}

func (s *sites) note(host, name string) {
	s.of(host).Note(&policy.Sight{Name: name, Decision: &policy.Decision{}, Now: now().Unix()})
}

// names are those of all cookies of a host.
func (s *sites) names(host string) (names []string) {
	for _, seen := range s.of(host).Sightings(policy.CookieKind) {
		names = append(names, seen.Name)
	}
	return names
}

func TestSitesAreSavedWhileCaddyRunsAndAtItsEnd(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	ctx, stop := context.WithCancel(t.Context())
	s.stop = stop
	s.stopped.Go(func() { s.remember(ctx) })
	s.sites.note("a.test", "basket")
	if err := s.Destruct(); err != nil {
		t.Fatal(err)
	}
	s = open(t, directory)
	if names := s.sites.names("a.test"); !slices.Equal(names, []string{"basket"}) {
		t.Errorf("%q", names)
	}
}

func TestWhatIsLearntIsSavedAtOnceAndCountsLater(t *testing.T) {
	clock := setClock(t, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	s := sites{all: make(map[string]*policy.Inventory)}
	s.note("a.test", "basket")
	s.note("b.test", "basket")
	hosts := func(counts bool) []string { return slices.Sorted(maps.Keys(s.unsaved(counts, now()))) }
	if got := hosts(false); !slices.Equal(got, []string{"a.test", "b.test"}) {
		t.Errorf("new names: %q", got)
	}
	s.note("a.test", "basket")
	if got := hosts(false); len(got) != 0 {
		t.Errorf("counts alone: %q", got)
	}
	changed := s.unsaved(true, now())
	if _, ok := changed["a.test"]; !ok || len(changed) != 1 {
		t.Errorf("counts in their turn: %q", changed)
	}
	s.lost(changed)
	if got := hosts(true); !slices.Equal(got, []string{"a.test"}) {
		t.Errorf("after a failure: %q", got)
	}
	clock.move(60 * day)
	s.note("b.test", "basket")
	clock.move(60 * day)
	if changed := s.unsaved(true, now()); changed["a.test"] != nil || len(changed) != 2 || len(s.all) != 1 {
		t.Errorf("after a season: %q, %d sites", changed, len(s.all))
	}
}

func TestSiteThatCannotBeReadIsSetAsideAndCollectedAnew(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	whole := new(policy.Inventory)
	whole.Note(&policy.Sight{Name: "basket", Decision: &policy.Decision{}, Now: now().Unix()})
	if err := s.local.SaveInventories(t.Context(), map[string][]byte{
		"whole.test": whole.Save(), "broken.test": []byte(`{"v":1,`), "newer.test": []byte(`{"v":99}`),
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Destruct(); err != nil {
		t.Fatal(err)
	}
	s = open(t, directory)
	if len(s.sites.all) != 1 || len(s.sites.names("whole.test")) != 1 {
		t.Errorf("%d sites were read", len(s.sites.all))
	}
	saved, err := s.local.Inventories(t.Context())
	if err != nil || len(saved) != 1 {
		t.Errorf("%q are still in their place, %v", saved, err)
	}
	s.sites.note("broken.test", "basket")
	s.save(false)
	if saved, err = s.local.Inventories(t.Context()); err != nil || len(saved) != 2 {
		t.Errorf("%q, %v", saved, err)
	}
}

func TestHostsThatClientsInventFillNeitherMemoryNorFile(t *testing.T) {
	s := sites{all: make(map[string]*policy.Inventory)}
	for n := range 2 * maxSites {
		s.note("host-"+strconv.Itoa(n)+".test", "basket")
	}
	s.note("", "basket")
	s.note(string(make([]byte, maxHost+1)), "basket")
	if saved := s.unsaved(true, now()); len(saved) != maxSites+1 || saved[otherSites] == nil || saved[""] != nil {
		t.Errorf("%d sites", len(saved))
	}
	if unreadable := s.load(map[string][]byte{"a.test": new(policy.Inventory).Save()}); len(unreadable) != 0 {
		t.Errorf("%q cannot be read", unreadable)
	}
}

// TestRulesThatAreNewHoldForWhatWasSeenBefore: who looks at the report after a
// reload finds what the owner has written since.
func TestRulesThatAreNewHoldForWhatWasSeenBefore(t *testing.T) {
	setClock(t, time.Now())
	s := newSite(t, &Gateway{})
	s.answer = sets("basket=1; Max-Age=999", "_ga=GA1.1.1.1; Max-Age=999")
	b := newBrowser(s, &clock{})
	b.visit()
	rules := policy.Config{Cookies: []policy.Rule{{Name: "basket", Purpose: "functional"}, {Name: "_ga", Purpose: "necessary"}}}
	var err error
	if s.policy, err = policy.New(rules, catalogue.Default()); err != nil {
		t.Fatal(err)
	}
	s.answer = sets()
	b.visit()
	for _, site := range s.app.shared.report().Sites {
		for _, c := range site.Cookies {
			if want := map[string]string{"basket": "functional", "_ga": "necessary"}[c.Name]; c.Purpose != want {
				t.Errorf("%s is for %q, want %q", c.Name, c.Purpose, want)
			}
		}
		if lines := site.rules(); len(site.Cookies) != 2 || len(lines) != 0 {
			t.Errorf("%+v, and proposed is %q", site.Cookies, lines)
		}
	}
}
