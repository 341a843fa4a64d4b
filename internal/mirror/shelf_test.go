package mirror

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestKeptFilesOutliveTheProcess(t *testing.T) {
	b := newBench(t, file("text/javascript; charset=utf-8", "1"))
	before := b.ask(lasting)
	b.cdn.Close()
	b.reopen(t, 0)
	after := b.ask(lasting)
	if after.Code != http.StatusOK || after.Body.String() != "1" || after.Header().Get("ETag") != before.Header().Get("ETag") ||
		after.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%d %q %v", after.Code, after.Body, after.Header())
	}
}

// TestDamagedFilesAreFetchedAgain cuts a kept file at every place and changes
// each of its bytes, as a broken disk or a lost write would.
func TestDamagedFilesAreFetchedAgain(t *testing.T) {
	b := newBench(t, file("text/javascript", "content"))
	b.ask(lasting)
	path := b.shelf.path("https://" + lasting)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fetched := len(b.cdn.seen())
	check := func(what string, damaged []byte) {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		w := b.ask(lasting)
		fetched++
		if w.Code != http.StatusOK || w.Body.String() != "content" || len(b.cdn.seen()) != fetched {
			t.Fatalf("%s: %d %q after %d fetches, want %d", what, w.Code, w.Body, len(b.cdn.seen()), fetched)
		}
	}
	for i := range sound {
		check("cut at "+strconv.Itoa(i), sound[:i])
		changed := append([]byte(nil), sound...)
		changed[i] ^= 0x20
		check("changed at "+strconv.Itoa(i), changed)
	}
	check("longer", append(append([]byte(nil), sound...), 'x'))
	check("zeros", make([]byte, 1<<20))
}

func TestFileOfAnotherAddressIsNotServed(t *testing.T) {
	b := newBench(t, file("text/javascript", "1"))
	b.ask(floating)
	if err := os.Rename(b.shelf.path("https://"+floating), b.shelf.path("https://"+lasting)); err != nil {
		t.Fatal(err)
	}
	b.cdn.answer(file("text/javascript", "2"))
	if w := b.ask(lasting); w.Body.String() != "2" {
		t.Errorf("%q", w.Body)
	}
}

func TestWhatAKilledProcessLeftIsRemoved(t *testing.T) {
	b := newBench(t, file("text/javascript", "1"))
	b.ask(lasting)
	for name, age := range map[string]time.Duration{temporary + "1": time.Hour, temporary + "2": 0, "notes.txt": time.Hour} {
		path := filepath.Join(b.dir, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, b.clock.Now().Add(-age), b.clock.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	b.reopen(t, 0)
	names := strings.Join(b.files(t), " ")
	if strings.Contains(names, temporary+"1") {
		t.Error("the leftover is still there")
	}
	if !strings.Contains(names, temporary+"2") {
		t.Error("what another process is writing was removed")
	}
	if !strings.Contains(names, "notes.txt") {
		t.Error("a file of another program was removed")
	}
	b.cdn.Close()
	if w := b.ask(lasting); w.Code != http.StatusOK {
		t.Errorf("the kept file is gone: %d", w.Code)
	}
}

func TestLeastRecentlyUsedFilesGoFirst(t *testing.T) {
	b := newBench(t, file("text/javascript", strings.Repeat("x", 3<<10)))
	const fit = 15 // a sixteenth stays free
	b.reopen(t, 16*block)
	place := func(n int) string { return "cdn.jsdelivr.net/npm/x@1.0." + strconv.Itoa(n) + "/x.js" }
	for n := range fit {
		b.ask(place(n))
		b.clock.advance(2 * time.Hour)
	}
	b.ask(place(0)) // used again
	b.clock.advance(2 * time.Hour)
	for n := fit; n < fit+5; n++ {
		b.ask(place(n))
		b.clock.advance(2 * time.Hour)
		if names := b.files(t); len(names) > fit {
			t.Fatalf("%d files kept", len(names))
		}
	}
	before := len(b.cdn.seen())
	b.ask(place(0))
	b.ask(place(fit + 4))
	if len(b.cdn.seen()) != before {
		t.Error("a file in use was removed")
	}
	b.ask(place(1))
	if len(b.cdn.seen()) != before+1 {
		t.Error("a file out of use was kept")
	}
}

func TestFolderNeverOutgrowsItsBound(t *testing.T) {
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		file("text/javascript", strings.Repeat("x", len(r.URL.Path)*971%40000))(w, r)
	})
	const bound = 512 << 10
	b.reopen(t, bound)
	for n := range 150 {
		b.ask("unpkg.com/" + strings.Repeat("x", n+1) + "@1.0.0/x.js")
		_, total, err := b.shelf.list()
		if err != nil || total > bound {
			t.Fatalf("%d bytes after %d files: %v", total, n+1, err)
		}
		b.clock.advance(time.Second)
	}
	if len(b.files(t)) < 10 {
		t.Error("hardly anything was kept")
	}
}

func TestFileThatDoesNotFitIsServedAllTheSame(t *testing.T) {
	content := strings.Repeat("x", 64<<10)
	b := newBench(t, file("text/javascript", content))
	b.reopen(t, 32<<10)
	for range 2 {
		if w := b.ask(lasting); w.Code != http.StatusOK || w.Body.String() != content || w.Header().Get("ETag") == "" {
			t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
		}
	}
	if names := b.files(t); len(names) != 0 {
		t.Errorf("kept: %v", names)
	}
}

func TestUnwritableFolderDoesNotStopTheMirror(t *testing.T) {
	b := newBench(t, file("text/javascript", "1"))
	if err := os.RemoveAll(b.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(b.dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if w := b.ask(lasting); w.Code != http.StatusOK || w.Body.String() != "1" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if b.warned() == 0 {
		t.Error("the owner is not told")
	}
}

func TestProcessesShareTheFolder(t *testing.T) {
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		file("text/javascript", r.URL.Path)(w, r)
	})
	mirrors := make([]*Mirror, 4)
	for i := range mirrors {
		b.reopen(t, 24*block)
		mirrors[i] = b.Mirror
	}
	var wait sync.WaitGroup
	for _, m := range mirrors {
		wait.Go(func() {
			own := &bench{Mirror: m}
			for n := range 60 {
				path := "/x@1.0." + strconv.Itoa(n%20) + "/x.js"
				if w := own.ask("unpkg.com" + path); w.Code != http.StatusOK || w.Body.String() != path {
					t.Errorf("%s: %d %q", path, w.Code, w.Body)
				}
			}
		})
	}
	wait.Wait()
	for _, name := range b.files(t) {
		if strings.HasPrefix(name, temporary) {
			t.Errorf("left behind: %s", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	b := newBench(f, file("text/javascript", "content"))
	b.ask(lasting)
	sound, err := os.ReadFile(b.shelf.path("https://" + lasting))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add([]byte("mirror1 \n{}\n"))
	path := filepath.Join(f.TempDir(), "file")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if d, err := open(file); err == nil && string(content) != string(sound) && d.Address == "https://"+lasting {
			t.Errorf("%q passes for the sound file", content)
		}
	})
}
