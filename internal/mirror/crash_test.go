package mirror

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeVariable asks the test binary to fill the folder it names, for ever.
const writeVariable = "MIRROR_TEST_WRITE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writeVariable); dir != "" {
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

func writeForEver(dir string) {
	s := &shelf{dir: dir, maxBytes: 1 << 20, now: time.Now, warn: func(string, string, error) {}}
	for n := 0; ; n++ {
		m := meta{Address: fmt.Sprint("https://unpkg.com/x@1.0.0/", n%8, ".js"), Type: "text/javascript"}
		if err := s.keep(m, bytes.Repeat([]byte{byte(n)}, 1+n*7919%200000)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// TestKilledProcessLeavesWholeFiles kills a process that writes the same few
// files again and again.
func TestKilledProcessLeavesWholeFiles(t *testing.T) {
	dir := t.TempDir()
	for range 20 {
		child := exec.Command(os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), writeVariable+"="+dir)
		output, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(output)
		if _, err := lines.ReadString('\n'); err != nil {
			t.Fatal("the child wrote nothing")
		}
		time.AfterFunc(time.Duration(rand.IntN(30_000))*time.Microsecond, func() { child.Process.Kill() })
		lines.WriteTo(&bytes.Buffer{})
		child.Wait()
		if child.ProcessState.Exited() {
			t.Fatal("the child ended by itself")
		}
		wantWhole(t, dir)
	}
}

func wantWhole(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), temporary) {
			continue
		}
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open(f); err != nil {
			t.Errorf("%s: %v", e.Name(), err)
		}
		f.Close()
		whole++
	}
	if whole == 0 {
		t.Fatal("nothing was kept: the test proves nothing")
	}
}
