package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options say which servers to share with, and how to be let in.
type Options struct {
	Addresses  []string // host:port; several for a Cluster, or the Sentinels
	MasterName string   // what the Sentinels call the master; empty without Sentinel
	Cluster    bool     // a Cluster even though only one address is given

	Username, Password                 string
	SentinelUsername, SentinelPassword string

	DB        int         // database number, 0 in a Cluster
	TLS       *tls.Config // nil means no TLS
	KeyPrefix string      // begins every key; empty means "privacy:"

	// Dialer makes every connection. Required: the caller decides where data may go.
	Dialer func(ctx context.Context, network, address string) (net.Conn, error)

	Now   func() time.Time // the clock, the same as that of the local store
	Share time.Duration    // how often keys are compared and servers looked at; 0 means every ten seconds
	Retry time.Duration    // the first pause after a failure, doubled up to 50 times; 0 means 100 ms
}

// DialTimeout bounds how long a connection may take to be made; a Dialer should keep to
// it.
const DialTimeout = time.Second

// Further bounds on what a server that does not answer can cost. Only History and Spend
// wait for theirs on behalf of a visitor.
const (
	exchangeTimeout = 500 * time.Millisecond
	poolTimeout     = 250 * time.Millisecond
	historyTimeout  = 200 * time.Millisecond
	spendTimeout    = 100 * time.Millisecond
	openTimeout     = time.Second

	defaultPrefix = "privacy:"
	defaultShare  = 10 * time.Second
	defaultRetry  = 100 * time.Millisecond
	maxPause      = 50 // times Retry
)

// withDefaults checks the options and fills in what was left open.
func (o Options) withDefaults() (Options, error) {
	if len(o.Addresses) == 0 {
		return o, errors.New("redis: give at least one address, such as localhost:6379")
	}
	for _, address := range o.Addresses {
		if strings.Contains(address, "://") || strings.Contains(address, "@") {
			return o, errors.New("redis: an address is host:port; give user, password and TLS as options of their own")
		}
	}
	if o.MasterName == "" && (o.Cluster || len(o.Addresses) > 1) && o.DB != 0 {
		return o, errors.New("redis: a cluster has only database 0: remove the database option")
	}
	if o.MasterName != "" && o.Cluster {
		return o, errors.New("redis: choose either a cluster or Sentinel's master name")
	}
	if strings.ContainsAny(o.KeyPrefix, "{}") {
		return o, errors.New("redis: the key prefix must not contain braces: they decide which server has a key")
	}
	if o.Dialer == nil {
		return o, errors.New("redis: give the dialer that makes the connections")
	}
	if o.KeyPrefix == "" {
		o.KeyPrefix = defaultPrefix
	}
	if o.Share <= 0 {
		o.Share = defaultShare
	}
	if o.Retry <= 0 {
		o.Retry = defaultRetry
	}
	return o, nil
}

// client connects lazily: it never fails, nor waits, by itself.
func (o Options) client() goredis.UniversalClient {
	return goredis.NewUniversalClient(&goredis.UniversalOptions{
		Addrs:            o.Addresses,
		MasterName:       o.MasterName,
		IsClusterMode:    o.Cluster,
		DB:               o.DB,
		Username:         o.Username,
		Password:         o.Password,
		SentinelUsername: o.SentinelUsername,
		SentinelPassword: o.SentinelPassword,
		Dialer:           o.dial,

		Protocol:              2,
		ContextTimeoutEnabled: true, // else a deadline only bounds the wait for a connection
		MaxRetries:            -1,   // the deliverer has its own patience
		DialTimeout:           DialTimeout,
		DialerRetries:         1,
		ReadTimeout:           exchangeTimeout,
		WriteTimeout:          exchangeTimeout,
		PoolSize:              10,
		PoolTimeout:           poolTimeout,
		PipelinePoolSize:      2,
		ConnMaxIdleTime:       5 * time.Minute,

		// Commands that older servers, and Valkey, answer with errors.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// silent keeps the library from printing to the error output, server addresses
// included: what goes wrong is told by Health.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func init() { goredis.SetLogger(silent{}) }

// dial makes a connection and, where wanted, TLS on it: go-redis leaves TLS to
// whoever brings a dialer.
func (o Options) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := o.Dialer(ctx, network, address)
	if err != nil || o.TLS == nil {
		return conn, err
	}
	config := o.TLS
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		config = config.Clone()
		config.ServerName = host
	}
	secure := tls.Client(conn, config)
	ctx, cancel := context.WithTimeout(ctx, DialTimeout)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("%w: %w", errHandshake, err)
	}
	return secure, nil
}
