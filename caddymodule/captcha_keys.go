package caddymodule

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha/pass"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/sealed"
	"github.com/caddy-privacy/caddy-privacy/internal/captcha/work"
	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// keys sign and seal for forms. They are derived from those that sign visitors' records, so
// gateways that share a store share them, and change with them.
type keys struct {
	mu     sync.Mutex
	ring   *consent.Keyring
	sealed *sealed.Keys
}

// noKeys and noPassKeys sign until the store is open: nobody else knows them.
var (
	noKeys     = must(work.NewKeys(drawn()))
	noPassKeys = must(pass.NewKeys(drawn()))
)

// drawn is a secret that nobody knows.
func drawn() []byte {
	secret := make([]byte, store.SecretSize)
	_, _ = rand.Read(secret) // which never fails (crypto/rand)
	return secret
}

// must is for keys of a secret that is long enough.
func must[K any](keys K, err error) K {
	if err != nil {
		panic("captcha: " + err.Error())
	}
	return keys
}

// current brings the keys in line with those of the store.
func (p *protection) current() (*sealed.Keys, error) {
	ring := p.app.shared.reader.Keyring()
	p.keys.mu.Lock()
	defer p.keys.mu.Unlock()
	if ring == p.keys.ring && p.keys.sealed != nil {
		return p.keys.sealed, nil
	}
	secrets := ring.Secrets()
	signing, err := work.NewKeys(secrets...)
	if err != nil {
		return nil, err
	}
	passing, err := pass.NewKeys(secrets...)
	if err != nil {
		return nil, err
	}
	sealing, err := sealed.NewKeys(secrets...)
	if err != nil {
		return nil, err
	}
	for _, f := range p.forms {
		f.work.Use(signing)
		if f.passes != nil {
			f.passes.Use(passing)
		}
	}
	p.keys.ring, p.keys.sealed = ring, sealing
	return sealing, nil
}

// spender uses up what is good once, in the store of the configuration.
type spender struct{ app *App }

func (s spender) Spend(ctx context.Context, kind, id string, life time.Duration) (bool, error) {
	return s.app.store.Spend(ctx, kind, id, life)
}
