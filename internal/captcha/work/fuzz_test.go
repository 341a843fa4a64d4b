package work

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

func FuzzVerify(f *testing.F) {
	s := newSite(f, func(o *Options) { o.Spent = nothing{} })
	challenge := s.fixed(func(*parameters) {})
	text, err := json.Marshal(challenge)
	if err != nil {
		f.Fatal(err)
	}
	good, err := base64.StdEncoding.DecodeString(solve(f, text))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"challenge":null,"solution":null,"test":true}`))
	f.Add([]byte(`{"challenge":{"parameters":{"algorithm":"SHA-256","cost":1e9,"data":{},"keyPrefix":"0"},"signature":"00"},"solution":{"counter":1}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		token := base64.StdEncoding.EncodeToString(raw)
		p, reason := read(token)
		v := s.Verify(t.Context(), captcha.Answer{Token: token, Host: host, Form: form})
		if reason != captcha.Solved {
			if v.Reason != reason {
				t.Fatalf("what does not read is %s", v.Reason)
			}
			return
		}
		// What was read is signed as JSON that says the same: nothing in it can be taken
		// for something else.
		signed := p.Challenge.Parameters.appendTo(nil)
		var again parameters
		if err := json.Unmarshal(signed, &again); err != nil || again != p.Challenge.Parameters {
			t.Fatalf("%s reads as %+v (%v)", signed, again, err)
		}
		if v.Passed() && p.Challenge.Parameters != challenge.Parameters {
			t.Fatalf("a forged proof passes: %s", raw)
		}
	})
}
