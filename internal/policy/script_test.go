package policy

import (
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

func TestGuardIsToldOfAllStorages(t *testing.T) {
	tests := []struct {
		name    string
		config  Config
		visitor Visitor
		want    map[string]Action
	}{
		{"no choice", Config{}, Visitor{}, map[string]Action{
			"_uetmsdns": Drop, "OB-USER-TOKEN": Drop, "rc::b": Drop, "ONE_SIGNAL_SDK_DB": Drop, "yt-remote-cast": Drop,
			"mage-cache-storage": Allow, "theme": Session,
		}},
		{"ended", Config{}, Visitor{State: Ended}, map[string]Action{
			"_uetmsdns": Drop, "rc::b": Drop, "theme": Session,
		}},
		{"functional", Config{}, Visitor{State: Partial, Granted: 1 << functional}, map[string]Action{
			"_uetmsdns": Drop, "rc::a": Allow, "rc::b": Session, "theme": Session,
		}},
		{"one service alone", Config{}, Visitor{State: Partial, Services: []string{"microsoft-uet"}}, map[string]Action{
			"_uetmsdns": Allow, "_uetvid": Allow, "OB-USER-TOKEN": Drop,
		}},
		{"all", Config{}, Visitor{State: Accepted, Granted: 1<<maxBuiltin - 1}, map[string]Action{
			"_uetmsdns": Allow, "rc::b": Allow, "theme": Allow,
		}},
		{"the owner's rule", Config{Cookies: []Rule{{"_uet*", "necessary"}, {"theme", "functional"}}}, Visitor{}, map[string]Action{
			"_uetmsdns": Allow, "theme": Drop,
		}},
		{"unknown blocked", Config{Unknown: BlockUnknown}, Visitor{}, map[string]Action{
			"theme": Drop, "wc_fragments_1": Allow,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := site(t, tt.config)
			s := p.Script(p.Standing(&tt.visitor))
			for name, want := range tt.want {
				if got := s.action(name); got != want {
					t.Errorf("%s: the guard is told to %v, want %v", name, got, want)
				}
			}
		})
	}
}

// maxBuiltin is the number of built-in purposes.
const maxBuiltin = int(marketing) + 1

func TestNothingOfARefusedServiceIsLeftToTheRuleForUnknownThings(t *testing.T) {
	p := site(t, Config{})
	s := p.Script(p.Standing(&Visitor{}))
	for _, service := range catalogue.Default().Services() {
		for i := range service.Cookies {
			c := &service.Cookies[i]
			if c.Storage != catalogue.InCookie && !c.ThirdParty && service.Purpose != catalogue.Necessary && s.action(c.Name) != Drop {
				t.Errorf("%s of %s may be stored in %s", c, service.ID, c.Storage)
			}
		}
	}
}

func TestGuardIsToldThePurposesGranted(t *testing.T) {
	p := site(t, Config{Purposes: []Purpose{{ID: "letter", Name: "Letter", Description: "By post."}}})
	got := p.Script(p.Standing(&Visitor{State: Partial, Granted: 1<<statistics | 1<<(marketing+1)})).Granted
	if want := "necessary statistics letter"; join(got) != want {
		t.Errorf("granted %v, want %s", got, want)
	}
}

// TestEntryIsWhatTheGuardTakesItFor: what the guard keeps from a visitor is in the
// report under a purpose that he refused, and under a name that is known.
func TestEntryIsWhatTheGuardTakesItFor(t *testing.T) {
	p := site(t, Config{Cookies: []Rule{{"_fbp", "necessary"}, {"draft_*", "functional"}}})
	script := p.Script(p.Standing(&Visitor{State: Declined}))
	names := []string{"_fbp", "_ga", "draft_", "draft_1", "basket", "ttclid", "yt-remote-device-id", "mage-cache-storage", ""}
	for _, s := range catalogue.Default().Services() {
		for i := range s.Cookies {
			if c := &s.Cookies[i]; c.Storage != catalogue.InCookie && c.Match != catalogue.Pattern {
				names = append(names, c.Name)
			}
		}
	}
	for _, name := range names {
		d := p.Entry(name)
		if refused := d.Purpose != nil && d.Reason == Granted; refused != (script.action(name) == Drop) {
			t.Errorf("%s: the guard would %v it, and it is %+v", name, script.action(name), d)
		}
		if d.Action != Allow || (d.Purpose == nil) != (d.Reason == Unrecognised) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
