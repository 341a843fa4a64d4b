package pass

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

func FuzzVerify(f *testing.F) {
	d := newDesk(f, func(o *Options) { o.Spent = nothing{} })
	f.Add(d.issue(f), "")
	f.Add("eyJhbGciOiJub25lIn0.eyJ2IjoxfQ.", "fr")
	f.Add("..", "")
	f.Fuzz(func(t *testing.T, token, languages string) {
		b := firefox
		b.Languages += languages
		v := d.Verify(t.Context(), token, b)
		if v.Passed() && languages != "" {
			t.Fatalf("%q passes for another browser", token)
		}
		if _, err := jwt.NewParser().Parse(token, func(*jwt.Token) (any, error) { return d.keys.Load().signing(b), nil }); v.Passed() && err != nil && !errors.Is(err, jwt.ErrTokenExpired) {
			t.Fatalf("%q passes, which the library refuses: %v", token, err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	d := newDesk(b, func(o *Options) {
		o.Spent, o.Keys = nothing{}, keys(b, secret, []byte("the previous one of three"), []byte("the one before it of three"))
	})
	token := d.issue(b)
	for name, c := range map[string]struct {
		browser Browser
		want    captcha.Reason
	}{"Valid": {firefox, captcha.Solved}, "Forged": {Browser{}, captcha.Forged}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v := d.Verify(b.Context(), token, c.browser); v.Reason != c.want {
					b.Fatal(v.Reason)
				}
			}
		})
	}
}

// nothing is a store that forgets at once.
type nothing struct{}

func (nothing) Spend(context.Context, string, string, time.Duration) (bool, error) { return true, nil }
