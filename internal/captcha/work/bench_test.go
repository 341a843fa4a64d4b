package work

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

func BenchmarkChallenge(b *testing.B) {
	s := newSite(b, func(o *Options) { o.Difficulty = DefaultDifficulty })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Challenge(host, form, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	run := func(name string, d Difficulty, change func(string) string, want captcha.Reason) {
		b.Run(name, func(b *testing.B) {
			s := newSite(b, func(o *Options) {
				o.Difficulty, o.Spent = d, nothing{}
				o.Keys = keys(b, []byte("the present one of three"), []byte("the previous one of three"), secret)
			})
			proof := change(solve(b, s.challenge(b)))
			answer := captcha.Answer{Token: proof, Host: host, Form: form}
			b.ReportAllocs()
			for b.Loop() {
				if v := s.Verify(b.Context(), answer); v.Reason != want {
					b.Fatal(v.Reason)
				}
			}
		})
	}
	same := func(proof string) string { return proof }
	run("Valid", DefaultDifficulty, same, captcha.Solved)
	run("ValidWithoutDerivation", Difficulty{"SHA-256", 1, "0"}, same, captcha.Solved)
	run("Forged", DefaultDifficulty, func(proof string) string {
		return change(b, proof, func(p *payload) { p.Challenge.Parameters.Cost = 1 })
	}, captcha.Forged)
	run("ForgedAtFullLength", DefaultDifficulty, func(string) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(`{"challenge":`, MaxProof*3/4/13)))
	}, captcha.Malformed)
}

// nothing is a store that forgets at once.
type nothing struct{}

func (nothing) Spend(context.Context, string, string, time.Duration) (bool, error) { return true, nil }
