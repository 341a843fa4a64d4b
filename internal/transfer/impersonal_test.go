package transfer

import "testing"

// TestPublicFilesMayBeFetchedAnywhere, since nothing about anybody is sent; unless the
// owner has declared who answers there.
func TestPublicFilesMayBeFetchedAnywhere(t *testing.T) {
	s := newStreet(t, Config{Recipients: []Recipient{recipient("foreign", "US", "foreign.test")}})
	s.names.set("library.test", "127.0.0.3")
	conn, err := s.dial(DialerOptions{Impersonal: true}, "library.test")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	s.visited("127.0.0.3")
	s.names.set("foreign.test", "127.0.0.3")
	_, err = s.dial(DialerOptions{Impersonal: true}, "foreign.test")
	if refused := refusal(t, err); refused.Decision.Reason != RecipientOutside {
		t.Errorf("%+v", refused)
	}
	s.visited()
}
