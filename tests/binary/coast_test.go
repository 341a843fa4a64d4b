//go:build linux

package binary

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// coast sees every packet that is sent on the island (packet(7)).
type coast struct {
	socket  int
	ended   chan struct{}
	watcher sync.WaitGroup

	mu   sync.Mutex
	seen map[string]int // by "protocol destination", of what is neither loopback nor allowed
	all  int

	allowed map[netip.AddrPort]bool
}

// watch lets pass what goes to some addresses, or comes from them.
func watch(t *testing.T, allowed ...string) *coast {
	t.Helper()
	c := &coast{ended: make(chan struct{}), seen: make(map[string]int), allowed: make(map[netip.AddrPort]bool)}
	for _, address := range allowed {
		c.allowed[netip.MustParseAddrPort(address)] = true
	}
	everything := uint16(syscall.ETH_P_ALL)<<8 | uint16(syscall.ETH_P_ALL)>>8
	var err error
	if c.socket, err = syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, int(everything)); err != nil {
		t.Fatal(err)
	}
	patience := syscall.NsecToTimeval(int64(50 * time.Millisecond))
	if err := syscall.SetsockoptTimeval(c.socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &patience); err != nil {
		t.Fatal(err)
	}
	if err := syscall.SetsockoptInt(c.socket, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 64<<20); err != nil {
		t.Fatal(err)
	}
	c.watcher.Go(c.look)
	t.Cleanup(func() {
		close(c.ended)
		c.watcher.Wait()
		syscall.Close(c.socket)
	})
	return c
}

func (c *coast) look() {
	for packet := make([]byte, 256); ; {
		select {
		case <-c.ended:
			return
		default:
		}
		n, from, err := syscall.Recvfrom(c.socket, packet, 0)
		if link, ok := from.(*syscall.SockaddrLinklayer); err == nil && ok && link.Pkttype == syscall.PACKET_OUTGOING {
			c.note(packet[:n])
		}
	}
}

// note counts a packet of IP; everything else on loopback is nothing.
func (c *coast) note(packet []byte) {
	protocol, source, destination, ok := ends(packet)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all++
	within := source.Addr().IsLoopback() && destination.Addr().IsLoopback()
	if !within && !c.allowed[source] && !c.allowed[destination] {
		c.seen[protocol+" "+destination.String()]++
	}
}

// ends reads who sends a packet to whom (RFC 791, RFC 8200).
func ends(packet []byte) (protocol string, source, destination netip.AddrPort, ok bool) {
	var rest []byte
	var from, to netip.Addr
	var number byte
	switch {
	case len(packet) >= 20 && packet[0]>>4 == 4:
		header := int(packet[0]&15) * 4
		from, to, number = netip.AddrFrom4([4]byte(packet[12:16])), netip.AddrFrom4([4]byte(packet[16:20])), packet[9]
		rest = packet[min(header, len(packet)):]
	case len(packet) >= 40 && packet[0]>>4 == 6:
		from, to, number = netip.AddrFrom16([16]byte(packet[8:24])), netip.AddrFrom16([16]byte(packet[24:40])), packet[6]
		rest = packet[40:]
	default:
		return "", source, destination, false
	}
	var ports [2]uint16
	protocol = fmt.Sprint("protocol ", number)
	if number == syscall.IPPROTO_TCP || number == syscall.IPPROTO_UDP {
		protocol = map[byte]string{syscall.IPPROTO_TCP: "tcp", syscall.IPPROTO_UDP: "udp"}[number]
		if len(rest) >= 4 {
			ports = [2]uint16{binary.BigEndian.Uint16(rest), binary.BigEndian.Uint16(rest[2:])}
		}
	}
	return protocol, netip.AddrPortFrom(from, ports[0]), netip.AddrPortFrom(to, ports[1]), true
}

// left lists what has left the island since it was asked last. It fails the test if
// packets went by unseen.
func (c *coast) left(t *testing.T) []string {
	t.Helper()
	time.Sleep(300 * time.Millisecond) // the watcher is some packets behind
	const packetStatistics = 6         // PACKET_STATISTICS
	var statistics struct{ packets, drops uint32 }
	size := uint32(unsafe.Sizeof(statistics))
	if _, _, failure := syscall.Syscall6(syscall.SYS_GETSOCKOPT, uintptr(c.socket), syscall.SOL_PACKET, packetStatistics,
		uintptr(unsafe.Pointer(&statistics)), uintptr(unsafe.Pointer(&size)), 0); failure != 0 || statistics.drops != 0 {
		t.Fatalf("%d packets went by unseen, %v", statistics.drops, failure)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == 0 {
		t.Fatal("nothing at all was seen")
	}
	var list []string
	for what := range c.seen {
		list = append(list, what)
	}
	clear(c.seen)
	slices.Sort(list)
	return list
}
