//go:build linux

package binary

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// islandVariable holds the path of the program in a process that lives on an island.
const islandVariable = "BINARY_ISLAND"

// onIsland runs the test again in a process with a network and mounts of its own, and
// reports true there. All addresses of the world are on that machine, so whoever
// connects to one of them is seen, and answered by the servers of the test alone.
func onIsland(t *testing.T) bool {
	t.Helper()
	if os.Getenv(islandVariable) != "" {
		return true
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	child.Env = append(os.Environ(), islandVariable+"="+program)
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
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

// settle brings the island up: loopback takes what is sent to any address (ip-route(8),
// type local), and names are asked of one server.
func settle(t *testing.T, resolver string) {
	t.Helper()
	bringUp(t)
	takeEverything(t, syscall.AF_INET)
	if _, err := os.Stat("/proc/net/if_inet6"); err == nil {
		takeEverything(t, syscall.AF_INET6)
	}
	conf := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver "+resolver+"\noptions timeout:1 attempts:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(conf, "/etc/resolv.conf", "", syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
}

// bringUp starts the loopback interface (netdevice(7)).
func bringUp(t *testing.T) {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(socket)
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		rest  [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_LOOPBACK | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	if _, _, failure := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); failure != 0 {
		t.Fatal(failure)
	}
}

// takeEverything adds the route `local default dev lo` (rtnetlink(7)).
func takeEverything(t *testing.T, family byte) {
	t.Helper()
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW, syscall.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(socket)
	const length = syscall.SizeofNlMsghdr + syscall.SizeofRtMsg + syscall.SizeofRtAttr + 4
	message := binary.NativeEndian.AppendUint32(nil, length)
	message = binary.NativeEndian.AppendUint16(message, syscall.RTM_NEWROUTE)
	message = binary.NativeEndian.AppendUint16(message, syscall.NLM_F_REQUEST|syscall.NLM_F_CREATE|syscall.NLM_F_ACK)
	message = append(message, 1, 0, 0, 0, 0, 0, 0, 0) // sequence, port
	message = append(message, family, 0, 0, 0, syscall.RT_TABLE_LOCAL, syscall.RTPROT_BOOT, syscall.RT_SCOPE_HOST, syscall.RTN_LOCAL, 0, 0, 0, 0)
	message = binary.NativeEndian.AppendUint16(message, syscall.SizeofRtAttr+4)
	message = binary.NativeEndian.AppendUint16(message, syscall.RTA_OIF)
	message = binary.NativeEndian.AppendUint32(message, uint32(lo.Index))
	if err := syscall.Sendto(socket, message, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(socket, answer, 0)
	if err != nil || n < syscall.SizeofNlMsghdr+4 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if failure := int32(binary.NativeEndian.Uint32(answer[syscall.SizeofNlMsghdr:])); failure != 0 {
		t.Fatalf("adding a route: %v", syscall.Errno(-failure))
	}
}
