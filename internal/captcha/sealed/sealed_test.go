package sealed

import (
	"bytes"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/form"
)

var (
	now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

	present = bytes.Repeat([]byte{1}, 32)
	former  = bytes.Repeat([]byte{2}, 32)
)

const address = "www.example.fr/contact?page=1"

var sent = Form{
	ContentType: "multipart/form-data; boundary=x",
	Referer:     "https://www.example.fr/contact-us",
	Body:        []byte("--x\r\n\x00\xff secret-password\r\n--x--\r\n"),
	Answer:      "7",
}

func keys(t testing.TB, secrets ...[]byte) *Keys {
	t.Helper()
	k, err := NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func seal(t testing.TB, k *Keys) string {
	t.Helper()
	text, err := k.Seal(sent, "POST", address, now)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFormComesBackAsItWasSent(t *testing.T) {
	for _, f := range []Form{sent, {}, {ContentType: "application/x-www-form-urlencoded", Body: bytes.Repeat([]byte("a"), MaxBody)}} {
		k := keys(t, present)
		text, err := k.Seal(f, "POST", address, now)
		if err != nil {
			t.Fatal(err)
		}
		o, err := k.Open(text, "POST", address, now.Add(Life-time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Body) == 0 {
			o.Body = f.Body
		}
		if !reflect.DeepEqual(o.Form, f) || !o.Issued.Equal(now) || o.ID == "" {
			t.Errorf("%d bytes came back as %d, issued %v", len(f.Body), len(o.Body), o.Issued)
		}
	}
}

func TestNothingTypedCanBeReadInThePage(t *testing.T) {
	k := keys(t, present)
	text := seal(t, k)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]byte{[]byte("secret-password"), []byte("example.fr"), []byte("boundary")} {
		if bytes.Contains(raw, part) {
			t.Errorf("%q stands there", part)
		}
	}
	if again := seal(t, k); again == text {
		t.Error("the same form is sealed the same way twice")
	}
}

func TestOpenedOnlyWhereAndHowItWasSent(t *testing.T) {
	k := keys(t, present)
	text := seal(t, k)
	for _, c := range []struct{ method, address string }{
		{"PUT", address}, {"POST", "www.example.fr/contact"}, {"POST", "www.example.fr/login?page=1"}, {"POST", "www.example.com/contact?page=1"}, {"POST", ""},
	} {
		if _, err := k.Open(text, c.method, c.address, now); !errors.Is(err, ErrForged) {
			t.Errorf("%s %s: %v", c.method, c.address, err)
		}
	}
}

func TestTamperedFormsStayClosed(t *testing.T) {
	k := keys(t, present)
	text := seal(t, k)
	for i := range text {
		other := byte('A')
		if text[i] == 'A' {
			other = 'B'
		}
		if _, err := k.Open(text[:i]+string(other)+text[i+1:], "POST", address, now); !errors.Is(err, ErrForged) {
			t.Fatalf("with another byte at %d: %v", i, err)
		}
		if _, err := k.Open(text[:i], "POST", address, now); !errors.Is(err, ErrForged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for _, odd := range []string{text + "A", text + "=", " " + text, text + "\n", "", strings.Repeat("A", maxText+1)} {
		if _, err := k.Open(odd, "POST", address, now); !errors.Is(err, ErrForged) {
			t.Errorf("%.40q…: %v", odd, err)
		}
	}
}

func TestSealedFormsExpire(t *testing.T) {
	k := keys(t, present)
	text := seal(t, k)
	for age, want := range map[time.Duration]error{
		Life - time.Second: nil, Life: ErrExpired, 24 * time.Hour: ErrExpired,
		-time.Minute: nil, -2 * time.Minute: ErrExpired, // another gateway's clock
	} {
		if _, err := k.Open(text, "POST", address, now.Add(age)); !errors.Is(err, want) {
			t.Errorf("after %v: %v, want %v", age, err, want)
		}
	}
}

func TestPreviousKeysOpenAndDoNotSeal(t *testing.T) {
	old := seal(t, keys(t, former))
	both := keys(t, present, former)
	if _, err := both.Open(old, "POST", address, now); err != nil {
		t.Errorf("sealed by the former key: %v", err)
	}
	if _, err := keys(t, former).Open(seal(t, both), "POST", address, now); !errors.Is(err, ErrForged) {
		t.Errorf("sealed by both, the former key opens: %v", err)
	}
	if _, err := keys(t, present).Open(old, "POST", address, now); !errors.Is(err, ErrForged) {
		t.Errorf("a key that is gone: %v", err)
	}
}

func TestEachSealedFormHasAnIDOfItsOwn(t *testing.T) {
	k, seen := keys(t, present), map[string]bool{}
	for range 100 {
		o, err := k.Open(seal(t, k), "POST", address, now)
		if err != nil || seen[o.ID] {
			t.Fatalf("%q, %v", o.ID, err)
		}
		seen[o.ID] = true
	}
}

func TestTooMuchIsNotSealed(t *testing.T) {
	k := keys(t, present)
	for _, f := range []Form{{Body: make([]byte, MaxBody+1)}, {Referer: strings.Repeat("r", maxRest+1)}} {
		if _, err := k.Seal(f, "POST", address, now); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d bytes: %v", len(f.Body), err)
		}
	}
}

// TestLargestFormFitsWhatIsReadOfARequest: the page's own form is read further than others.
func TestLargestFormFitsWhatIsReadOfARequest(t *testing.T) {
	text, err := keys(t, present).Seal(Form{Body: make([]byte, MaxBody), Referer: strings.Repeat("r", maxRest)}, "POST", address, now)
	if err != nil {
		t.Fatal(err)
	}
	if most := form.SealedPeek - form.MaxToken - 1024; len(text) > most || len(text) > maxText {
		t.Errorf("%d bytes, %d are read", len(text), most)
	}
}

func TestSecretsAreAskedFor(t *testing.T) {
	if _, err := NewKeys(); err == nil {
		t.Error("none is enough")
	}
	if _, err := NewKeys(present, []byte("short")); err == nil || !strings.Contains(err.Error(), "16 or more") {
		t.Errorf("a short one: %v", err)
	}
}

// FuzzOpen holds that nothing opens that no key has sealed: the fuzzer has none.
func FuzzOpen(f *testing.F) {
	k := keys(f, present, former)
	f.Add(strings.Repeat("A", 60))
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := k.Open(text, "POST", address, now); !errors.Is(err, ErrForged) {
			t.Fatalf("%q opens: %v", text, err)
		}
	})
}

// FuzzRead holds that a form read from whatever bytes is written the same again.
func FuzzRead(f *testing.F) {
	f.Add(sent.appendTo(nil))
	f.Add([]byte("\x01a\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var one, two Form
		if one.read(b) != nil {
			return
		}
		if err := two.read(one.appendTo(nil)); err != nil || !reflect.DeepEqual(one, two) {
			t.Fatalf("%q became %+v, then %+v, %v", b, one, two, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	k := keys(b, present)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Seal(sent, "POST", address, now); err != nil {
			b.Fatal(err)
		}
	}
}
