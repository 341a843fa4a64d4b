package conformance

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/net/dns/dnsmessage"
)

// Addresses of the world, as the table built into the gateway knows them. In a
// network namespace of the test they are all on this machine.
const (
	inNetherlands = "193.0.6.139"
	inFrance      = "5.196.0.1"
	inAmerica     = "8.8.8.8"
	nowhere       = "203.0.113.9" // for documentation (RFC 5737)
)

// abroadVariable is set in a process that has such a network.
const abroadVariable = "CONFORMANCE_ABROAD"

// abroad runs the test again in a process with a network of its own, and reports
// true there.
func abroad(t *testing.T) bool {
	t.Helper()
	if os.Getenv(abroadVariable) != "" {
		bringUp(t, "127.0.0.1", inNetherlands, inFrance, inAmerica, nowhere)
		return true
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	child.Env = append(os.Environ(), abroadVariable+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Getuid() != 0 {
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	said, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "PASS") {
		t.Fatalf("%v: %s", err, said)
	}
	return false
}

// bringUp gives the loopback interface these addresses (netdevice(7)).
func bringUp(t *testing.T, addresses ...string) {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(socket)
	for i, address := range addresses {
		request := struct {
			name    [syscall.IFNAMSIZ]byte
			address syscall.RawSockaddrInet4
			rest    [8]byte
		}{address: syscall.RawSockaddrInet4{Family: syscall.AF_INET, Addr: netip.MustParseAddr(address).As4()}}
		copy(request.name[:], fmt.Sprintf("lo:%d", i))
		control(t, socket, syscall.SIOCSIFADDR, unsafe.Pointer(&request))
	}
	flags := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		rest  [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_LOOPBACK | syscall.IFF_RUNNING}
	copy(flags.name[:], "lo")
	control(t, socket, syscall.SIOCSIFFLAGS, unsafe.Pointer(&flags))
}

func control(t *testing.T, socket int, request uintptr, argument unsafe.Pointer) {
	t.Helper()
	if _, _, failure := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), request, uintptr(argument)); failure != 0 {
		t.Fatal(failure)
	}
}

// place is a server somewhere in the world, which counts who connects to it.
type place struct {
	connections atomic.Int64
	mu          sync.Mutex
	headers     []http.Header
}

// settle starts a server at an address. It answers with its own name.
func settle(t *testing.T, name, address string) *place {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	p := new(place)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.mu.Lock()
			p.headers = append(p.headers, r.Header.Clone())
			p.mu.Unlock()
			fmt.Fprint(w, name)
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				p.connections.Add(1)
			}
		},
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return p
}

func (p *place) last(t *testing.T) http.Header {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.headers) == 0 {
		t.Fatal("nothing came")
	}
	return p.headers[len(p.headers)-1]
}

// nameService is a DNS server whose answers can change.
type nameService struct {
	address string
	mu      sync.Mutex
	known   map[string][]string
	asked   int
}

func (n *nameService) set(name string, addresses ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[name+"."] = addresses
}

func (n *nameService) questions() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked
}

// nameServer answers at an address.
func nameServer(t *testing.T, address string) *nameService {
	t.Helper()
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	n := &nameService{address: conn.LocalAddr().String(), known: make(map[string][]string)}
	go func() {
		for buffer := make([]byte, 1024); ; {
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := n.answer(buffer[:size]); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return n
}

func (n *nameService) answer(question []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	asked := m.Questions[0]
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}
	m.Additionals = nil
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	addresses, ok := n.known[asked.Name.String()]
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, address := range addresses {
		if asked.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: asked.Name, Type: asked.Type, Class: asked.Class},
				Body:   &dnsmessage.AResource{A: netip.MustParseAddr(address).As4()},
			})
		}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

// soon waits for what happens beside requests.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 400 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error(what)
}
