package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"

	"github.com/caddy-privacy/caddy-privacy/internal/disclosure"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

// Transport connects a reverse proxy to the site only where data may go: the country of
// the address really connected to is checked, and who answers there must be declared, before
// a byte leaves. Of several addresses of a name an allowed one is used.
//
// It is Caddy's `http` transport with all its options, but for those that would lead
// round the check: forward proxies, the PROXY protocol, HTTP/3, and placeholders in
// `tls_server_name`. Proxies that the environment names are not used. Active health
// checks are checked like everything else.
//
// It also decides what the site is told of its visitors.
//
// Where data may go is said once for all sites, in the global option `privacy`.
type Transport struct {
	reverseproxy.HTTPTransport

	// ClientAddress is `full`, `truncated` (to 16 bits of IPv4, 48 of IPv6) or `none`: what
	// the site learns of a visitor's network address, by X-Forwarded-For, Forwarded,
	// X-Real-IP and the header fields of content delivery networks. Default: `full`.
	ClientAddress string `json:"client_address,omitempty"`

	// Referer is `full`, `origin` (of other sites only their origin) or `none`. Default: `full`.
	Referer string `json:"referer,omitempty"`

	// UserAgent is `full`, `family` (browser, its major version, and system) or `none`.
	// Default: `full`.
	UserAgent string `json:"user_agent,omitempty"`

	// Languages is `full`, `first` (the first one, without its region) or `none`.
	// Default: `full`.
	Languages string `json:"languages,omitempty"`

	told   disclosure.Rules
	dialer *transfer.Dialer
}

// CaddyModule returns the Caddy module information.
func (Transport) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.reverse_proxy.transport.privacy",
		New: func() caddy.Module { return new(Transport) },
	}
}

// Provision makes the transport as Caddy would, and has the guard make its connections.
func (t *Transport) Provision(ctx caddy.Context) error {
	if err := t.checkWays(); err != nil {
		return err
	}
	t.told = disclosure.Rules{
		Address: disclosure.Amount(t.ClientAddress), Referrer: disclosure.Amount(t.Referer),
		Browser: disclosure.Amount(t.UserAgent), Languages: disclosure.Amount(t.Languages),
	}
	if err := t.told.Check(); err != nil {
		return err
	}
	value, err := ctx.App("privacy")
	if err != nil {
		return fmt.Errorf("loading the privacy app: %v", err)
	}
	if err := t.HTTPTransport.Provision(ctx); err != nil {
		return err
	}
	guard := value.(*App).guard
	settings, err := t.dialSettings(guard)
	if err != nil {
		return err
	}
	t.dialer = guard.Dialer(transfer.DialerOptions{Settings: settings})
	if err := t.dialer.Guard(t.Transport); err != nil {
		return err
	}
	t.Transport.DialContext = t.dial
	return nil
}

// checkWays refuses options by which connections would be made that nothing checks.
func (t *Transport) checkWays() error {
	switch {
	case t.ForwardProxyURL != "" || len(t.NetworkProxyRaw) > 0:
		return errors.New("transport privacy cannot go through another proxy, behind which nobody sees where data go: leave out network_proxy and forward_proxy_url")
	case t.ProxyProtocol != "":
		return errors.New("transport privacy does not speak the PROXY protocol, which tells the site the visitor's address: leave out proxy_protocol")
	case slices.Contains(t.Versions, "3"):
		return errors.New("transport privacy does not speak HTTP/3, whose connections cannot be checked: write versions 1.1 2")
	}
	return nil
}

// dialSettings are those that Caddy gives its own dialer. Name servers that the owner
// writes are told which hosts are looked up: the guard makes the connections to them.
func (t *Transport) dialSettings(guard *transfer.Guard) (net.Dialer, error) {
	d := net.Dialer{
		Timeout:       time.Duration(t.DialTimeout),
		FallbackDelay: time.Duration(t.FallbackDelay),
		KeepAlive:     time.Duration(t.KeepAlive.ProbeInterval),
		KeepAliveConfig: net.KeepAliveConfig{
			Enable:   t.KeepAlive.ProbeInterval > 0,
			Interval: time.Duration(t.KeepAlive.ProbeInterval),
		},
	}
	if t.LocalAddress != "" {
		address, err := caddy.ParseNetworkAddressWithDefaults(t.LocalAddress, "tcp", 0)
		if err != nil {
			return d, err
		}
		local, err := net.ResolveTCPAddr("tcp", address.JoinHostPort(0))
		if err != nil {
			return d, err
		}
		d.LocalAddr = local
	}
	if t.Resolver != nil {
		var err error
		asking := guard.Dialer(transfer.DialerOptions{Settings: net.Dialer{Timeout: d.Timeout}})
		d.Resolver, err = resolver(t.Resolver.Addresses, asking)
		return d, err
	}
	return d, nil
}

