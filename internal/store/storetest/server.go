//go:build unix

package storetest

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	goredis "github.com/redis/go-redis/v9"
)

// Server is a real redis-server on a free port of the loopback interface. It
// ends with the test.
type Server struct {
	Address string
	Client  *goredis.Client // without the restrictions of the store under test

	arguments []string
	process   *exec.Cmd
}

// StartRedis starts a server that keeps nothing on disk. arguments are further
// ones of redis-server.
func StartRedis(t testing.TB, arguments ...string) *Server {
	t.Helper()
	port := freePort(t)
	s := &Server{Address: fmt.Sprintf("127.0.0.1:%d", port)}
	s.arguments = append([]string{
		"--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", t.TempDir(),
		"--save", "", "--appendonly", "no", "--daemonize", "no",
	}, arguments...)
	s.Client = goredis.NewClient(&goredis.Options{Addr: s.Address, Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() { s.Client.Close(); s.Kill() })
	s.Start(t)
	return s
}

// Start starts the server again, on the same port and empty.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("these tests need a real Redis: install redis-server (apt-get install redis-server)")
	}
	s.process = exec.Command(program, s.arguments...)
	s.process.Stdout, s.process.Stderr = io.Discard, io.Discard
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	Eventually(t, "redis-server listens", func() bool {
		conn, err := net.Dial("tcp", s.Address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// Kill ends the server as a crash would (SIGKILL).
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	s.process.Process.Kill()
	s.process.Wait()
	s.process = nil
}

// Stop makes the server hang: it accepts connections and answers nothing.
func (s *Server) Stop(t testing.TB) { s.signal(t, syscall.SIGSTOP) }

// Continue ends Stop.
func (s *Server) Continue(t testing.TB) { s.signal(t, syscall.SIGCONT) }

func (s *Server) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Do gives the server a command and returns the reply.
func (s *Server) Do(t testing.TB, arguments ...any) any {
	t.Helper()
	reply, err := s.Client.Do(context.Background(), arguments...).Result()
	if err != nil {
		t.Fatalf("%v: %v", arguments[0], err)
	}
	return reply
}

// OpenTLS makes the server listen with TLS as well, once it has a certificate,
// and returns the address.
func (s *Server) OpenTLS(t testing.TB) string {
	t.Helper()
	port := freePort(t)
	s.Do(t, "CONFIG", "SET", "tls-port", port)
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// StartCluster starts three masters that share the 16384 slots.
func StartCluster(t testing.TB) []*Server {
	t.Helper()
	nodes := make([]*Server, 3)
	for i := range nodes {
		nodes[i] = StartRedis(t,
			"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(freePort(t)),
			"--cluster-config-file", filepath.Join(t.TempDir(), "nodes.conf"))
		nodes[i].Do(t, "CLUSTER", "ADDSLOTSRANGE", i*16384/3, (i+1)*16384/3-1)
	}
	for _, node := range nodes[1:] {
		host, port, _ := net.SplitHostPort(node.Address)
		bus := node.Do(t, "CONFIG", "GET", "cluster-port").([]any)[1]
		nodes[0].Do(t, "CLUSTER", "MEET", host, port, bus)
	}
	for _, node := range nodes {
		Eventually(t, "the cluster is complete", func() bool {
			state, err := node.Client.ClusterInfo(context.Background()).Result()
			return err == nil && strings.Contains(state, "cluster_state:ok") && strings.Contains(state, "cluster_known_nodes:3")
		})
	}
	return nodes
}

// StartSentinel starts a Sentinel that watches a master under the name "main",
// and promotes a replica half a second after the master has gone.
func StartSentinel(t testing.TB, master *Server) *Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := StartRedis(t)
	sentinel.Kill()
	_, port, _ := net.SplitHostPort(sentinel.Address)
	sentinel.arguments = []string{file, "--sentinel", "--port", port, "--bind", "127.0.0.1"}
	sentinel.Start(t)
	host, masterPort, _ := net.SplitHostPort(master.Address)
	sentinel.Do(t, "SENTINEL", "MONITOR", "main", host, masterPort, 1)
	sentinel.Do(t, "SENTINEL", "SET", "main", "down-after-milliseconds", 500)
	sentinel.Do(t, "SENTINEL", "SET", "main", "failover-timeout", 2000)
	return sentinel
}

// freePort finds a port below those that systems give to outgoing connections, so
// that none of these has it by the time the server is there. A node of a Cluster
// uses the one 10,000 above it as well.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 12000 + rand.IntN(10000)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			listener.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}
