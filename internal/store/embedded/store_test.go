package embedded_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

func TestMain(m *testing.M) {
	storetest.AppendWhenChild(func(directory string) (store.Store, error) {
		return embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
	})
	os.Exit(m.Run())
}

func open(t testing.TB, directory string) *embedded.Store {
	t.Helper()
	s, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContract(t *testing.T) {
	storetest.Contract(t, func(t *testing.T, directory string) store.Store { return open(t, directory) })
}

func TestMessageContract(t *testing.T) {
	storetest.MessageContract(t, func(t *testing.T, directory string) store.Store { return open(t, directory) })
}

func TestReceiptAcknowledgedBeforeKillIsKept(t *testing.T) {
	directory := t.TempDir()
	acknowledged := make(storetest.Acknowledged)
	for range 6 {
		acknowledged.AppendAndKill(t, directory)
	}
	s := open(t, directory)
	acknowledged.WantAll(t, s)
	if h := s.Health(); len(h.Warnings) != 0 || !h.Reachable {
		t.Errorf("killing left the file damaged: %+v", h)
	}
}

func TestOnlyTheOwnerCanReadTheFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // Windows has no such modes.
	}
	directory := filepath.Join(t.TempDir(), "made", "here")
	open(t, directory)
	for path, want := range map[string]os.FileMode{
		directory: 0o700,
		filepath.Join(directory, embedded.FileName): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode is %o, want %o", got, want)
		}
	}
}

func TestSecondProcessIsToldWhatToDo(t *testing.T) {
	directory := t.TempDir()
	open(t, directory)
	_, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
	if err == nil || !strings.Contains(err.Error(), "use 'caddy reload'") {
		t.Fatalf("error is %v", err)
	}
}

func TestDirectoryThatCannotBeWrittenIsNamed(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(parent, "taken")
	if err := os.MkdirAll(filepath.Join(taken, embedded.FileName), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, directory := range []string{filepath.Join(file, "below"), taken} {
		_, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
		if err == nil || !strings.Contains(err.Error(), "choose another directory") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestExpiredReceiptsAreDeletedAtStart(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	const expiring = 2500 // more than two portions of the sweeper
	storetest.AtOnce(t, expiring, func(i int) error {
		r := storetest.NewReceipt("a", -i)
		r.Expires = storetest.Noon.Add(time.Hour)
		return s.Enqueue(t.Context(), r)
	})
	kept := storetest.NewReceipt("a", 0)
	appendQueued(t, s, kept, true)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	later := storetest.Noon.Add(time.Hour)
	s, err := embedded.Open(embedded.Options{
		Directory: directory, Now: func() time.Time { return later }, Sweep: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantOnlyOneLeft(t, s)
	storetest.WantHistory(t, s, "a", kept)
	wantQueue(t, s, kept)
}

func TestExpiredReceiptsAreDeletedWhileRunning(t *testing.T) {
	var now atomic.Int64
	now.Store(storetest.Noon.Unix())
	s, err := embedded.Open(embedded.Options{
		Directory: t.TempDir(), Now: func() time.Time { return time.Unix(now.Load(), 0) }, Sweep: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	expiring, kept := storetest.NewReceipt("a", 0), storetest.NewReceipt("a", 1)
	expiring.Expires = storetest.Noon.Add(time.Hour)
	appendQueued(t, s, expiring, false)
	appendQueued(t, s, kept, false)
	storetest.WantHistory(t, s, "a", expiring, kept)
	now.Store(expiring.Expires.Unix())
	storetest.WantHistory(t, s, "a", kept)
	wantOnlyOneLeft(t, s)
}

func wantOnlyOneLeft(t *testing.T, s *embedded.Store) {
	t.Helper()
	storetest.Eventually(t, "what expired is deleted", func() bool {
		count, err := s.Count(t.Context())
		if err != nil || count == 0 {
			t.Fatalf("%d receipts left (%v)", count, err)
		}
		return count == 1
	})
}
