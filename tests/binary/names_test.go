//go:build linux

package binary

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer answers at an address of the island, for the names of the test alone, and
// keeps which were asked for.
type nameServer struct {
	mu    sync.Mutex
	known map[string]string
	asked map[string]bool
}

func startNames(t *testing.T, address string, known map[string]string) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	n := &nameServer{known: known, asked: make(map[string]bool)}
	go func() {
		for buffer := make([]byte, 1500); ; {
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := n.answer(buffer[:size]); answer != nil {
				_, _ = conn.WriteTo(answer, from) // who asked may have gone
			}
		}
	}()
	return n
}

func (n *nameServer) answer(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	asked := m.Questions[0]
	name := strings.TrimSuffix(asked.Name.String(), ".")
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked[name] = true
	m.Header, m.Additionals = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}, nil
	switch address := n.known[name]; {
	case address == "":
		m.RCode = dnsmessage.RCodeNameError
	case asked.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: asked.Name, Type: asked.Type, Class: asked.Class},
			Body:   &dnsmessage.AResource{A: netip.MustParseAddr(address).As4()},
		}}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

func (n *nameServer) wasAsked(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[name]
}
