package webhook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// The values are those of the specification's own libraries.
func TestSignatureIsThatOfTheSpecification(t *testing.T) {
	m := store.Message{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", Body: []byte(`{"test": 2432232314}`)}
	h := header([]Secret{secret(t, keyText)}, m, time.Unix(1614265330, 999))
	for name, want := range map[string]string{
		"webhook-id":        "msg_p5jXN8AQM9LWM0D4loKWxJek",
		"webhook-timestamp": "1614265330",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestEachSecretSignsSoThatOneCanReplaceAnother(t *testing.T) {
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32)))
	m := store.Message{ID: "msg_1", Body: []byte(`{}`)}
	h := header([]Secret{secret(t, other), secret(t, keyText)}, m, time.Unix(1614265330, 0))
	signatures := h.Get("webhook-signature")
	for _, key := range []string{other, keyText} {
		if !verified(key, "msg_1", "1614265330", m.Body, signatures) {
			t.Errorf("%q has none by one of the secrets", signatures)
		}
	}
	if n := len(strings.Split(signatures, " ")); n != 2 {
		t.Errorf("%d signatures", n)
	}
}

func TestSecretThatIsNoneIsRefusedAndNotShown(t *testing.T) {
	encoded := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for _, text := range []string{
		"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsk_" + encoded(32), "whsec_" + encoded(23), "whsec_" + encoded(65),
		"whsec_" + encoded(4000), "whsec_not base64 but long enough to be a secret", "whsec_" + strings.TrimRight(encoded(31), "="),
		"whsec_" + encoded(16) + "\n" + encoded(16), "{env.SECRET}",
	} {
		_, err := ParseSecret(text)
		if err == nil {
			t.Errorf("%q was taken", text)
		} else if len(text) > 10 && strings.Contains(err.Error(), text[6:]) {
			t.Errorf("the error shows %q", text)
		}
	}
	for _, n := range []int{minSecret, 32, maxSecret} {
		if _, err := ParseSecret("whsec_" + encoded(n)); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	s := secret(t, keyText)
	e := Endpoint{Name: "mailer", Secrets: []Secret{s}}
	encoded, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e), string(encoded)} {
		if strings.Contains(text, keyText[6:]) || strings.Contains(text, fmt.Sprint(s.key)) || strings.Contains(text, fmt.Sprintf("%#v", s.key)) {
			t.Errorf("it shows in %s", text)
		}
	}
}

func TestMessageIsThePayloadOfTheSpecification(t *testing.T) {
	at := time.Date(2026, 11, 3, 20, 26, 10, 344522000, time.FixedZone("", 3600))
	m, err := New("mailer", "consent.withdrawn", at, map[string]string{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"type":"consent.withdrawn","timestamp":"2026-11-03T19:26:10.344522Z","data":{"a":"b"}}`; string(m.Body) != want {
		t.Errorf("%s, want %s", m.Body, want)
	}
	other, err := New("mailer", "consent.withdrawn", at, nil)
	if err != nil || other.ID == m.ID || len(m.ID) < 24 {
		t.Errorf("ids %s and %s, %v", m.ID, other.ID, err)
	}
	for _, data := range []any{strings.Repeat("a", store.MaxMessage), func() {}} {
		if _, err := New("mailer", "consent.withdrawn", at, data); err == nil {
			t.Error("data that cannot be sent were taken")
		}
	}
}

func FuzzSecret(f *testing.F) {
	f.Add(keyText)
	f.Add("whsec_" + strings.Repeat("A", 88))
	f.Add("whsec_====")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSecret(text)
		if err != nil {
			return
		}
		if again := "whsec_" + base64.StdEncoding.EncodeToString(s.key); again != text || len(s.key) < minSecret || len(s.key) > maxSecret {
			t.Errorf("%q was read as %q", text, again)
		}
	})
}
