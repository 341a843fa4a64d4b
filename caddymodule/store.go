package caddymodule

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/redis"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// link is a connection to Redis over the embedded store.
type link struct{ store.Store }

func newLink(local *embedded.Store, r *Redis, guard *transfer.Guard) (*link, error) {
	options, err := r.options()
	if err != nil {
		return nil, err
	}
	options.Dialer = guard.Dialer(transfer.DialerOptions{Settings: net.Dialer{Timeout: redis.DialTimeout}}).DialContext
	opened, err := redis.Open(local, options)
	if err != nil {
		return nil, err
	}
	return &link{opened}, nil
}

// Destruct ends the connection when no configuration uses it any more.
func (l *link) Destruct() error { return l.Close() }

func (r *Redis) options() (redis.Options, error) {
	o := redis.Options{
		Addresses: r.Addresses, MasterName: r.Master,
		Username: r.Username, Password: r.Password,
		SentinelUsername: r.SentinelUsername, SentinelPassword: r.SentinelPassword,
		DB: r.DB, KeyPrefix: r.KeyPrefix, Cluster: r.Cluster, Now: now,
	}
	if r.TLS == nil {
		return o, nil
	}
	var err error
	o.TLS, err = r.TLS.config()
	return o, err
}

func (t *RedisTLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("store redis: tls ca: %v", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("store redis: tls ca %s holds no certificate in PEM form", t.CA)
		}
	}
	if (t.Certificate == "") != (t.Key == "") {
		return nil, fmt.Errorf("store redis: tls needs certificate and key together, or neither")
	}
	if t.Certificate == "" {
		return c, nil
	}
	pair, err := tls.LoadX509KeyPair(t.Certificate, t.Key)
	if err != nil {
		return nil, fmt.Errorf("store redis: tls certificate: %v", err)
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}
