package consent

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// hosts invents n hosts, each of a length in bytes.
func hosts(n, length int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%0*d.x", length-2, i)
	}
	return all
}

func grant(t testing.TB, before Record, g Grant, p *policy.Policy) Record {
	t.Helper()
	r, err := Choose(before, g, p, noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSingleServicesAreKeptUntilTheyAreRefused(t *testing.T) {
	p := site(t, policy.Config{})
	first := grant(t, Record{}, Grant{Services: []string{"youtube", "cdn.test", "youtube"}}, p)
	if want := []string{"cdn.test", "youtube"}; !slices.Equal(first.Services, want) || first.All || len(first.Purposes) != 0 {
		t.Fatalf("services %q, want %q", first.Services, want)
	}
	if v := first.Visitor(p, noon); v.State != policy.Partial || v.Granted != 0 || !slices.Equal(v.Services, first.Services) {
		t.Errorf("the record stands for %v with %q", v.State, v.Services)
	}
	tests := []struct {
		name     string
		grant    Grant
		state    policy.State
		services []string
	}{
		{"removed", Grant{Services: []string{"youtube"}}, policy.Partial, []string{"youtube"}},
		{"beside a purpose", Grant{Purposes: []string{"statistics"}, Services: first.Services}, policy.Partial, first.Services},
		{"refused", Grant{}, policy.Declined, nil},
		{"everything accepted", Grant{Purposes: p.IDs(p.All()), Services: first.Services}, policy.Accepted, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := grant(t, first, tt.grant, p)
			v := r.Visitor(p, noon)
			if v.State != tt.state || !slices.Equal(r.Services, tt.services) || !slices.Equal(v.Services, tt.services) {
				t.Errorf("%v with %q, want %v with %q", v.State, v.Services, tt.state, tt.services)
			}
			if !r.Until.Equal(first.Until) || r.ID != first.ID || !r.Given.Equal(first.Given) {
				t.Error("the edit moved the term or changed the identity")
			}
		})
	}
	if v := first.Visitor(p, first.Until); v.State != policy.Ended || v.Services != nil {
		t.Errorf("after the term: %v with %q", v.State, v.Services)
	}
	if v := first.Visitor(site(t, policy.Config{Revision: "2"}), noon); v.State != policy.None || v.Services != nil {
		t.Errorf("under another policy: %v with %q", v.State, v.Services)
	}
}

func TestChoiceDoesNotChangeTheListItWasGiven(t *testing.T) {
	given := []string{"youtube", "cdn.test", "youtube"}
	grant(t, Record{}, Grant{Services: given}, site(t, policy.Config{}))
	if want := []string{"youtube", "cdn.test", "youtube"}; !slices.Equal(given, want) {
		t.Errorf("the list became %q", given)
	}
}

func TestMoreSingleServicesThanFitAreRefusedAndFewerNever(t *testing.T) {
	p := site(t, policy.Config{})
	for _, length := range []int{5, 12, 60, 253} {
		kept, n := Record{}, 0
		for _, host := range hosts(400, length) {
			r, err := Choose(kept, Grant{Services: append(slices.Clone(kept.Services), host)}, p, noon)
			if errors.Is(err, ErrTooMany) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			kept, n = r, n+1
		}
		if n == 0 || n == 400 || n != len(kept.Services) {
			t.Fatalf("%d hosts of %d bytes fit", n, length)
		}
		if r := grant(t, kept, Grant{Services: kept.Services[1:]}, p); len(r.Services) != n-1 {
			t.Errorf("of %d hosts none can be removed", n)
		}
		if r := grant(t, kept, Grant{}, p); r.Services != nil {
			t.Errorf("%d hosts cannot be refused", n)
		}
	}
	if r := grant(t, Record{}, Grant{Purposes: p.IDs(p.All()), Services: hosts(400, 60)}, p); !r.All {
		t.Error("who accepts everything has too many services")
	}
}

func TestTokenCarriesSingleServices(t *testing.T) {
	p := site(t, policy.Config{})
	k, _ := ring(t, noon.Add(-day))
	reader := NewReader()
	reader.Use(k)
	want := []string{"cdn.test", "google-maps", "youtube"}
	token := sign(t, k, grant(t, Record{}, Grant{Purposes: []string{"statistics"}, Services: want}, p))
	for _, pass := range []string{"read", "remembered"} {
		v, record := reader.Read(token, p, noon)
		if v == nil || v.State != policy.Partial || !slices.Equal(v.Services, want) || !slices.Equal(record.Services, want) {
			t.Fatalf("%s: %+v", pass, v)
		}
		if want := `partial; purposes="necessary statistics"; services="cdn.test google-maps youtube"`; v.Header != want {
			t.Errorf("%s: the origin is told %s", pass, v.Header)
		}
	}
	record, err := k.Verify(token, noon)
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := reader.Read(sign(t, k, grant(t, record, Grant{}, p)), p, noon); v == nil || v.State != policy.Declined || v.Services != nil {
		t.Errorf("after a refusal: %+v", v)
	}
	if v, _ := reader.Read(token, p, record.Until); v == nil || v.State != policy.Ended || v.Services != nil {
		t.Errorf("after the term: %+v", v)
	}
}

// payload is what a token says.
func payload(t testing.TB, token string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestServicesAddedToATokenAreNotBelieved(t *testing.T) {
	p := site(t, policy.Config{})
	k, _ := ring(t, noon.Add(-day))
	token := sign(t, k, grant(t, Record{}, Grant{Services: []string{"youtube"}}, p))
	parts := strings.Split(token, ".")
	for _, claim := range []string{`"svc":["youtube","vimeo"]`, `"svc":["vimeo"]`, `"svc":[]`, `"svc":["youtube"],"all":true`} {
		changed := strings.Replace(payload(t, token), `"svc":["youtube"]`, claim, 1)
		if changed == payload(t, token) {
			t.Fatalf("the token does not say which services: %s", changed)
		}
		parts[1] = base64.RawURLEncoding.EncodeToString([]byte(changed))
		if r, err := k.Verify(strings.Join(parts, "."), noon); err == nil {
			t.Errorf("%s is believed: %q", claim, r.Services)
		}
	}
	large := grant(t, Record{}, Grant{Services: []string{"youtube"}}, p)
	large.Services = hosts(400, 12)
	if _, err := k.Verify(sign(t, k, large), noon); err == nil {
		t.Errorf("a token with %d services is read", len(large.Services))
	}
}

func TestTokenOfATimeBeforeSingleServicesIsStillRead(t *testing.T) {
	p := site(t, policy.Config{})
	k, keys := ring(t, noon.Add(-day))
	r := choose(t, Record{}, []string{"marketing"}, p, noon)
	t.Run("the same bytes are written for it today", func(t *testing.T) {
		if text := payload(t, sign(t, k, r)); strings.Contains(text, "svc") {
			t.Errorf("a record without services says %s", text)
		}
	})
	old := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"v": 1, "iat": r.First.Unix(), "exp": r.Until.Unix(), "giv": r.Given.Unix(), "jti": r.ID, "pur": r.Purposes, "pol": r.Policy,
	})
	old.Header["kid"] = keys[0].ID
	token, err := old.SignedString(keys[0].Secret)
	if err != nil {
		t.Fatal(err)
	}
	reader := NewReader()
	reader.Use(k)
	v, record := reader.Read(token, p, noon)
	if v == nil || v.State != policy.Partial || v.Services != nil || !slices.Equal(record.Purposes, r.Purposes) {
		t.Fatalf("it stands for %+v", v)
	}
	if after := grant(t, *record, Grant{Purposes: record.Purposes, Services: []string{"youtube"}}, p); after.ID != r.ID || len(after.Services) != 1 {
		t.Errorf("one service more makes %+v", after)
	}
}

