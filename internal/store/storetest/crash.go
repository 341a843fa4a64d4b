package storetest

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// childVariable asks a test binary to append receipts instead of testing.
const childVariable = "STORETEST_APPEND"

// AppendWhenChild must be called by TestMain. In a child that AppendAndKill
// started, it opens the store, appends from eight goroutines receipts with a message
// of the same ID, prints every ID that Append acknowledged, and never returns.
func AppendWhenChild(open func(argument string) (store.Store, error)) {
	argument := os.Getenv(childVariable)
	if argument == "" {
		return
	}
	s, err := open(argument)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	acknowledged := make(chan string)
	for worker := range 8 {
		go func() {
			for i := 0; ; i++ {
				r := NewReceipt(fmt.Sprint("subject-", worker), i)
				m := NewMessage("mailer", i)
				m.ID = r.ID
				if s.Append(context.Background(), r, m) == nil {
					acknowledged <- r.Subject + " " + r.ID
				}
			}
		}()
	}
	for line := range acknowledged {
		fmt.Println(line)
	}
}

// Acknowledged holds, per subject, the IDs that a killed process had printed.
type Acknowledged map[string][]string

// AppendAndKill runs this test binary as a child that appends to the store the
// argument names, and kills it (SIGKILL) at a random moment.
func (a Acknowledged) AppendAndKill(t *testing.T, argument string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), childVariable+"="+argument)
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewReader(output)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the end, or half a line: that ID was not acknowledged
		}
		if n == 0 {
			time.AfterFunc(time.Duration(1+rand.IntN(120))*time.Millisecond, func() { child.Process.Kill() })
		}
		subject, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		a[subject] = append(a[subject], id)
	}
	if err := child.Wait(); child.ProcessState.Exited() {
		t.Fatalf("the child ended by itself: %v", err)
	}
}

// WantAll fails the test unless every acknowledged receipt is there exactly once, and
// its message with it.
func (a Acknowledged) WantAll(t *testing.T, s store.Store) {
	t.Helper()
	messages := make(map[string]int)
	must(t, s.Pending(t.Context(), func(p store.Pending) { messages[p.ID]++ }))
	total := 0
	for subject, ids := range a {
		history, err := s.History(t.Context(), subject)
		must(t, err)
		seen := make(map[string]int)
		for _, r := range history {
			seen[r.ID]++
			if seen[r.ID] > 1 {
				t.Errorf("%s is there twice", r.ID)
			}
		}
		for _, id := range ids {
			if seen[id] == 0 {
				t.Errorf("%s was acknowledged and is lost", id)
			}
			if messages[id] != 1 {
				t.Errorf("the message of %s is there %d times", id, messages[id])
			}
		}
		total += len(ids)
	}
	if total == 0 {
		t.Fatal("nothing was acknowledged: the test proves nothing")
	}
}
