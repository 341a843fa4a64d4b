package transfer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
)

// Dialer makes connections to where data may go, and to nowhere else. Of the
// addresses of a name it uses the first that is allowed and answers; those that
// are refused cost no packet.
//
// It never uses a proxy, whatever the environment says. Names are looked up by
// the resolver of the machine, or that of its settings.
type Dialer struct {
	guard    *Guard
	settings net.Dialer
	outward  bool
	nobodys  bool
}

// DialerOptions say how a Dialer connects.
type DialerOptions struct {
	// Settings are timeouts, the resolver, the local address and so on. Their
	// ControlContext or Control is called for addresses that are allowed.
	Settings net.Dialer
	// Outward refuses the operator's own network: for addresses that others than
	// the operator can choose, or they would reach into it.
	Outward bool
	// Impersonal says that nothing about anybody is sent, such as when a public file is
	// fetched: no country is asked for then, unless a recipient is declared. Such
	// connections are told like all others.
	Impersonal bool
}

// Dialer makes a dialer that obeys the guard.
func (g *Guard) Dialer(o DialerOptions) *Dialer {
	d := &Dialer{guard: g, settings: o.Settings, outward: o.Outward, nobodys: o.Impersonal}
	// Multipath TCP opens further ways to addresses that the other side names, and
	// nothing checks those.
	d.settings.SetMultipathTCP(false)
	return d
}

// DialContext connects to an address as net.Dialer does. When it is refused, the
// error is or wraps a *RefusedError.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if strings.HasPrefix(network, "unix") {
		return d.dialSocket(ctx, network, address)
	}
	if !strings.HasPrefix(network, "tcp") && !strings.HasPrefix(network, "udp") {
		return nil, net.UnknownNetworkError(network)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	a := attempt{dialer: d, host: hostOf(host)}
	// A recipient that is refused everywhere is not even looked up: the question
	// alone would tell somebody.
	if err := d.Admit(a.host); err != nil {
		return nil, err
	}
	dialer := d.settings
	dialer.ControlContext = a.control
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, a.explain(network, err)
	}
	return d.keep(a.host, conn)
}

// Admit refuses a host whose recipient is refused at every address, before there is
// any: for what is reached through a proxy of the operator's, where no dialer sees
// the address. The error is a *RefusedError.
func (d *Dialer) Admit(host string) error {
	if declared := d.guard.Declared(host); declared.Recipient != nil && !declared.Allowed {
		return d.refuse(host, declared)
	}
	return nil
}

// hostOf is the name without the zone that an address may have.
func hostOf(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Zone() != "" {
		return addr.WithZone("").String()
	}
	return canonical(host)
}

// dialSocket connects to a socket in the file system, which is in this machine.
func (d *Dialer) dialSocket(ctx context.Context, network, path string) (net.Conn, error) {
	decision := Decision{Allowed: !d.outward, Reason: OwnNetwork}
	if d.outward {
		return nil, d.refuse(network, decision.refused(OwnRefused))
	}
	conn, err := d.settings.DialContext(ctx, network, path)
	if err == nil {
		d.guard.tell(Connected, network, decision)
	}
	return conn, err
}

// judge is the decision for this dialer.
func (d *Dialer) judge(host string, addr netip.Addr) Decision {
	decision := d.guard.Decide(host, addr)
	if d.outward && decision.Reason == OwnNetwork {
		return decision.refused(OwnRefused)
	}
	if d.nobodys && !decision.Allowed && decision.Recipient == nil {
		decision.Allowed, decision.Reason = true, Impersonal
	}
	return decision
}

func (d *Dialer) refuse(host string, decision Decision) error {
	d.guard.tell(Refused, host, decision)
	return &RefusedError{host, decision, d.guard.Rules().area}
}

// keep enters a connection into the guard's list, then decides once more: what
// has changed meanwhile is either seen here, or the list is seen by Recheck.
func (d *Dialer) keep(host string, conn net.Conn) (net.Conn, error) {
	c := &connection{dialer: d, host: host, addr: remoteAddr(conn)}
	wrapped := c.wrap(conn)
	c.enter()
	decision := d.judge(host, c.addr)
	if !decision.Allowed {
		wrapped.Close()
		return nil, d.refuse(host, decision)
	}
	d.guard.tell(Connected, host, decision)
	return wrapped, nil
}

// attempt is one call of DialContext, which tries several addresses, two at a
// time.
type attempt struct {
	dialer  *Dialer
	host    string
	allowed atomic.Bool
}

// control is called with each address, before the first packet.
func (a *attempt) control(ctx context.Context, network, address string, raw syscall.RawConn) error {
	decision := a.dialer.judge(a.host, addrOf(address))
	if !decision.Allowed {
		return a.dialer.refuse(a.host, decision)
	}
	a.allowed.Store(true)
	settings := &a.dialer.settings
	switch {
	case settings.ControlContext != nil:
		return settings.ControlContext(ctx, network, address, raw)
	case settings.Control != nil:
		return settings.Control(network, address, raw)
	}
	return nil
}

// addrOf reads an address with its port. Without a host it is this machine; the
// zero Addr, which is nowhere, stands for what cannot be read.
func addrOf(address string) netip.Addr {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return netip.Addr{}
	}
	if host == "" {
		return netip.IPv6Unspecified()
	}
	addr, _ := netip.ParseAddr(host)
	return addr
}

// explain makes the error of a failed attempt. net.Dialer returns that of the
// first address; when it was refused but another one was allowed, the other one
// does not answer, and that is the failure.
func (a *attempt) explain(network string, err error) error {
	var refused *RefusedError
	if !a.allowed.Load() || !errors.As(err, &refused) {
		return err
	}
	return &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s does not answer at the addresses that are allowed; the others were refused: %v", a.host, refused)}
}
