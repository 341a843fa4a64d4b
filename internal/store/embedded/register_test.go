package embedded_test

import (
	"errors"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
)

func wantRegister(t *testing.T, s *embedded.Store, want string) {
	t.Helper()
	if got, err := s.Register(t.Context()); err != nil || string(got) != want || (got == nil) != (want == "") {
		t.Errorf("the register is %q, %v; want %q", got, err, want)
	}
}

func TestRegisterOutlivesClose(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	wantRegister(t, s, "")
	for _, text := range []string{"first", "second"} {
		if err := s.SaveRegister(t.Context(), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantRegister(t, open(t, directory), "second")
	if _, err := s.Register(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := s.SaveRegister(t.Context(), nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestRegisterSetAsideIsNotLost(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	if err := errors.Join(s.SaveRegister(t.Context(), []byte("broken")), s.SetRegisterAside(t.Context())); err != nil {
		t.Fatal(err)
	}
	wantRegister(t, s, "")
	if err := errors.Join(s.SaveRegister(t.Context(), []byte("new")), s.Close()); err != nil {
		t.Fatal(err)
	}
	editFile(t, filepath.Join(directory, embedded.FileName), func(tx *bolt.Tx) error {
		if aside := tx.Bucket([]byte("register")).Get([]byte("aside")); string(aside) != "broken" {
			t.Errorf("aside is %q", aside)
		}
		return nil
	})
}

// TestFileOfAVersionWithoutARegisterIsTakenOver: upgrades lose nothing.
func TestFileOfAVersionWithoutARegisterIsTakenOver(t *testing.T) {
	directory := t.TempDir()
	editFile(t, filled(t, directory), func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("register")) })
	s := open(t, directory)
	wantRegister(t, s, "")
	if health := s.Health(); health.Queued != 100 || len(health.Warnings) != 0 {
		t.Errorf("%+v", health)
	}
}
