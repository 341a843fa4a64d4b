package consent

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

const day = 24 * time.Hour

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func site(t testing.TB, c policy.Config) *policy.Policy {
	t.Helper()
	p, err := policy.New(c, catalogue.Default())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ring(t testing.TB, created ...time.Time) (*Keyring, []store.Key) {
	t.Helper()
	var keys []store.Key
	for _, c := range created {
		key, err := NewKey(c)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return NewKeyring(keys, noon.Add(settling)), keys
}

func choose(t testing.TB, before Record, granted []string, p *policy.Policy, now time.Time) Record {
	t.Helper()
	r, err := Choose(before, Grant{Purposes: granted}, p, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sign(t testing.TB, k *Keyring, r Record) string {
	t.Helper()
	token, err := k.Sign(r)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestNothingOutlivesThirteenMonthsAfterTheFirstDeposit(t *testing.T) {
	p := site(t, policy.Config{})
	starts := map[string]time.Time{
		"ordinary day": noon, "31 January": time.Date(2027, 1, 31, 23, 59, 59, 0, time.UTC),
		"29 February": time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), "31 August": time.Date(2027, 8, 31, 6, 0, 0, 0, time.UTC),
	}
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			r := choose(t, Record{}, []string{"statistics"}, p, start)
			end := start.Add(cookie.Term)
			if !r.Until.Equal(end) {
				t.Fatalf("the choice ends %v, want %v", r.Until, end)
			}
			if limit := start.AddDate(1, 1, 0); start.Day() < 29 && r.Until.After(limit) {
				t.Fatalf("the choice ends %v, thirteen months are over %v", r.Until, limit)
			}
			for _, days := range []int{0, 30, 200, 392} {
				at := start.Add(time.Duration(days) * day)
				if v := r.Visitor(p, at); v.State != policy.Partial || v.Until != end.Unix() {
					t.Errorf("day %d: %v until %d", days, v.State, v.Until)
				}
				edited := choose(t, r, []string{"statistics", "marketing"}, p, at)
				if !edited.Until.Equal(end) || !edited.First.Equal(r.First) || !edited.Given.Equal(r.Given) || edited.ID != r.ID {
					t.Errorf("day %d: editing moved the term to %v", days, edited.Until)
				}
				again := choose(t, choose(t, r, nil, p, at), []string{"statistics"}, p, at)
				if !again.Until.Equal(end) {
					t.Errorf("day %d: withdrawing and accepting again moved the end to %v", days, again.Until)
				}
			}
			for _, days := range []int{393, 394, 456} {
				at := start.Add(time.Duration(days) * day)
				if v := r.Visitor(p, at); v.State != policy.Ended || v.Granted != 0 {
					t.Errorf("day %d: %v with %b granted, want an ended term", days, v.State, v.Granted)
				}
				renewed := choose(t, r, nil, p, at)
				if !renewed.First.Equal(at.Truncate(time.Second)) {
					t.Errorf("day %d: a new choice did not begin a new term", days)
				}
			}
		})
	}
}

func TestNecessaryDepositBeginsTheTermThatALaterChoiceKeeps(t *testing.T) {
	p := site(t, policy.Config{})
	r := Begin(p, noon)
	if v := r.Visitor(p, noon); v.State != policy.None || v.Until == 0 {
		t.Errorf("a term without a choice stands for %v", v.State)
	}
	r = choose(t, r, nil, p, noon.Add(300*day))
	if want := noon.Add(cookie.Term); !r.Until.Equal(want) {
		t.Errorf("a choice on day 300 ends %v, want %v", r.Until, want)
	}
}

func TestShorterConsentLifetimeEndsTheTermEarlier(t *testing.T) {
	p := site(t, policy.Config{Lifetime: 182 * day})
	r := choose(t, Record{}, nil, p, noon)
	if want := noon.Add(182 * day); !r.Until.Equal(want) {
		t.Errorf("the choice ends %v, want %v", r.Until, want)
	}
}

func TestChoiceUnderAnotherPolicyIsNoChoiceButKeepsItsTerm(t *testing.T) {
	before, after := site(t, policy.Config{}), site(t, policy.Config{Revision: "2"})
	r := choose(t, Record{}, []string{"marketing"}, before, noon)
	v := r.Visitor(after, noon.Add(day))
	if v.State != policy.None || v.Granted != 0 || v.First != noon.Unix() {
		t.Errorf("the old choice stands for %v with %b granted since %d", v.State, v.Granted, v.First)
	}
	renewed := choose(t, r, nil, after, noon.Add(day))
	if !renewed.First.Equal(r.First) || renewed.Until.After(r.First.Add(cookie.Term)) {
		t.Errorf("a new policy extended the term to %v", renewed.Until)
	}
}

func TestUntrustworthyTokensAreNoChoice(t *testing.T) {
	p := site(t, policy.Config{})
	k, keys := ring(t, noon.Add(-day))
	other, _ := ring(t, noon.Add(-day))
	good := choose(t, Record{}, []string{"marketing"}, p, noon)
	token := sign(t, k, good)
	parts := strings.Split(token, ".")
	raw := func(header, payload string, method jwt.SigningMethod, key any) string {
		text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
		signature, err := method.Sign(text, key)
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	kid := keys[0].ID
	dated := func(first, until time.Time) string { r := good; r.First, r.Until = first, until; return sign(t, k, r) }
	wide := good
	wide.Purposes = []string{strings.Repeat("x", 4000)}
	tests := map[string]string{
		"empty":                "",
		"garbage":              "%%%",
		"truncated":            token[:len(token)-3],
		"payload changed":      parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), "marketing", "statistics", 1))) + "." + parts[2],
		"signature removed":    parts[0] + "." + parts[1] + ".",
		"algorithm none":       raw(`{"alg":"none","kid":"`+kid+`"}`, string(payload), jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"algorithm HS512":      raw(`{"alg":"HS512","kid":"`+kid+`"}`, string(payload), jwt.SigningMethodHS512, keys[0].Secret),
		"key of another":       sign(t, other, good),
		"no key named":         raw(`{"alg":"HS256"}`, string(payload), jwt.SigningMethodHS256, keys[0].Secret),
		"key name no string":   raw(`{"alg":"HS256","kid":7}`, string(payload), jwt.SigningMethodHS256, keys[0].Secret),
		"another version":      raw(`{"alg":"HS256","kid":"`+kid+`"}`, strings.Replace(string(payload), `"v":1`, `"v":2`, 1), jwt.SigningMethodHS256, keys[0].Secret),
		"claims of a type":     raw(`{"alg":"HS256","kid":"`+kid+`"}`, `{"v":"1"}`, jwt.SigningMethodHS256, keys[0].Secret),
		"no dates":             raw(`{"alg":"HS256","kid":"`+kid+`"}`, `{"v":1}`, jwt.SigningMethodHS256, keys[0].Secret),
		"far future":           dated(noon.Add(2*day), noon.Add(2*day+cookie.Term)),
		"choice in the future": func() string { r := good; r.Given = noon.Add(2 * day); return sign(t, k, r) }(),
		"longer than a term":   dated(noon, noon.Add(cookie.Term+time.Second)),
		"ends before it was":   dated(noon, noon.Add(-time.Hour)),
		"oversized":            sign(t, k, wide),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			reader := NewReader()
			reader.Use(k)
			if v, _ := reader.Read(token, p, noon); v != nil {
				t.Errorf("it stands for %v with %b granted", v.State, v.Granted)
			}
		})
	}
	t.Run("no key at all", func(t *testing.T) {
		if v, _ := NewReader().Read(token, p, noon); v != nil {
			t.Error("a reader without keys trusted a token")
		}
	})
}

