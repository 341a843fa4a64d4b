package pass

import (
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

var (
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	secret  = []byte("sixteen bytes or more")
	firefox = Browser{Host: "www.example.fr", UserAgent: "Mozilla/5.0 Firefox/140.0", Languages: "fr,en;q=0.5"}
)

// desk gives out and takes the passes of one site.
type desk struct {
	*Passes
	spent storetest.Uses
	now   time.Time
}

func newDesk(t testing.TB, change func(*Options)) *desk {
	t.Helper()
	d := &desk{now: noon}
	o := Options{Keys: keys(t, secret), Spent: &d.spent, Now: func() time.Time { return d.now }}
	if change != nil {
		change(&o)
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	d.Passes = p
	return d
}

func keys(t testing.TB, secrets ...[]byte) *Keys {
	t.Helper()
	k, err := NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (d *desk) issue(t testing.TB) string {
	t.Helper()
	token, err := d.Issue(firefox)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (d *desk) want(t testing.TB, token string, b Browser, want captcha.Reason) {
	t.Helper()
	if v := d.Verify(t.Context(), token, b); v.Reason != want || v.Passed() != (want == captcha.Solved) {
		t.Fatalf("the verdict is %s, %s, want %s", v.Outcome, v.Reason, want)
	}
}

func TestPassIsGoodForSoManyForms(t *testing.T) {
	d := newDesk(t, func(o *Options) { o.Uses = 3 })
	token, other := d.issue(t), d.issue(t)
	for range 3 {
		d.want(t, token, firefox, captcha.Solved)
	}
	d.want(t, token, firefox, captcha.Spent)
	d.want(t, other, firefox, captcha.Solved)
}

func TestPassSentAtOnceIsGoodForNoMore(t *testing.T) {
	d := newDesk(t, nil)
	token := d.issue(t)
	var passed atomic.Int64
	storetest.AtOnce(t, 50, func(int) error {
		if d.Verify(t.Context(), token, firefox).Passed() {
			passed.Add(1)
		}
		return nil
	})
	if n := passed.Load(); n != defaultUses {
		t.Errorf("%d forms passed, want %d", n, defaultUses)
	}
}

func TestPassEndsAndIsRememberedUntilThen(t *testing.T) {
	d := newDesk(t, func(o *Options) { o.Life = 10 * time.Minute })
	token := d.issue(t)
	d.now = noon.Add(4 * time.Minute)
	d.want(t, token, firefox, captcha.Solved)
	if lives := slices.Collect(maps.Values(d.spent.Lives())); len(lives) != 1 || lives[0] != 6*time.Minute+skew {
		t.Errorf("the use is remembered for %v", lives)
	}
	d.now = noon.Add(10*time.Minute - time.Second)
	d.want(t, token, firefox, captcha.Solved)
	d.now = noon.Add(10 * time.Minute)
	d.want(t, token, firefox, captcha.Expired)
}

func TestPassIsBoundToSiteAndBrowser(t *testing.T) {
	d := newDesk(t, nil)
	token := d.issue(t)
	for name, change := range map[string]func(*Browser){
		"another site":     func(b *Browser) { b.Host = "shop.example.fr" },
		"another browser":  func(b *Browser) { b.UserAgent += " Edg/140" },
		"other languages":  func(b *Browser) { b.Languages = "de" },
		"nothing said":     func(b *Browser) { *b = Browser{Host: b.Host} },
		"parts run over":   func(b *Browser) { b.UserAgent, b.Languages = b.UserAgent+"f", b.Languages[1:] },
		"parts exchanged":  func(b *Browser) { b.UserAgent, b.Languages = b.Languages, b.UserAgent },
		"host with a port": func(b *Browser) { b.Host += ":8443" },
	} {
		b := firefox
		change(&b)
		if v := d.Verify(t.Context(), token, b); v.Reason != captcha.Forged {
			t.Errorf("%s: %s", name, v.Reason)
		}
	}
	d.want(t, token, firefox, captcha.Solved)
}

func TestPassTellsNothingAboutItsBearer(t *testing.T) {
	d := newDesk(t, nil)
	one, other := d.issue(t), d.issue(t)
	if one == other {
		t.Error("two passes are the same")
	}
	for part := range strings.SplitSeq(one, ".") {
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"Mozilla", "Firefox", "fr", "example", string(secret)} {
			if strings.Contains(string(text), word) {
				t.Errorf("the pass says %q", word)
			}
		}
	}
	if len(one) > 200 {
		t.Errorf("the pass has %d bytes", len(one))
	}
}

func TestPassesOutliveTheKeyThatSignedThem(t *testing.T) {
	d := newDesk(t, nil)
	token := d.issue(t)
	other := []byte("another secret of a store")
	d.Use(keys(t, other, secret))
	d.want(t, token, firefox, captcha.Solved)
	d.want(t, d.issue(t), firefox, captcha.Solved)
	d.Use(keys(t, other))
	d.want(t, token, firefox, captcha.Forged)
}

func TestWhatIsNoPassIsRefused(t *testing.T) {
	d := newDesk(t, nil)
	token := d.issue(t)
	sign := func(method jwt.SigningMethod, key any, c claims) string {
		text, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	key := d.keys.Load().signing(firefox)
	endless := claims{Version: version, Uses: 5}
	ending := endless
	ending.ExpiresAt = jwt.NewNumericDate(noon.Add(time.Hour))
	later := ending
	later.Version++
	without := ending
	without.Uses = 0
	for name, c := range map[string]struct {
		token string
		want  captcha.Reason
	}{
		"none":             {"", captcha.Missing},
		"dots":             {"..", captcha.Malformed},
		"a word":           {"pass", captcha.Malformed},
		"cut off":          {token[:len(token)-2], captcha.Malformed},
		"half a signature": {token[:len(token)-23], captcha.Forged},
		"other claims":     {token[:strings.Index(token, ".")+1] + "eyJ2IjoxfQ" + token[strings.LastIndex(token, "."):], captcha.Forged},
		"long":             {strings.Repeat("a", MaxToken+1), captcha.Malformed},
		"unsigned":         {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, ending), captcha.Forged},
		"another method":   {sign(jwt.SigningMethodHS512, key, ending), captcha.Forged},
		"without end":      {sign(jwt.SigningMethodHS256, key, endless), captcha.Forged},
		"of a later kind":  {sign(jwt.SigningMethodHS256, key, later), captcha.Forged},
		"without uses":     {sign(jwt.SigningMethodHS256, key, without), captcha.Spent},
		"the secret alone": {sign(jwt.SigningMethodHS256, secret, ending), captcha.Forged},
	} {
		if v := d.Verify(t.Context(), c.token, firefox); v.Reason != c.want {
			t.Errorf("%s: %s, want %s", name, v.Reason, c.want)
		}
	}
	d.spent.Err = errors.New("closed")
	d.want(t, token, firefox, captcha.Spent)
}

func TestOptionsThatMakeNoSenseAreRefusedWithWhatToWrite(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"keys, a store and a clock": func(o *Options) { o.Keys = nil },
		"a store and a clock":       func(o *Options) { o.Spent = nil },
		"and a clock":               func(o *Options) { o.Now = nil },
		"from 1m to 24h":            func(o *Options) { o.Life = time.Second },
		"1m to 24h":                 func(o *Options) { o.Life = 25 * time.Hour },
		"from 1 to 20":              func(o *Options) { o.Uses = -1 },
		"1 to 20":                   func(o *Options) { o.Uses = 21 },
	} {
		o := Options{Keys: keys(t, secret), Spent: new(storetest.Uses), Now: time.Now}
		change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want it to say %q", err, want)
		}
	}
	if _, err := NewKeys(); err == nil {
		t.Error("no secret is enough")
	}
	if _, err := NewKeys([]byte("short")); err == nil {
		t.Error("five bytes are enough")
	}
}
