package caddymodule

import "testing"

// TestRecipientIsShownWithWhatIsKnownOfHisServices.
func TestRecipientIsShownWithWhatIsKnownOfHisServices(t *testing.T) {
	for _, r := range []Recipient{{Name: "youtube"}, {Name: "google", Services: []string{"youtube", "google-maps"}}} {
		if shown := r.completed(); shown.Entity != "Google Ireland Limited" || shown.Country != "IE" || shown.Parent != "US" {
			t.Errorf("%+v", shown)
		}
	}
	own := Recipient{Name: "a", Entity: "A SAS", Country: "FR", Hosts: []string{"a.example.com"}}
	if shown := own.completed(); shown.Entity != own.Entity || shown.Country != own.Country || shown.Parent != "" {
		t.Errorf("%+v", shown)
	}
}
