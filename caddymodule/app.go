package caddymodule

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// App holds what all sites behind the privacy gateway share: the store of keys
// and receipts, and where data may go. It needs no configuration.
type App struct {
	// Store says where keys and receipts are kept. Default: a file in Caddy's
	// data directory.
	Store *Store `json:"store,omitempty"`

	// Transfers says where data may go. Default: they stay in the European Union.
	Transfers *Transfers `json:"transfers,omitempty"`

	settings  settings
	shared    *shared
	rules     *transfer.Rules  // where data may go
	countries *transfer.Atlas  // of addresses
	guard     *transfer.Guard  // of the connections that this configuration makes
	events    *caddyevents.App // is told of refusals
	link      *link            // to Redis, if that is used
	informed  []informed       // recipients that are told what visitors withdraw
	store     store.Store      // where this configuration keeps receipts, once it is open
	opened    chan struct{}    // closed when the store can be used
	logger    *zap.Logger
	ctx       caddy.Context

	stopSending func() // nil: nothing is sent
}

// Store says where the gateway keeps what must last: the keys that sign
// visitors' records, and the receipts of their choices.
type Store struct {
	// Directory of the embedded store. With Redis it holds receipts until the
	// server has them. Default: `privacy` in Caddy's data directory.
	Directory string `json:"directory,omitempty"`

	// Redis shares keys and receipts between several gateways. Default: none.
	Redis *Redis `json:"redis,omitempty"`
}

// Redis says how to reach a Redis or Valkey server, version 6.2 or later, a
// cluster of them, or the Sentinels that watch over them.
type Redis struct {
	// Addresses of the server, of some nodes of the cluster, or of the Sentinels,
	// as `host:port`. Several addresses mean a cluster unless Master is given.
	Addresses []string `json:"addresses"`
	// Master is the name under which the Sentinels know the master. Default: none.
	Master string `json:"master,omitempty"`
	// Username for the server's ACL. Placeholders such as `{env.REDIS_USER}` are
	// replaced. Default: none.
	Username string `json:"username,omitempty"`
	// Password for the server. Write a placeholder such as `{env.REDIS_PASSWORD}`
	// or `{file./run/secrets/redis}`, so that it is not kept in the configuration.
	// Default: none.
	Password string `json:"password,omitempty"`
	// SentinelUsername and SentinelPassword are for the Sentinels themselves. Default: none.
	SentinelUsername string `json:"sentinel_username,omitempty"`
	SentinelPassword string `json:"sentinel_password,omitempty"`
	// Cluster says that the servers form a cluster, where only one address is
	// given. Default: `false`.
	Cluster bool `json:"cluster,omitempty"`
	// DB is the number of the database; a cluster has only 0. Default: `0`.
	DB int `json:"db,omitempty"`
	// TLS encrypts the connections. Default: none.
	TLS *RedisTLS `json:"tls,omitempty"`
	// KeyPrefix begins all keys. Default: `privacy:`.
	KeyPrefix string `json:"key_prefix,omitempty"`
}

// RedisTLS says how connections to Redis are encrypted.
type RedisTLS struct {
	// CA is a file of certificates, PEM, that sign the server's. Default: the
	// system's.
	CA string `json:"ca,omitempty"`
	// Certificate and Key are the client's own, PEM files. Default: none.
	Certificate string `json:"certificate,omitempty"`
	Key         string `json:"key,omitempty"`
	// ServerName is the name in the server's certificate. Default: the host of
	// the address.
	ServerName string `json:"server_name,omitempty"`
}

// CaddyModule returns the Caddy module information.
func (App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "privacy",
		New: func() caddy.Module { return new(App) },
	}
}

// Provision joins what the running configuration shares already. It opens
// nothing, so that a configuration can be validated beside a running gateway.
func (a *App) Provision(ctx caddy.Context) error {
	a.ctx, a.logger, a.opened = ctx, ctx.Logger(), make(chan struct{})
	var err error
	if a.settings, err = a.read(); err != nil {
		return err
	}
	value, _, err := states.LoadOrNew(a.settings.directory, func() (caddy.Destructor, error) {
		return newShared(a.settings.directory)
	})
	if err != nil {
		return err
	}
	a.shared = value.(*shared)
	if err := a.provisionBorder(); err != nil {
		return err
	}
	if err := a.provisionWebhooks(); err != nil {
		return err
	}
	return a.shared.metrics.register(ctx.GetMetricsRegistry())
}