func TestTokenWithAllBoundsReachedTogetherIsStillRead(t *testing.T) {
	var own []policy.Purpose
	for i := range 60 {
		own = append(own, policy.Purpose{ID: fmt.Sprintf("p%031d", i), Name: "N", Description: "D"})
	}
	p := site(t, policy.Config{Purposes: own})
	k, _ := ring(t, noon.Add(-day))
	purposes := p.IDs(p.All())
	purposes = slices.Delete(purposes, 1, 2) // all but "functional", or the record would only say "all"
	for _, length := range []int{5, 8, 12, 60, 253} {
		var most Record
		for n := 1; ; n++ {
			r, err := Choose(Record{}, Grant{Purposes: purposes, Services: hosts(n, length)}, p, noon)
			if errors.Is(err, ErrTooMany) {
				break
			}
			if err != nil || n > 400 {
				t.Fatalf("%d services: %v", n, err)
			}
			most = r
		}
		token := sign(t, k, most)
		read, err := k.Verify(token, noon)
		if err != nil || !slices.Equal(read.Services, most.Services) || !slices.Equal(read.Purposes, most.Purposes) {
			t.Errorf("%d purposes and %d services of %d bytes: a token of %d bytes: %v", len(most.Purposes), len(most.Services), length, len(token), err)
		}
	}
}

func TestReceiptNamesTheSingleServices(t *testing.T) {
	p := site(t, policy.Config{})
	one := grant(t, Record{}, Grant{Purposes: []string{"statistics"}, Services: []string{"youtube", "cdn.test"}}, p)
	tests := []struct {
		name   string
		record Record
		want   string
	}{
		{"two", one, `["cdn.test","youtube"]`},
		{"withdrawn", grant(t, one, Grant{}, p), `[]`},
		{"all accepted", grant(t, one, Grant{Purposes: p.IDs(p.All())}, p), `[]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			receipt, err := NewReceipt(tt.record, policy.None, p, Controller{Country: "FR"}, Notice{}, noon)
			if err != nil {
				t.Fatal(err)
			}
			var body struct {
				Evidence struct {
					Services json.RawMessage `json:"single_services"`
				} `json:"privacy:evidence"`
			}
			if err := json.Unmarshal(receipt.Body, &body); err != nil {
				t.Fatal(err)
			}
			if got := string(body.Evidence.Services); got != tt.want {
				t.Errorf("single services %s, want %s", got, tt.want)
			}
		})
	}
}

func TestWithdrawingTheLastSingleServiceIsProvedAsAWithdrawal(t *testing.T) {
	p := site(t, policy.Config{})
	one := grant(t, Record{}, Grant{Services: []string{"youtube"}}, p)
	none := grant(t, one, Grant{}, p)
	before := one.Visitor(p, noon).State
	receipt, err := NewReceipt(none, before, p, Controller{}, Notice{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(receipt.Body), "dpv:ConsentWithdrawn") {
		t.Errorf("from %v: %s", before, receipt.Body)
	}
}
