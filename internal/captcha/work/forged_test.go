package work

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// change takes a proof apart, has it changed, and writes it again.
func change(t testing.TB, proof string, how func(*payload)) string {
	t.Helper()
	p, reason := read(proof)
	if reason != captcha.Solved {
		t.Fatal(reason)
	}
	how(&p)
	return encode(t, p)
}

func encode(t testing.TB, p any) string {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

func TestNothingSignedCanBeChanged(t *testing.T) {
	s := newSite(t, nil)
	proof := solve(t, s.challenge(t))
	for name, how := range map[string]func(*parameters){
		"algorithm":     func(p *parameters) { p.Algorithm = "SHA-256" },
		"cost":          func(p *parameters) { p.Cost = 1 },
		"form":          func(p *parameters) { p.Data.Form = "login" },
		"host":          func(p *parameters) { p.Data.Host = "shop.example.fr" },
		"issued":        func(p *parameters) { p.Data.Issued-- },
		"end":           func(p *parameters) { p.ExpiresAt++ },
		"no end":        func(p *parameters) { p.ExpiresAt = 0 },
		"key length":    func(p *parameters) { p.KeyLength = 1 },
		"prefix":        func(p *parameters) { p.KeyPrefix = p.KeyPrefix[:len(p.KeyPrefix)-1] + "f" },
		"key signature": func(p *parameters) { p.KeySignature = "00" },
		"nonce":         func(p *parameters) { p.Nonce += "00" },
		"salt":          func(p *parameters) { p.Salt = p.Nonce },
		"spliced": func(p *parameters) {
			p.Nonce, p.Salt = p.Nonce+p.Salt[:2], p.Salt[2:]
		},
		"spliced number": func(p *parameters) { p.Cost, p.KeyLength = p.Cost*10+p.KeyLength/10, p.KeyLength%10 },
	} {
		v := s.Verify(t.Context(), captcha.Answer{Token: change(t, proof, func(p *payload) { how(&p.Challenge.Parameters) }), Host: host, Form: form})
		if v.Reason != captcha.Forged {
			t.Errorf("%s: %s", name, v.Reason)
		}
	}
	for name, signature := range map[string]string{"none": "", "short": "00", "no digits": strings.Repeat("z", 64), "another": strings.Repeat("0", 64)} {
		v := s.Verify(t.Context(), captcha.Answer{Token: change(t, proof, func(p *payload) { p.Challenge.Signature = signature }), Host: host, Form: form})
		if v.Reason != captcha.Forged {
			t.Errorf("signature %s: %s", name, v.Reason)
		}
	}
	if len(s.spent.Lives()) != 0 {
		t.Error("a forged proof was stored")
	}
	s.want(t, proof, captcha.Solved)
}

func TestChallengeOfAnotherSecretIsForged(t *testing.T) {
	s, other := newSite(t, nil), newSite(t, func(o *Options) { o.Keys = keys(t, []byte("the secret of somebody")) })
	s.want(t, solve(t, other.challenge(t)), captcha.Forged)
}

// A challenge can be signed and yet be none of ours: by another version, or because
// the secret is used elsewhere too.
func TestSignedChallengeWithoutEndOrSenseIsRefused(t *testing.T) {
	s := newSite(t, nil)
	for name, c := range map[string]struct {
		how  func(*parameters)
		want captcha.Reason
	}{
		"no end":            {func(p *parameters) { p.ExpiresAt = 0 }, captcha.Expired},
		"no prefix":         {func(p *parameters) { p.KeyPrefix = "" }, captcha.Malformed},
		"no hex prefix":     {func(p *parameters) { p.KeyPrefix = "0X" }, captcha.Malformed},
		"no nonce":          {func(p *parameters) { p.Nonce = "" }, captcha.Malformed},
		"odd nonce":         {func(p *parameters) { p.Nonce = "000" }, captcha.Unsolved},
		"no cost":           {func(p *parameters) { p.Cost = 0 }, captcha.Unsolved},
		"no key":            {func(p *parameters) { p.KeyLength = 0 }, captcha.Unsolved},
		"unknown algorithm": {func(p *parameters) { p.Algorithm = "ARGON2ID" }, captcha.Unsolved},
		"no form":           {func(p *parameters) { p.Data.Form = "" }, captcha.Elsewhere},
		"no host":           {func(p *parameters) { p.Data.Host = "" }, captcha.Elsewhere},
		"quotes":            {func(p *parameters) { p.Data.Host = `a","host":"b` }, captcha.Malformed},
	} {
		proof := encode(t, payload{Challenge: s.fixed(c.how)})
		v := s.Verify(t.Context(), captcha.Answer{Token: proof, Host: host, Form: form})
		if v.Reason != c.want {
			t.Errorf("%s: %s, want %s", name, v.Reason, c.want)
		}
	}
}

// Whoever derives one key honestly, and no more, has not worked.
func TestKeyWithoutThePrefixIsNoSolution(t *testing.T) {
	s := newSite(t, nil)
	challenge := s.fixed(func(p *parameters) { p.KeyPrefix = "00000" })
	p := &challenge.Parameters
	salt, _ := hex.DecodeString(p.Salt)
	password, _ := hex.DecodeString(p.Nonce)
	for counter := range byte(3) {
		key, err := algorithms[p.Algorithm].derive(append(password, 0, 0, 0, counter), salt, p.Cost, p.KeyLength)
		if err != nil {
			t.Fatal(err)
		}
		honest := solution{Counter: uint32(counter), DerivedKey: hex.EncodeToString(key)}
		s.want(t, encode(t, payload{challenge, honest}), captcha.Unsolved)
		honest.DerivedKey = p.KeyPrefix + honest.DerivedKey[len(p.KeyPrefix):]
		s.want(t, encode(t, payload{challenge, honest}), captcha.Unsolved)
	}
}

// Solutions that are right, beyond the bounds and at them.
func TestNobodyHasTheGatewayWorkWithoutBounds(t *testing.T) {
	s := newSite(t, func(o *Options) { o.Spent = nothing{} })
	for _, c := range []struct {
		cost, length int
		want         captcha.Reason
	}{
		{MaxCost, keyLength, captcha.Solved}, {MaxCost + 1, keyLength, captcha.Unsolved},
		{2, 64, captcha.Solved}, {2, 65, captcha.Unsolved},
	} {
		var key []byte
		challenge := s.fixed(func(p *parameters) {
			p.Cost, p.KeyLength = c.cost, c.length
			salt, _ := hex.DecodeString(p.Salt)
			password, _ := hex.DecodeString(p.Nonce)
			key, _ = algorithms[p.Algorithm].derive(append(password, 0, 0, 0, 0), salt, c.cost, c.length)
			p.KeyPrefix = hex.EncodeToString(key[:1])
		})
		s.want(t, encode(t, payload{challenge, solution{DerivedKey: hex.EncodeToString(key)}}), c.want)
		s.want(t, encode(t, payload{challenge, solution{DerivedKey: hex.EncodeToString(key), Counter: 1}}), captcha.Unsolved)
	}
}

func TestWhatIsNoProofIsMalformed(t *testing.T) {
	s := newSite(t, nil)
	proof := solve(t, s.challenge(t))
	raw, err := base64.StdEncoding.DecodeString(proof)
	if err != nil {
		t.Fatal(err)
	}
	again := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, text := range map[string]string{
		"test payload of the widget": again(`{"challenge":null,"solution":null,"test":true}`),
		"test beside a proof":        again(strings.TrimSuffix(string(raw), "}") + `,"test":true}`),
		"first version":              again(`{"algorithm":"SHA-256","challenge":"00","number":1,"salt":"00?expires=9999999999&","signature":"00"}`),
		"no base64":                  "{" + proof,
		"no JSON":                    again("challenge"),
		"two texts":                  again(string(raw) + string(raw)),
		"rest":                       again(string(raw) + "x"),
		"array":                      again("[" + string(raw) + "]"),
		"counter beyond 32 bits":     again(strings.Replace(string(raw), `"counter":`, `"counter":42949672960`, 1)),
		"counter below zero":         again(strings.Replace(string(raw), `"counter":`, `"counter":-1`, 1)),
		"counter with a fraction":    again(strings.Replace(string(raw), `"counter":`, `"counter":0.`, 1)),
		"too long":                   again(string(raw) + strings.Repeat(" ", MaxProof)),
	} {
		v := s.Verify(t.Context(), captcha.Answer{Token: text, Host: host, Form: form})
		if v.Reason != captcha.Malformed {
			t.Errorf("%s: %s", name, v.Reason)
		}
	}
	s.want(t, "", captcha.Missing)
	// null is the zero value in Go: nobody has signed that.
	s.want(t, again(`{"challenge":null,"solution":null}`), captcha.Malformed)
	s.want(t, proof, captcha.Solved)
}

// fixed is a signed challenge that is the same in each process of a fuzzer.
func (s *site) fixed(change func(*parameters)) challenge {
	p := easy.parameters()
	p.Data = data{Form: form, Host: host, Issued: noon.UnixMilli()}
	p.ExpiresAt = noon.Add(time.Hour).Unix()
	p.Nonce, p.Salt = strings.Repeat("0a", 16), strings.Repeat("0b", 16)
	change(&p)
	signature := s.keys.Load().sign(p.appendTo(nil))
	return challenge{p, hex.EncodeToString(signature[:])}
}
