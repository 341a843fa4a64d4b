package embedded

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// clock is one that tests move.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.now.Store(storetest.Noon.UnixNano())
	return c
}

func (c *clock) Now() time.Time        { return time.Unix(0, c.now.Load()) }
func (c *clock) pass(by time.Duration) { c.now.Add(int64(by)) }

func openAt(t testing.TB, directory string, c *clock) *Store {
	t.Helper()
	s, err := Open(Options{Directory: directory, Now: c.Now, Sweep: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func wantFirst(t testing.TB, s *Store, id string, life time.Duration, want bool) {
	t.Helper()
	first, err := s.Spend(t.Context(), "work", id, life)
	if err != nil || first != want {
		t.Fatalf("the first to use %s: %v (%v), want %v", id, first, err, want)
	}
}

func onDisk(t testing.TB, s *Store) (n int) {
	t.Helper()
	err := s.db.View(func(tx *bolt.Tx) error {
		n = tx.Bucket(bucketSpent).Stats().KeyN
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSpentIsForgottenAfterItsLifeAndNotBefore(t *testing.T) {
	c := newClock()
	directory := t.TempDir()
	s := openAt(t, directory, c)
	wantFirst(t, s, "short", time.Minute, true)
	wantFirst(t, s, "long", time.Hour, true)
	c.pass(time.Minute - 1)
	wantFirst(t, s, "short", time.Minute, false)
	c.pass(1)
	wantFirst(t, s, "long", time.Hour, false)
	wantFirst(t, s, "short", time.Minute, true)
	storetest.Eventually(t, "what is over leaves the disk", func() bool { return onDisk(t, s) == 2 })
	if len(s.used.names) != 2 || len(s.used.ends) != 2 {
		t.Errorf("%d names and %d ends in memory", len(s.used.names), len(s.used.ends))
	}
	c.pass(2 * time.Hour)
	storetest.Eventually(t, "all leaves the disk", func() bool { return onDisk(t, s) == 0 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, directory, c)
	wantFirst(t, s, "long", time.Hour, true)
}

func TestSpentIsOnTheDiskSoonAndAllOfItAtClose(t *testing.T) {
	c := newClock()
	directory := t.TempDir()
	s := openAt(t, directory, c)
	wantFirst(t, s, "soon", time.Hour, true)
	storetest.Eventually(t, "it is on the disk", func() bool { return onDisk(t, s) == 1 })
	const n = 2500 // more than two portions
	for i := range n {
		wantFirst(t, s, fmt.Sprint("n-", i), time.Hour, true)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, directory, c)
	for i := range n {
		wantFirst(t, s, fmt.Sprint("n-", i), time.Hour, false)
	}
}

func TestMemoryOfWhatWasSpentIsBoundedAndLosesWhatEndsFirst(t *testing.T) {
	u := newUsed()
	now := storetest.Noon
	spend := func(name string, life time.Duration) bool {
		first, err := u.spend(name, now, now.Add(life))
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	spend("early", time.Minute)
	spend("late", 2*time.Hour)
	for i := range maxUsed {
		spend(fmt.Sprint(i), time.Hour)
	}
	if len(u.names) != maxUsed || len(u.ends) != maxUsed || len(u.unsaved) != maxUnsaved {
		t.Errorf("%d names, %d ends, %d unsaved", len(u.names), len(u.ends), len(u.unsaved))
	}
	if spend("late", time.Hour) || !spend("early", time.Minute) {
		t.Error("what ends last was forgotten, or what ends first was not")
	}
}

func TestDiskThatCannotBeWrittenLetsNothingBeUsedTwice(t *testing.T) {
	s := openAt(t, t.TempDir(), newClock())
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	wantFirst(t, s, "a", time.Hour, true)
	wantFirst(t, s, "a", time.Hour, false)
}

func BenchmarkSpend(b *testing.B) {
	c := newClock()
	s := openAt(b, b.TempDir(), c)
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = fmt.Sprintf("%032x", i)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n++; n%len(ids) == 0 {
			c.pass(2 * time.Hour)
		}
		if _, err := s.Spend(b.Context(), "work", ids[n%len(ids)], time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}