func TestClockSetBackNeitherForgetsNorExtends(t *testing.T) {
	p := site(t, policy.Config{})
	k, _ := ring(t, noon.Add(-day))
	reader := NewReader()
	reader.Use(k)
	token := sign(t, k, choose(t, Record{}, []string{"marketing"}, p, noon))
	back := noon.Add(-6 * time.Hour)
	v, record := reader.Read(token, p, back)
	if v == nil || v.State != policy.Partial {
		t.Fatalf("six hours back the choice is forgotten")
	}
	if record.Until.After(back.Add(cookie.Term)) {
		t.Errorf("the term ends %v, more than thirteen months from now", record.Until)
	}
}

func TestKeyVerifiesAsLongAsARecordItSignedCanLast(t *testing.T) {
	p := site(t, policy.Config{})
	_, keys := ring(t, noon, noon.Add(KeyLife), noon.Add(2*KeyLife), noon.Add(3*KeyLife))
	signed := noon.Add(KeyLife - time.Hour) // the last moment of the first key
	r := choose(t, Record{}, []string{"marketing"}, p, signed)
	token := sign(t, NewKeyring(keys[:1], signed), r)
	for _, at := range []time.Duration{0, 30 * day, 200 * day, cookie.Term - time.Second} {
		reader := NewReader()
		reader.Use(NewKeyring(keys, signed.Add(at)))
		if v, _ := reader.Read(token, p, signed.Add(at)); v == nil || v.State != policy.Partial {
			t.Errorf("%v after the choice its key is gone", at)
		}
	}
	retired := NewKeyring(keys, noon.Add(3*KeyLife)).Retired(keys)
	if len(retired) != 1 || retired[0].ID != keys[0].ID {
		t.Errorf("retired keys: %d, want the oldest alone", len(retired))
	}
}

