package policy

import (
	"regexp"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
)

func TestHeaderTellsStatePurposesAndSingleServices(t *testing.T) {
	p := site(t, Config{})
	tests := []struct {
		visitor Visitor
		want    string
	}{
		{Visitor{}, `none; purposes="necessary"`},
		{Visitor{State: Declined}, `refused; purposes="necessary"`},
		{Visitor{State: Ended}, `ended; purposes="necessary"`},
		{Visitor{State: Accepted, Granted: p.All()}, `accepted; purposes="necessary functional statistics marketing"`},
		{Visitor{State: Partial, Granted: 1 << statistics}, `partial; purposes="necessary statistics"`},
		{alone("youtube"), `partial; purposes="necessary"; services="youtube"`},
		{Visitor{State: Partial, Granted: 1 << functional, Services: []string{"cdn.test", "youtube"}}, `partial; purposes="necessary functional"; services="cdn.test youtube"`},
	}
	for _, tt := range tests {
		if got := p.Header(&tt.visitor); got != tt.want {
			t.Errorf("%s: %s, want %s", describe(&tt.visitor), got, tt.want)
		}
	}
}

func TestHeaderIsAStructuredFieldWhateverServiceIsGranted(t *testing.T) {
	// A token with two parameters that are strings (RFC 9651 sections 3.3.3 and 3.3.4),
	// of which none needs an escape.
	item := regexp.MustCompile(`^[a-z]+; purposes="[a-z0-9_ ]+"; services="[ !#-\[\]-~]+"$`)
	p := site(t, Config{})
	for _, s := range catalogue.Default().Services() {
		v := alone("cdn.test", s.ID)
		if got := p.Header(&v); !item.MatchString(got) {
			t.Errorf("%s: %s", s.ID, got)
		}
	}
}

func TestOneMoreServiceExceedsWhatWasGrantedBefore(t *testing.T) {
	tests := []struct {
		name          string
		before, after Visitor
		want          bool
	}{
		{"first", Visitor{}, alone("youtube"), true},
		{"one more", alone("youtube"), alone("vimeo", "youtube"), true},
		{"another", alone("youtube"), alone("vimeo"), true},
		{"same", alone("youtube"), alone("youtube"), false},
		{"one less", alone("vimeo", "youtube"), alone("youtube"), false},
		{"none", alone("youtube"), Visitor{State: Declined}, false},
	}
	for _, tt := range tests {
		if got := tt.after.Exceeds(&tt.before); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
