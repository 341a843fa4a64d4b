package transfer

import (
	"net"
	"net/netip"
	"sync"
)

// connections are those that are open. They are few: pools hold them, not
// requests.
type connections struct {
	mu   sync.Mutex
	open map[*connection]struct{}
}

func (s *connections) list() []*connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*connection, 0, len(s.open))
	for c := range s.open {
		all = append(all, c)
	}
	return all
}

func (s *connections) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// connection is one that a dialer has made.
type connection struct {
	dialer *Dialer
	host   string
	addr   netip.Addr
	end    func() error // closes it
}

func (c *connection) enter() {
	s := c.dialer.guard.connections
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = make(map[*connection]struct{})
	}
	s.open[c] = struct{}{}
}

// leave tells whether the connection was still open.
func (c *connection) leave() bool {
	s := c.dialer.guard.connections
	s.mu.Lock()
	defer s.mu.Unlock()
	_, open := s.open[c]
	delete(s.open, c)
	return open
}

// tcpConn keeps what TCP can do beyond net.Conn: half closing, and copying within
// the kernel.
type tcpConn struct {
	*net.TCPConn
	*connection
}

func (c *tcpConn) Close() error {
	c.leave()
	return c.TCPConn.Close()
}

// udpConn is known for datagrams: who speaks DNS writes them otherwise than a stream.
// It sends to nobody but whom it is connected to.
type udpConn struct {
	*net.UDPConn
	*connection
}

func (c *udpConn) Close() error {
	c.leave()
	return c.UDPConn.Close()
}

// otherConn is a connection that is neither.
type otherConn struct {
	net.Conn
	*connection
}

func (c *otherConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

// wrap makes the connection leave the list when it is closed.
func (c *connection) wrap(conn net.Conn) net.Conn {
	c.end = conn.Close
	switch conn := conn.(type) {
	case *net.TCPConn:
		return &tcpConn{conn, c}
	case *net.UDPConn:
		return &udpConn{conn, c}
	}
	return &otherConn{conn, c}
}

// remoteAddr is the address that a connection was made to; the zero Addr for one
// that has none, such as a socket in the file system.
func remoteAddr(conn net.Conn) netip.Addr {
	switch at := conn.RemoteAddr().(type) {
	case *net.TCPAddr:
		return at.AddrPort().Addr()
	case *net.UDPAddr:
		return at.AddrPort().Addr()
	}
	return netip.Addr{}
}