// Start opens the store. It refuses to run without one: choices could not be
// kept.
func (a *App) Start() error {
	a.shared.border.enter(a)
	if err := a.open(); err != nil {
		return err
	}
	close(a.opened)
	go a.watchBorder(a.ctx, now)
	a.startSending()
	a.announce()
	return nil
}

// open opens the file, then the connection to Redis, which brings the keys of
// other gateways, and only then makes a key if there is none.
func (a *App) open() error {
	local, err := a.shared.open()
	if err != nil {
		return err
	}
	var opened store.Store = local
	if a.settings.redis != nil {
		value, _, err := links.LoadOrNew(a.settings.identity(), func() (caddy.Destructor, error) {
			return newLink(local, a.settings.redis, a.shared.border.guard)
		})
		if err != nil {
			return err
		}
		a.link = value.(*link)
		opened = a.link.Store
	}
	if err := a.shared.use(opened); err != nil {
		return err
	}
	a.store = opened
	return nil
}

// ready waits until the store is open. Caddy may serve before it has started
// this App; a visitor who chose would otherwise be taken for a stranger.
func (a *App) ready(ctx context.Context) error {
	select {
	case <-a.opened:
		return nil
	default:
	}
	select {
	case <-a.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-a.ctx.Done():
		return errUnavailable
	}
}

// Stop ends what this configuration sends. What is shared ends with its last user.
func (a *App) Stop() error {
	if a.stopSending != nil {
		a.stopSending()
	}
	return nil
}

// Cleanup lets go of what this App has got hold of.
func (a *App) Cleanup() error {
	if a.shared == nil {
		return nil
	}
	a.shared.border.leave(a)
	a.shared.leave(a.store)
	var linkErr error
	if a.link != nil {
		_, linkErr = links.Delete(a.settings.identity())
	}
	_, err := states.Delete(a.settings.directory)
	return errors.Join(linkErr, err)
}

// read is the configuration with defaults filled in and placeholders replaced.
func (a *App) read() (settings, error) {
	s := settings{directory: filepath.Join(caddy.AppDataDir(), "privacy")}
	if a.Store == nil {
		return s, nil
	}
	if a.Store.Directory != "" {
		directory, err := filepath.Abs(a.Store.Directory)
		if err != nil {
			return s, fmt.Errorf("directory of the store: %v", err)
		}
		s.directory = directory
	}
	if a.Store.Redis == nil {
		return s, nil
	}
	r := *a.Store.Redis
	if len(r.Addresses) == 0 {
		return s, fmt.Errorf("store redis: write at least one address, such as localhost:6379")
	}
	repl := caddy.NewReplacer()
	for _, secret := range []*string{&r.Username, &r.Password, &r.SentinelUsername, &r.SentinelPassword} {
		value, err := repl.ReplaceOrErr(*secret, true, *secret != "")
		if err != nil {
			return s, fmt.Errorf("store redis: %v", err)
		}
		*secret = value
	}
	s.redis = &r
	return s, nil
}

// settings are where a configuration keeps what must last.
type settings struct {
	directory string
	redis     *Redis
}

// identity tells connections to Redis apart. It is a digest, so that no password
// is kept in it.
func (s settings) identity() string {
	encoded, err := json.Marshal(s.redis)
	if err != nil {
		return s.directory
	}
	sum := sha256.Sum256(append([]byte(s.directory+"\x00"), encoded...))
	return hex.EncodeToString(sum[:])
}

// What is shared lives on through changes of configuration: by directory, the
// open file and all that has been counted; by settings, the connection to Redis.
var (
	states = caddy.NewUsagePool()
	links  = caddy.NewUsagePool()
)

// storePatience bounds how long a request may wait for the store.
const storePatience = 2 * time.Second

// Interface guards.
var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