func TestKeysOfManyGatewaysThatMeetLateAllVerify(t *testing.T) {
	p := site(t, policy.Config{})
	_, keys := ring(t, noon, noon.Add(1), noon.Add(2), noon.Add(3), noon.Add(4), noon.Add(5))
	for i := range keys {
		token := sign(t, NewKeyring(keys[i:i+1], noon), choose(t, Record{}, nil, p, noon))
		reader := NewReader()
		reader.Use(NewKeyring(keys, noon.Add(day)))
		if v, _ := reader.Read(token, p, noon.Add(day)); v == nil {
			t.Errorf("what gateway %d signed is forgotten", i)
		}
	}
}

func TestNewKeySignsOnlyWhenOtherGatewaysHaveHeardOfIt(t *testing.T) {
	_, keys := ring(t, noon.Add(-KeyLife), noon)
	r := Begin(site(t, policy.Config{}), noon)
	old := NewKeyring(keys[:1], noon)
	if _, err := old.Verify(sign(t, NewKeyring(keys, noon.Add(settling-time.Second)), r), noon); err != nil {
		t.Errorf("a gateway that has not heard of the new key: %v", err)
	}
	if _, err := old.Verify(sign(t, NewKeyring(keys, noon.Add(settling)), r), noon); err == nil {
		t.Error("the new key never signs")
	}
	if _, err := NewKeyring(keys[1:], noon).Sign(r); err != nil {
		t.Errorf("the first key of all does not sign at once: %v", err)
	}
}

func TestSecretsBeginWithTheOneThatSigns(t *testing.T) {
	_, keys := ring(t, noon.Add(-2*KeyLife), noon.Add(-KeyLife), noon)
	for at, want := range map[time.Time][]store.Key{
		noon.Add(settling - time.Second): {keys[1], keys[2], keys[0]},
		noon.Add(settling):               {keys[2], keys[1], keys[0]},
	} {
		secrets := NewKeyring(keys, at).Secrets()
		if !slices.EqualFunc(secrets, want, func(secret []byte, k store.Key) bool { return bytes.Equal(secret, k.Secret) }) {
			t.Errorf("%d secrets at %s, in another order", len(secrets), at)
		}
	}
	var none *Keyring
	if len(none.Secrets())+len(NewKeyring(nil, noon).Secrets()) != 0 {
		t.Error("secrets without keys")
	}
}

