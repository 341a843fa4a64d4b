package embedded_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// openMoving opens a store whose clock a test moves.
func openMoving(t *testing.T, directory string, sweep time.Duration) (*embedded.Store, *atomic.Int64) {
	t.Helper()
	now := new(atomic.Int64)
	now.Store(storetest.Noon.Unix())
	s, err := embedded.Open(embedded.Options{
		Directory: directory, Sweep: sweep, Now: func() time.Time { return time.Unix(now.Load(), 0).UTC() },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, now
}

func takeFrom(t *testing.T, s *embedded.Store, n int) []store.Lent {
	t.Helper()
	taken, err := s.Take(t.Context(), "mailer", n, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func postTo(t *testing.T, s *embedded.Store, messages ...store.Message) {
	t.Helper()
	if err := s.Post(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
}

func pendingOf(t *testing.T, s *embedded.Store) (list []store.Pending) {
	t.Helper()
	if err := s.Pending(t.Context(), func(p store.Pending) { list = append(list, p) }); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestLeaseAndNextAttemptPassWithTheClock(t *testing.T) {
	s, now := openMoving(t, t.TempDir(), 0)
	postTo(t, s, storetest.NewMessage("mailer", 0))
	late := takeFrom(t, s, 1)[0]
	now.Add(59)
	if n := len(takeFrom(t, s, 1)); n != 0 {
		t.Fatalf("%d taken while lent", n)
	}
	now.Add(1)
	present := takeFrom(t, s, 1)
	if len(present) != 1 || present[0].Lease == late.Lease {
		t.Fatalf("taken is %+v", present)
	}
	l := present[0]
	l.Progress = store.Progress{Attempts: 1, First: l.Next, Next: storetest.Noon.Add(time.Hour), Trouble: "timeout"}
	if err := s.Return(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	now.Store(storetest.Noon.Add(time.Hour).Unix() - 1)
	if n := len(takeFrom(t, s, 1)); n != 0 {
		t.Fatalf("%d taken before it is due", n)
	}
	now.Add(1)
	if taken := takeFrom(t, s, 1); len(taken) != 1 || taken[0].Attempts != 1 {
		t.Fatalf("taken is %+v", taken)
	}
}

func TestCrashMakesWhatWasLentDueAtOnce(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	m := storetest.NewMessage("mailer", 0)
	postTo(t, s, m)
	takeFrom(t, s, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if taken := takeFrom(t, open(t, directory), 1); len(taken) != 1 || taken[0].ID != m.ID {
		t.Fatalf("taken is %+v", taken)
	}
}

func TestExpiredMessagesAreDeleted(t *testing.T) {
	directory := t.TempDir()
	s, now := openMoving(t, directory, time.Millisecond)
	const expiring = 1200 // more than one portion of the sweeper
	var messages []store.Message
	for i := range expiring {
		m := storetest.NewMessage("mailer", -i)
		m.Expires = storetest.Noon.Add(time.Hour)
		messages = append(messages, m)
	}
	kept := storetest.NewMessage("mailer", 0)
	if err := s.EnqueueMessages(t.Context(), append(messages, kept)...); err != nil {
		t.Fatal(err)
	}
	for i, l := range takeFrom(t, s, 3) { // one waits, one is dead, one is lent
		l.Progress = store.Progress{Attempts: 1, First: storetest.Noon, Trouble: "timeout"}
		if i == 0 {
			l.Next = storetest.Noon.Add(24 * time.Hour)
		}
		if i < 2 {
			if err := s.Return(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
	}
	now.Store(storetest.Noon.Add(time.Hour).Unix())
	storetest.Eventually(t, "what expired is deleted", func() bool { return len(pendingOf(t, s)) == 1 })
	if taken := takeFrom(t, s, 10); len(taken) != 1 || taken[0].ID != kept.ID {
		t.Errorf("%d were taken", len(taken))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	editFile(t, filepath.Join(directory, embedded.FileName), func(tx *bolt.Tx) error {
		for _, name := range []string{"messages", "due", "ends", "unshared"} {
			if n := tx.Bucket([]byte(name)).Stats().KeyN; n != 1 {
				t.Errorf("%d entries are left in %s", n, name)
			}
		}
		return nil
	})
}

func TestUnsharedGivesTheOldestFirstUntilShared(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	old, young := storetest.NewMessage("shop", -1), storetest.NewMessage("mailer", 0)
	if err := s.EnqueueMessages(t.Context(), young, old); err != nil {
		t.Fatal(err)
	}
	postTo(t, s, storetest.NewMessage("mailer", -2))
	wantUnshared(t, s, old, young)
	if err := s.Shared(t.Context(), []store.Message{old}); err != nil {
		t.Fatal(err)
	}
	if err := s.EnqueueMessages(t.Context(), old); err != nil { // the same again
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, directory)
	wantUnshared(t, s, young)
	if err := s.Reshare(t.Context(), []string{old.ID, "never-there"}); err != nil {
		t.Fatal(err)
	}
	wantUnshared(t, s, old, young)
	if err := s.Forget(t.Context(), []string{old.ID, young.ID, "never-there"}); err != nil {
		t.Fatal(err)
	}
	wantUnshared(t, s)
}

func wantUnshared(t *testing.T, s *embedded.Store, want ...store.Message) {
	t.Helper()
	got, err := s.Unshared(t.Context(), 100)
	if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("unshared are %+v (%v)\nwant %+v", got, err, want)
	}
}

func TestCopiesAreThoseThatAreShared(t *testing.T) {
	s := open(t, t.TempDir())
	var shared []string
	for i := range 7 {
		m := storetest.NewMessage("mailer", 0)
		m.ID = fmt.Sprint("m", i)
		if i%2 == 0 {
			shared = append(shared, m.ID)
			postTo(t, s, m)
		} else if err := s.EnqueueMessages(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for after := ""; ; {
		page, err := s.Copies(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		got, after = append(got, page...), page[len(page)-1]
	}
	if !slices.Equal(got, shared) {
		t.Errorf("copies are %q, want %q", got, shared)
	}
}

func TestUnknownServerGetsEveryMessageAgain(t *testing.T) {
	s := open(t, t.TempDir())
	const many = 1001 // more than one portion
	var messages []store.Message
	for i := range many {
		messages = append(messages, storetest.NewMessage("mailer", i))
	}
	postTo(t, s, messages...)
	for _, step := range []struct {
		server string
		want   int
	}{{"run-1", many}, {"run-1", 0}, {"run-2", many}} {
		if err := s.Requeue(t.Context(), []string{step.server}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Unshared(t.Context(), 2*many)
		if err != nil || len(got) != step.want {
			t.Fatalf("%d unshared, %v, want %d", len(got), err, step.want)
		}
		if err := s.Shared(t.Context(), got); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMessageThatDoesNotReadStopsNoOther(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	broken, whole := storetest.NewMessage("mailer", -1), storetest.NewMessage("mailer", 0)
	postTo(t, s, broken, whole)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	editFile(t, filepath.Join(directory, embedded.FileName), func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("messages")).Put([]byte(broken.ID), []byte("{}\n{}"))
	})
	s = open(t, directory)
	if taken := takeFrom(t, s, 10); len(taken) != 1 || taken[0].ID != whole.ID {
		t.Errorf("taken is %+v", taken)
	}
	if h := s.Health(); len(h.Warnings) != 1 {
		t.Errorf("warnings: %q", h.Warnings)
	}
}
