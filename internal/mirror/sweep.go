package mirror

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// temporary begins the names of files that are being written.
const temporary = "new-"

// abandoned is the age at which a file that is being written has no writer any
// more: its content was in memory before it was begun.
const abandoned = time.Minute

// block is what even a small file takes on the disk.
const block = 4 << 10

var errNoRoom = errors.New("the file is larger than the mirror may be: give it more room")

// makeRoom is called before size bytes are written. The folder is read
// once in a while only: a sixteenth of the bound is left free for what is
// written meanwhile. Processes that share the folder have one such part each.
func (s *shelf) makeRoom(size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	slack := s.maxBytes / 16
	need := onDisk(size)
	if s.written+need > slack {
		if need > s.maxBytes-slack {
			return errNoRoom
		}
		if err := s.sweep(need); err != nil {
			return err
		}
		s.written = 0
	}
	s.written += need
	return nil
}

// sweep removes what was used longest ago until there is room for need bytes,
// and what killed processes left.
func (s *shelf) sweep(need int64) error {
	kept, total, err := s.list()
	if err != nil {
		return err
	}
	slices.SortFunc(kept, func(a, b keptFile) int { return a.used.Compare(b.used) })
	room := s.maxBytes - s.maxBytes/16 - need
	for _, f := range kept {
		if total <= room {
			break
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= f.size
	}
	return nil
}

// keptFile is a file of the folder.
type keptFile struct {
	path string
	size int64
	used time.Time
}

// list returns the kept files and what they take, and removes what was abandoned.
// Files of other programs are left alone.
func (s *shelf) list() (kept []keptFile, total int64, err error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue // gone meanwhile, or none of ours
		}
		f := keptFile{filepath.Join(s.dir, e.Name()), onDisk(info.Size()), info.ModTime()}
		switch {
		case strings.HasPrefix(e.Name(), temporary) && s.now().Sub(f.used) > abandoned:
			// Whether it worked is seen at the next sweep.
			_ = os.Remove(f.path)
		case len(e.Name()) == 2*32:
			kept = append(kept, f)
			total += f.size
		}
	}
	return kept, total, nil
}

func onDisk(size int64) int64 {
	return cmp.Or((size+block-1)/block, 1) * block
}
