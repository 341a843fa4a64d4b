package work

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/work/worktest"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

const (
	host = "www.example.fr"
	form = "contact"
)

var (
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	easy   = Difficulty{Algorithm: "PBKDF2/SHA-256", Cost: 2, Prefix: "0"}
	secret = []byte("sixteen bytes or more")
)

// site is a gateway's end of the proofs of one site.
type site struct {
	*Work
	spent storetest.Uses
	now   time.Time
}

func newSite(t testing.TB, change func(*Options)) *site {
	t.Helper()
	s := &site{now: noon}
	o := Options{Keys: keys(t, secret), Spent: &s.spent, Now: func() time.Time { return s.now }, Difficulty: easy}
	if change != nil {
		change(&o)
	}
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Work = w
	return s
}

func keys(t testing.TB, secrets ...[]byte) *Keys {
	t.Helper()
	k, err := NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *site) challenge(t testing.TB) []byte {
	t.Helper()
	text, err := s.Challenge(host, form, 0)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func solve(t testing.TB, challenge []byte) string {
	t.Helper()
	proof, err := worktest.Solve(challenge)
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

func (s *site) want(t testing.TB, proof string, want captcha.Reason) {
	t.Helper()
	v := s.Verify(t.Context(), captcha.Answer{Token: proof, Host: host, Form: form})
	if v.Reason != want || v.Passed() != (want == captcha.Solved) || v.Scored {
		t.Fatalf("the verdict is %s, %s, want %s", v.Outcome, v.Reason, want)
	}
}

func TestProofIsGoodOnceForItsFormOnItsSite(t *testing.T) {
	s := newSite(t, nil)
	proof := solve(t, s.challenge(t))
	for _, other := range []struct {
		host, form string
		want       captcha.Reason
	}{
		{"shop.example.fr", form, captcha.Elsewhere},
		{"", form, captcha.Elsewhere},
		{host, "login", captcha.Elsewhere},
		{host, "", captcha.Elsewhere},
	} {
		v := s.Verify(t.Context(), captcha.Answer{Token: proof, Host: other.host, Form: other.form})
		if v.Reason != other.want {
			t.Errorf("at %s%s: %s, want %s", other.host, other.form, v.Reason, other.want)
		}
	}
	s.want(t, proof, captcha.Solved)
	s.want(t, proof, captcha.Spent)
}

func TestOnlyGoodProofsAreStoredAndForLongEnough(t *testing.T) {
	s := newSite(t, nil)
	good, bad := solve(t, s.challenge(t)), change(t, solve(t, s.challenge(t)), func(p *payload) { p.Solution.Counter++ })
	s.want(t, bad, captcha.Unsolved)
	s.now = s.now.Add(4 * time.Minute)
	s.want(t, good, captcha.Solved)
	lives := s.spent.Lives()
	if len(lives) != 1 {
		t.Fatalf("%d are stored", len(lives))
	}
	for name, life := range lives {
		if !strings.HasPrefix(name, "work:") || life != 6*time.Minute+skew {
			t.Errorf("%s is stored for %s", name, life)
		}
	}
}

func TestStoreThatCannotSayLetsNobodyThrough(t *testing.T) {
	s := newSite(t, nil)
	s.spent.Err = errors.New("closed")
	s.want(t, solve(t, s.challenge(t)), captcha.Spent)
}

func TestProofEndsWithItsChallenge(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Life = 5 * time.Minute })
	proof, late := solve(t, s.challenge(t)), solve(t, s.challenge(t))
	s.now = noon.Add(5*time.Minute - time.Nanosecond)
	s.want(t, proof, captcha.Solved)
	s.now = noon.Add(5 * time.Minute)
	s.want(t, late, captcha.Expired)
}

func TestFormIsNotFilledInFasterThanAPersonCan(t *testing.T) {
	s := newSite(t, func(o *Options) { o.MinFill = 2 * time.Second })
	proof := solve(t, s.challenge(t))
	for _, after := range []time.Duration{-time.Minute, 0, 2*time.Second - time.Millisecond} {
		s.now = noon.Add(after)
		s.want(t, proof, captcha.Hasty)
	}
	s.now = noon.Add(2 * time.Second)
	s.want(t, proof, captcha.Solved)
}

func TestProofsOutliveTheKeyThatSignedThem(t *testing.T) {
	s := newSite(t, nil)
	proofs := []string{solve(t, s.challenge(t)), solve(t, s.challenge(t))}
	other := []byte("another secret of a store")
	s.Use(keys(t, other, secret))
	s.want(t, proofs[0], captcha.Solved)
	s.want(t, solve(t, s.challenge(t)), captcha.Solved)
	s.Use(keys(t, other))
	s.want(t, proofs[1], captcha.Forged)
}

func TestEveryAlgorithmIsSolvedAndChecked(t *testing.T) {
	for _, name := range Algorithms() {
		s := newSite(t, func(o *Options) { o.Difficulty = Difficulty{Algorithm: name, Cost: 3, Prefix: "0f"} })
		proof := solve(t, s.challenge(t))
		s.want(t, change(t, proof, func(p *payload) { p.Solution.DerivedKey = "0f" + p.Solution.DerivedKey }), captcha.Unsolved)
		s.want(t, change(t, proof, func(p *payload) { p.Solution.DerivedKey = strings.ToUpper(p.Solution.DerivedKey) }), captcha.Unsolved)
		s.want(t, proof, captcha.Solved)
	}
}

func TestEachLevelDoublesTheWorkUpToABound(t *testing.T) {
	for level, want := range map[int]Difficulty{
		-1: {Cost: 1000, Prefix: "00"}, 0: {Cost: 1000, Prefix: "00"}, 1: {Cost: 2000, Prefix: "00"},
		2: {Cost: 4000, Prefix: "00"}, 3: {Cost: 8000, Prefix: "00"},
		4: {Cost: 1000, Prefix: "000"}, 5: {Cost: 1000, Prefix: "000"}, 1 << 40: {Cost: 1000, Prefix: "000"},
	} {
		want.Algorithm = "PBKDF2/SHA-256"
		if got := DefaultDifficulty.raised(level); got != want {
			t.Errorf("level %d is %+v, want %+v", level, got, want)
		}
	}
	if got := (Difficulty{"SHA-256", MaxCost, "00000000"}).raised(4); got != (Difficulty{"SHA-256", MaxCost, "00000000"}) {
		t.Errorf("the bounds are exceeded: %+v", got)
	}
	s := newSite(t, nil)
	text, err := s.Challenge(host, form, MaxLevel)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"keyPrefix":"00"`) {
		t.Errorf("the challenge is %s", text)
	}
	s.want(t, solve(t, text), captcha.Solved)
}

func TestSecretIsInNoChallenge(t *testing.T) {
	s := newSite(t, nil)
	text := string(s.challenge(t))
	if strings.Contains(text, string(secret)) || strings.Contains(text, string(s.keys.Load().secrets[0])) {
		t.Error("it is")
	}
}

// TestClocksOfGatewaysMayBeApart: nobody is taken for a program because another gateway, whose
// clock is ahead, gave out the challenge.
func TestClocksOfGatewaysMayBeApart(t *testing.T) {
	for _, fill := range []time.Duration{0, 3 * time.Second} {
		w := &Work{options: Options{MinFill: fill}}
		if w.hasty(-2 * time.Second) {
			t.Errorf("with %s, a form is hasty before its challenge was asked for", fill)
		}
		if w.hasty(time.Second) != (fill > 0) || w.hasty(time.Minute) {
			t.Errorf("with %s, haste is another", fill)
		}
	}
}
