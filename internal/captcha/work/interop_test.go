package work

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"os/exec"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// library is the official one, in Node.
type library struct {
	questions *json.Encoder
	answers   *bufio.Reader
}

func startLibrary(t *testing.T) *library {
	t.Helper()
	node := exec.Command("node", "altcha.mjs")
	node.Dir = "../../../tests/browser"
	input, inputErr := node.StdinPipe()
	output, outputErr := node.StdoutPipe()
	var failure io.Reader
	failure, errErr := node.StderrPipe()
	if inputErr != nil || outputErr != nil || errErr != nil {
		t.Fatal(inputErr, outputErr, errErr)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("this test needs Node: %v", err)
	}
	t.Cleanup(func() {
		input.Close()
		said, _ := io.ReadAll(failure)
		if err := node.Wait(); err != nil {
			t.Errorf("%v: %s\nrun npm ci --ignore-scripts in tests/browser", err, said)
		}
	})
	return &library{json.NewEncoder(input), bufio.NewReader(output)}
}

// ask puts a question, and reads the answer.
func (l *library) ask(t *testing.T, question map[string]any, answer any) {
	t.Helper()
	if err := l.questions.Encode(question); err != nil {
		t.Fatal(err)
	}
	line, err := l.answers.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// verifies fails the test unless the library says of a proof what is wanted.
func (l *library) verifies(t *testing.T, proof, secret string, want bool) {
	t.Helper()
	var v struct{ Verified, Expired, InvalidSignature, InvalidSolution bool }
	l.ask(t, map[string]any{"verify": proof, "secret": secret}, &v)
	if v.Verified != want {
		t.Errorf("the library says %+v, want verified to be %v", v, want)
	}
}

// The library looks at the real clock, so these tests do too.
func nowSite(t *testing.T, d Difficulty) *site {
	s := newSite(t, func(o *Options) { o.Difficulty = d })
	s.now = time.Now()
	return s
}

var shared = []Difficulty{
	{"PBKDF2/SHA-256", 50, "00"}, {"PBKDF2/SHA-384", 3, "0"}, {"PBKDF2/SHA-512", 3, "00f"},
	{"SHA-256", 1, "00"}, {"SHA-384", 7, "0"}, {"SHA-512", 2, "0ab"},
}

func TestOfficialLibrarySolvesAndVerifiesOurChallenges(t *testing.T) {
	l := startLibrary(t)
	for _, d := range shared {
		t.Run(d.Algorithm, func(t *testing.T) {
			s := nowSite(t, d)
			text := s.challenge(t)
			var theirs string
			l.ask(t, map[string]any{"solve": json.RawMessage(text)}, &theirs)
			ours := solve(t, text)
			secret := string(s.keys.Load().secrets[0])
			l.verifies(t, theirs, secret, true)
			l.verifies(t, ours, secret, true)
			l.verifies(t, ours, secret+"0", false)
			l.verifies(t, change(t, ours, func(p *payload) { p.Solution.Counter++ }), secret, false)
			s.want(t, theirs, captcha.Solved)
			s.want(t, ours, captcha.Spent)
		})
	}
}

func TestChallengesOfTheOfficialLibraryAreSolvedAndVerified(t *testing.T) {
	l := startLibrary(t)
	for _, d := range shared {
		for mode, extra := range map[string]map[string]any{
			"Random": {}, "Deterministic": {"counter": 25, "hmacKeySignatureSecret": "another secret"},
		} {
			t.Run(d.Algorithm+"/"+mode, func(t *testing.T) {
				s := nowSite(t, d)
				create := map[string]any{
					"algorithm": d.Algorithm, "cost": d.Cost, "keyPrefix": d.Prefix,
					"expiresAt": s.now.Add(time.Hour).Unix(),
					"data":      map[string]any{"issued": s.now.UnixMilli(), "host": host, "form": form},
				}
				maps.Copy(create, extra)
				var text json.RawMessage
				l.ask(t, map[string]any{"create": create, "secret": string(s.keys.Load().secrets[0])}, &text)
				proof := solve(t, text)
				l.verifies(t, proof, string(s.keys.Load().secrets[0]), true)
				s.want(t, change(t, proof, func(p *payload) { p.Challenge.Parameters.Cost++ }), captcha.Forged)
				s.want(t, change(t, proof, func(p *payload) { p.Solution.Counter-- }), captcha.Unsolved)
				s.want(t, proof, captcha.Solved)
			})
		}
	}
}
