package work

import (
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

func TestOptionsThatMakeNoSenseAreRefusedWithWhatToWrite(t *testing.T) {
	for want, how := range map[string]func(*Options){
		"keys, a store and a clock":              func(o *Options) { o.Keys = nil },
		"a store and a clock":                    func(o *Options) { o.Spent = nil },
		"and a clock":                            func(o *Options) { o.Now = nil },
		"from 1m to 24h":                         func(o *Options) { o.Life = time.Second },
		"1m to 24h":                              func(o *Options) { o.Life = 25 * time.Hour },
		"up to 1m":                               func(o *Options) { o.MinFill = time.Hour },
		"a duration up to 1m":                    func(o *Options) { o.MinFill = -1 },
		"PBKDF2/SHA-256":                         func(o *Options) { o.Difficulty.Algorithm = "scrypt" },
		"1 to 100000":                            func(o *Options) { o.Difficulty.Cost = 0 },
		"write 1 to 100000":                      func(o *Options) { o.Difficulty.Cost = MaxCost + 1 },
		"1 to 8 hexadecimal digits":              func(o *Options) { o.Difficulty.Prefix = "" },
		"8 hexadecimal digits":                   func(o *Options) { o.Difficulty.Prefix = "000000000" },
		"hexadecimal digits in lower case, such": func(o *Options) { o.Difficulty.Prefix = "0A" },
	} {
		o := Options{Keys: keys(t, secret), Spent: new(storetest.Uses), Now: time.Now, Difficulty: easy}
		how(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want it to say %q", err, want)
		}
	}
	if _, err := NewKeys(); err == nil {
		t.Error("no secret is enough")
	}
	if _, err := NewKeys(secret, []byte("short")); err == nil {
		t.Error("five bytes are enough")
	}
	s := newSite(t, nil)
	for _, bad := range []string{"", "a\"b", "a\\b", "exämple.fr", "a\nb"} {
		for _, place := range [][2]string{{bad, form}, {host, bad}} {
			if text, err := s.Challenge(place[0], place[1], 0); err == nil {
				t.Errorf("a challenge for %q: %s", place, text)
			}
		}
	}
}
