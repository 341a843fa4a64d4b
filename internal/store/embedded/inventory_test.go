package embedded_test

import (
	"errors"
	"maps"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
)

func TestInventoriesOutliveClose(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	for _, changed := range []map[string][]byte{
		{"a.test": []byte("1"), "b.test": []byte("2"), "c.test": []byte("3")},
		{"b.test": nil, "c.test": []byte("4"), "never.test": nil},
		{},
	} {
		if err := s.SaveInventories(t.Context(), changed); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"a.test": "1", "c.test": "4"}
	wantInventories(t, s, want)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantInventories(t, open(t, directory), want)
	if _, err := s.Inventories(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := s.SaveInventories(t.Context(), nil); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestInventoriesAreSavedAllOrNone(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.SaveInventories(t.Context(), map[string][]byte{"a.test": []byte("1"), "": []byte("2")}); err == nil {
		t.Error("a host without a name was saved")
	}
	wantInventories(t, s, nil)
}

func TestInventorySetAsideIsNotLost(t *testing.T) {
	directory := t.TempDir()
	s := open(t, directory)
	if err := s.SaveInventories(t.Context(), map[string][]byte{"a.test": []byte("broken"), "b.test": []byte("2")}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetInventoryAside(t.Context(), "a.test"); err != nil {
		t.Fatal(err)
	}
	wantInventories(t, s, map[string]string{"b.test": "2"})
	if err := s.SaveInventories(t.Context(), map[string][]byte{"a.test": []byte("new")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	editFile(t, filepath.Join(directory, embedded.FileName), func(tx *bolt.Tx) error {
		if aside := tx.Bucket([]byte("aside")).Get([]byte("a.test")); string(aside) != "broken" {
			t.Errorf("aside is %q", aside)
		}
		return nil
	})
}

// TestFileOfAVersionWithoutInventoriesIsTakenOver: upgrades lose nothing.
func TestFileOfAVersionWithoutInventoriesIsTakenOver(t *testing.T) {
	directory := t.TempDir()
	editFile(t, filled(t, directory), func(tx *bolt.Tx) error {
		return errors.Join(tx.DeleteBucket([]byte("inventory")), tx.DeleteBucket([]byte("aside")))
	})
	s := open(t, directory)
	wantInventories(t, s, nil)
	if health := s.Health(); health.Queued != 100 || len(health.Warnings) != 0 {
		t.Errorf("%+v", health)
	}
}

func wantInventories(t *testing.T, s *embedded.Store, want map[string]string) {
	t.Helper()
	saved, err := s.Inventories(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for host, text := range saved {
		got[host] = string(text)
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
