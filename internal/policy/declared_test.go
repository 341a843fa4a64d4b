package policy

import (
	"reflect"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
)

// TestVisitorsAreToldOfTheSitesOwnStorageInTheOwnersWords, where it was seen by who
// can be believed.
func TestVisitorsAreToldOfTheSitesOwnStorageInTheOwnersWords(t *testing.T) {
	rules := []Rule{{"basket_*", "functional"}, {"sid", "necessary"}, {"b*", "statistics"}, {"draft*", "functional"}, {"never", "functional"}, {"ghost", "functional"}}
	p := site(t, Config{Cookies: rules})
	var i Inventory
	note := func(kind Kind, name string, reliable, set bool, given int64) {
		d := p.Entry(name)
		i.Note(&Sight{Kind: kind, Name: name, Decision: &d, Reliable: reliable, Set: set, Asked: 2 * given, Given: given})
	}
	note(CookieKind, "basket_this_site_is_evil", false, false, 0)
	if got := p.Declared(&i); len(got) != 0 {
		t.Errorf("on a stranger's word: %+v", got)
	}
	note(CookieKind, "basket_one", true, true, 60)
	note(CookieKind, "basket_two", true, true, 3600)
	note(CookieKind, "sid", true, true, 0)
	note(CookieKind, "bonus", true, false, 0)
	note(CookieKind, "ghost", false, false, 0)
	note(CookieKind, "riddle", true, true, 60)
	note(CookieKind, "hearsay", true, false, 0)
	note(CookieKind, "_ga", true, true, 60)
	note(StorageKind, "draft_1", true, false, 0)
	want := []Declared{
		{rules[0], false, time.Hour}, {rules[1], false, 0}, {rules[2], false, cookie.Term}, {rules[3], true, cookie.Term},
	}
	if got := p.Declared(&i); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if got := i.Undescribed(); len(got) != 1 || got[0].Name != "riddle" || got[0].Lifetime() != time.Minute {
		t.Errorf("undescribed are %+v", got)
	}
}
