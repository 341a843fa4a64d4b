package transfer

import (
	"errors"
	"net/http"
	"time"
)

// Limits of a Transport.
const (
	handshakeTime = 10 * time.Second
	idleTime      = 90 * time.Second
	idleMost      = 100
)

// Transport makes a transport for HTTP whose every connection the dialer makes.
func (d *Dialer) Transport() *http.Transport {
	return &http.Transport{
		DialContext:         d.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: handshakeTime,
		IdleConnTimeout:     idleTime,
		MaxIdleConns:        idleMost,
	}
}

// Guard makes a transport connect by the dialer, and take no proxy. It refuses a
// transport that makes connections for TLS by itself. Protocols registered with a transport
// (HTTP/3 among them) cannot be seen here: its maker must leave them out.
func (d *Dialer) Guard(t *http.Transport) error {
	//nolint:staticcheck // the old field still works, so it must be looked at
	if t.DialTLSContext != nil || t.DialTLS != nil {
		return errors.New("the transport makes connections for TLS by itself, which nothing checks: leave out what makes it do so, such as the PROXY protocol or placeholders in the name of the server")
	}
	t.Proxy, t.DialContext = nil, d.DialContext
	return nil
}
