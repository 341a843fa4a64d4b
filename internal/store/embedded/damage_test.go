package embedded_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/caddy-privacy/caddy-privacy/internal/store/embedded"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// filled makes a store of some pages and returns its file.
func filled(t testing.TB, directory string) string {
	t.Helper()
	s := open(t, directory)
	storetest.AtOnce(t, 100, func(i int) error {
		return s.Enqueue(t.Context(), storetest.NewReceipt("a", i))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(directory, embedded.FileName)
}

func TestDamagedFileIsSetAsideAndTheSiteServed(t *testing.T) {
	page := os.Getpagesize()
	for name, damage := range map[string]func([]byte) []byte{
		"not a database":   func([]byte) []byte { return []byte("hello") },
		"one byte":         func(b []byte) []byte { return b[:1] },
		"half a meta page": func(b []byte) []byte { return b[:page/2] },
		"one page":         func(b []byte) []byte { return b[:page] },
		"two pages":        func(b []byte) []byte { return b[:2*page] },
		"four pages":       func(b []byte) []byte { return b[:4*page] },
		"both metas zero":  func(b []byte) []byte { clear(b[:2*page]); return b },
		"data zero":        func(b []byte) []byte { clear(b[2*page:]); return b },
		"data random":      func(b []byte) []byte { rand.Read(b[2*page:]); return b },
		"bucket renamed": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("receipts"), []byte("\xff\xff\xff\xff\xff\xff\xff\xff"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			path := filled(t, directory)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content = damage(content)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			wantSetAside(t, directory, content)
		})
	}
}

func TestFileOfAnotherProgramIsSetAside(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, embedded.FileName)
	editFile(t, path, func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket([]byte("theirs"))
		return err
	})
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantSetAside(t, directory, content)
}

func TestNoFileSetAsideReplacesAnEarlierOne(t *testing.T) {
	directory := t.TempDir()
	for n := 1; n <= 3; n++ {
		path := filepath.Join(directory, embedded.FileName)
		if err := os.WriteFile(path, fmt.Appendf(nil, "damage %d", n), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := open(t, directory).Close(); err != nil {
			t.Fatal(err)
		}
		if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) != n {
			t.Fatalf("%d files set aside after %d damages", len(aside), n)
		}
	}
}

func TestInterruptedFirstStartIsNoDamage(t *testing.T) {
	for name, make := range map[string]func(t *testing.T, path string){
		"empty file": func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"no bucket yet": func(t *testing.T, path string) {
			editFile(t, path, func(*bolt.Tx) error { return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			directory := t.TempDir()
			make(t, filepath.Join(directory, embedded.FileName))
			if w := open(t, directory).Health().Warnings; len(w) != 0 {
				t.Errorf("warnings: %q", w)
			}
		})
	}
}

func TestFileOfANewerVersionIsLeftAlone(t *testing.T) {
	directory := t.TempDir()
	path := filled(t, directory)
	editFile(t, path, func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), binary.BigEndian.AppendUint32(nil, 2))
	})
	_, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
	if err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Fatalf("error is %v", err)
	}
	if aside, _ := filepath.Glob(path + ".damaged-*"); len(aside) != 0 {
		t.Error("a file in order was set aside")
	}
}

func FuzzDamagedFile(f *testing.F) {
	content, err := os.ReadFile(filled(f, f.TempDir()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint(56), byte(1), uint(len(content)))
	f.Add(uint(4096+16), byte(255), uint(9000))
	f.Add(uint(3*4096+8), byte(4), uint(len(content)))
	f.Fuzz(func(t *testing.T, offset uint, flip byte, length uint) {
		damaged := bytes.Clone(content)
		damaged[offset%uint(len(damaged))] ^= flip
		damaged = damaged[:min(length, uint(len(damaged)))]
		directory := t.TempDir()
		if err := os.WriteFile(filepath.Join(directory, embedded.FileName), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := embedded.Open(embedded.Options{Directory: directory, Now: storetest.Clock})
		if err != nil {
			if !strings.Contains(err.Error(), "newer version") {
				t.Fatal(err)
			}
			return
		}
		defer s.Close()
		if err := s.Append(t.Context(), storetest.NewReceipt("a", 0)); err != nil {
			t.Fatal(err)
		}
	})
}

// wantSetAside opens the directory and finds the old content under another
// name, a warning, and a store that works.
func wantSetAside(t *testing.T, directory string, content []byte) {
	t.Helper()
	s := open(t, directory)
	aside := filepath.Join(directory, fmt.Sprintf("%s.damaged-%d", embedded.FileName, storetest.Noon.Unix()))
	saved, err := os.ReadFile(aside)
	if err != nil || !bytes.Equal(saved, content) {
		t.Fatalf("the old file was not kept as it was: %v", err)
	}
	if w := s.Health().Warnings; len(w) != 1 || !strings.Contains(w[0], aside) {
		t.Errorf("warnings: %q", w)
	}
	r := storetest.NewReceipt("a", 0)
	if err := s.Append(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	storetest.WantHistory(t, s, "a", r)
}

func editFile(t *testing.T, path string, edit func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(edit); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