// resolver asks one of these servers, picked at random, for every name.
func resolver(servers []string, asking *transfer.Dialer) (*net.Resolver, error) {
	var addresses []caddy.NetworkAddress
	for _, server := range servers {
		address, err := caddy.ParseNetworkAddressWithDefaults(server, "udp", 53)
		if err != nil {
			return nil, fmt.Errorf("resolver %s: %v", server, err)
		}
		addresses = append(addresses, address)
	}
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			address := addresses[rand.IntN(len(addresses))]
			return asking.DialContext(ctx, address.Network, address.JoinHostPort(0))
		},
	}, nil
}

// dial connects to the upstream that the proxy has chosen. Errors are marked as those
// of dialing, so that the proxy may try another upstream.
func (t *Transport) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if info, ok := reverseproxy.GetDialInfo(ctx); ok {
		network, address = info.Network, info.Address
	}
	conn, err := t.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, reverseproxy.NewDialError(err)
	}
	if t.ReadTimeout > 0 || t.WriteTimeout > 0 {
		return &patientConn{conn, time.Duration(t.ReadTimeout), time.Duration(t.WriteTimeout)}, nil
	}
	return conn, nil
}

// RoundTrip sends one request to the site.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.told.Everything() {
		changed := *r
		changed.Header = r.Header.Clone()
		t.told.Apply(changed.Header, r.Host)
		r = &changed
	}
	return t.HTTPTransport.RoundTrip(r)
}

// patientConn bounds how long each read and each write may take.
type patientConn struct {
	net.Conn
	read, write time.Duration // 0: unbounded
}

func (c *patientConn) Read(p []byte) (int, error) {
	if c.read > 0 {
		if err := c.SetReadDeadline(time.Now().Add(c.read)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

func (c *patientConn) Write(p []byte) (int, error) {
	if c.write > 0 {
		if err := c.SetWriteDeadline(time.Now().Add(c.write)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}

// UnmarshalCaddyfile reads the options. All others are those of the `http` transport. Syntax:
//
//	transport privacy {
//	    client_address full|truncated|none
//	    referer        full|origin|none
//	    user_agent     full|family|none
//	    languages      full|first|none
//	    <options of transport http...>
//	}
func (t *Transport) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume transport name
	own := map[string]*string{"client_address": &t.ClientAddress, "referer": &t.Referer, "user_agent": &t.UserAgent, "languages": &t.Languages}
	opening := d.Token()
	rest := []caddyfile.Token{opening}
	opening.Text = "{"
	for d.NextBlock(0) {
		if own[d.Val()] != nil {
			if err := oneText(d, "transport privacy", own); err != nil {
				return err
			}
			continue
		}
		if len(rest) == 1 {
			rest = append(rest, opening)
		}
		rest = append(rest, d.NextSegment()...)
	}
	if len(rest) > 1 {
		closing := rest[len(rest)-1]
		closing.Text = "}"
		closing.Line++ // on a line of its own, or it would be an argument
		rest = append(rest, closing)
	}
	return t.HTTPTransport.UnmarshalCaddyfile(caddyfile.NewDispenser(rest))
}

// Interface guards.
var (
	_ caddy.Provisioner         = (*Transport)(nil)
	_ caddy.CleanerUpper        = (*Transport)(nil)
	_ http.RoundTripper         = (*Transport)(nil)
	_ caddyfile.Unmarshaler     = (*Transport)(nil)
	_ reverseproxy.TLSTransport = (*Transport)(nil)
	_ reverseproxy.H2CTransport = (*Transport)(nil)
)
