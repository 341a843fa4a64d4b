package caddymodule

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"
)

// App holds what all sites behind the privacy gateway share: the store of keys
// and receipts. It needs no configuration.
type App struct {
	// Store says where keys and receipts are kept. Default: a file in Caddy's
	// data directory.
	Store *Store `json:"store,omitempty"`

	shared *shared
	poolID string
	logger *zap.Logger
	ctx    caddy.Context
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

// Provision opens the store, or joins the one that the running configuration has
// open already.
func (a *App) Provision(ctx caddy.Context) error {
	a.ctx, a.logger = ctx, ctx.Logger()
	settings, err := a.settings()
	if err != nil {
		return err
	}
	id := settings.identity()
	value, _, err := pool.LoadOrNew(id, func() (caddy.Destructor, error) {
		return newShared(settings, a.logger), nil
	})
	if err != nil {
		return err
	}
	a.poolID, a.shared = id, value.(*shared)
	return a.shared.metrics.register(ctx.GetMetricsRegistry())
}

// Start refuses to run without a store: choices could not be kept. Validation
// does not come here, so it works beside a running gateway.
func (a *App) Start() error {
	if err := a.shared.open(); err != nil {
		return err
	}
	a.announce()
	return nil
}

// Stop has nothing to end: what is shared ends with its last user.
func (*App) Stop() error { return nil }

// Cleanup lets go of the shared state if this App had got hold of it.
func (a *App) Cleanup() error {
	if a.poolID == "" {
		return nil
	}
	_, err := pool.Delete(a.poolID)
	return err
}

// settings is the configuration with defaults filled in and placeholders
// replaced.
func (a *App) settings() (settings, error) {
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

// settings decide whether two configurations can share one open store.
type settings struct {
	directory string
	redis     *Redis
}

// identity is the same for settings that mean the same. It is a digest, so that
// no password is kept in it.
func (s settings) identity() string {
	encoded, err := json.Marshal(s.redis)
	if err != nil {
		return s.directory
	}
	sum := sha256.Sum256(append([]byte(s.directory+"\x00"), encoded...))
	return hex.EncodeToString(sum[:])
}

// pool keeps what sites share through changes of configuration.
var pool = caddy.NewUsagePool()

// storePatience bounds how long a request may wait for the store.
const storePatience = 2 * time.Second

// Interface guards.
var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