func TestRememberedTokenIsReadAnewUnderOtherKeysPolicyAndTime(t *testing.T) {
	p, q := site(t, policy.Config{}), site(t, policy.Config{Revision: "2"})
	k, _ := ring(t, noon)
	other, _ := ring(t, noon)
	reader := NewReader()
	reader.Use(k)
	token := sign(t, k, choose(t, Record{}, []string{"marketing"}, p, noon))
	for range 2 {
		if v, _ := reader.Read(token, p, noon); v == nil || v.State != policy.Partial {
			t.Fatal("the choice is not read")
		}
	}
	if v, _ := reader.Read(token, q, noon); v == nil || v.State != policy.None {
		t.Error("a choice for one policy holds for another")
	}
	if v, _ := reader.Read(token, p, noon.Add(cookie.Term)); v == nil || v.State != policy.Ended {
		t.Error("a remembered token outlives its term")
	}
	reader.Use(other)
	if v, _ := reader.Read(token, p, noon); v != nil {
		t.Error("a remembered token outlives its key")
	}
}

func TestReceiptHasTheFieldsOfTheConsentRecordStandard(t *testing.T) {
	p := site(t, policy.Config{})
	r := choose(t, Record{}, []string{"statistics"}, p, noon)
	receipt, err := NewReceipt(r, policy.None, p,
		Controller{Name: "Le Courrier", Address: "1 rue du Port, Brest", Contact: "dpo@courrier.example", Country: "FR"},
		Notice{Site: "www.courrier.example", Language: "fr", Text: "aa", Method: "button:save", Page: "https://www.courrier.example/.privacy/"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := receipt.Check(); err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(receipt.Body, &body); err != nil {
		t.Fatal(err)
	}
	// ISO/IEC TS 27560:2023, mandatory terms, in the words of the Data Privacy Vocabulary.
	for _, field := range []string{
		"dct:conformsTo", "dct:identifier", "dpv:hasDataSubject", "dpv:hasNotice", "dpv:hasProcess", "dpv:hasDataController",
		"dpv:hasJurisdiction", "dpv:hasConsentControl", "dpv:hasRight", "dpv:hasConsentStatus", "privacy:evidence",
	} {
		if body[field] == nil {
			t.Errorf("the receipt lacks %s", field)
		}
	}
	for _, text := range []string{`"dct:language":"fr"`, `"text_sha256":"aa"`, "Le Courrier", "dpv:ConsentGiven", "dpv:ConsentRefused", "2027-12-21T12:00:00Z"} {
		if !strings.Contains(string(receipt.Body), text) {
			t.Errorf("the receipt does not say %s", text)
		}
	}
}

func TestReceiptSaysWhetherConsentWasGivenRenewedOrWithdrawn(t *testing.T) {
	tests := []struct {
		after, before policy.State
		want          string
	}{
		{policy.Declined, policy.None, "ConsentRefused"},
		{policy.Declined, policy.Signal, "ConsentRefused"},
		{policy.Declined, policy.Partial, "ConsentWithdrawn"},
		{policy.Declined, policy.Accepted, "ConsentWithdrawn"},
		{policy.Accepted, policy.None, "ConsentGiven"},
		{policy.Partial, policy.Declined, "ConsentGiven"},
		{policy.Partial, policy.Accepted, "RenewedConsentGiven"},
	}
	for _, tt := range tests {
		if got := status(tt.after, tt.before); got != tt.want {
			t.Errorf("from %v to %v: %s, want %s", tt.before, tt.after, got, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	p := site(f, policy.Config{})
	k, _ := ring(f, noon)
	reader := NewReader()
	reader.Use(k)
	f.Add(sign(f, k, Begin(p, noon)))
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		v, record := reader.Read(token, p, noon)
		if v != nil && record.Until.Sub(noon) > cookie.Term {
			t.Errorf("a token reaches %v beyond now", record.Until.Sub(noon))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	p := site(b, policy.Config{})
	k, _ := ring(b, noon)
	token := sign(b, k, choose(b, Record{}, []string{"statistics"}, p, noon))
	b.Run("remembered", func(b *testing.B) {
		reader := NewReader()
		reader.Use(k)
		b.ReportAllocs()
		for b.Loop() {
			reader.Read(token, p, noon)
		}
	})
	b.Run("verified", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.Verify(token, noon); err != nil {
				b.Fatal(err)
			}
		}
	})
}
