package mirror

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// shelf keeps files in a folder, one for each address, named by its digest. A
// file is whole or absent: it is written beside its place, synced and renamed.
//
// It consists of a line with the format's name and the SHA-256 of all that
// follows, a line of JSON (meta), and the content. The time of its last change
// is that of its last use.
type shelf struct {
	dir      string
	maxBytes int64
	now      func() time.Time
	warn     func(event, host string, err error)

	mu      sync.Mutex
	written int64 // bytes since the last sweep
}

// meta is what is known of a file.
type meta struct {
	Address   string `json:"address"`
	Type      string `json:"type,omitempty"`      // Content-Type
	Moved     string `json:"moved,omitempty"`     // the address it is redirected to, instead of content
	Validator string `json:"validator,omitempty"` // the CDN's ETag
	Tag       string `json:"tag,omitempty"`       // our ETag, from the content alone
	Fetched   int64  `json:"fetched"`             // unix seconds
}

// document is a file that is being served.
type document struct {
	meta
	body io.ReadSeeker
	file *os.File // nil when it is not on the disk
}

// Close must be called when the document has been served.
func (d *document) Close() {
	if d.file != nil {
		d.file.Close()
	}
}

func inMemory(m meta, body []byte) *document {
	m.Tag = tag(body)
	return &document{meta: m, body: bytes.NewReader(body)}
}

const (
	format     = "mirror1 "
	headBuffer = 16 << 10 // more than both lines need
)

var errDamaged = errors.New("a kept file was damaged")

// load returns the file of an address, nil when there is none. A damaged one is
// removed.
func (s *shelf) load(address string) *document {
	path := s.path(address)
	f, err := os.Open(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.warn("a file of the mirror cannot be read", "", err)
		}
		return nil
	}
	d, err := open(f)
	if err == nil && d.Address != address {
		err = errDamaged
	}
	if err != nil {
		f.Close()
		s.warn("a file of the mirror is fetched again", "", err)
		s.remove(address)
		return nil
	}
	s.touch(f)
	return d
}

// has tells whether there is a file of an address, damaged or not.
func (s *shelf) has(address string) bool {
	_, err := os.Stat(s.path(address))
	return err == nil
}

// open reads a file through and compares its digest.
func open(f *os.File) (*document, error) {
	r := bufio.NewReaderSize(f, headBuffer)
	first, err := r.ReadSlice('\n')
	if err != nil {
		return nil, errDamaged
	}
	written := bytes.Clone(first)
	second, err := r.ReadSlice('\n')
	if err != nil {
		return nil, errDamaged
	}
	d := &document{file: f}
	digest := sha256.New()
	digest.Write(second)
	if json.Unmarshal(second, &d.meta) != nil {
		return nil, errDamaged
	}
	start := int64(len(written) + len(second))
	size, err := io.Copy(digest, r)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(written, firstLine(digest)) == 0 {
		return nil, errDamaged
	}
	d.body = io.NewSectionReader(f, start, size)
	return d, nil
}

// touch notes the use of a file, at most once an hour to spare the disk.
func (s *shelf) touch(f *os.File) {
	info, err := f.Stat()
	if err != nil || s.now().Sub(info.ModTime()) < time.Hour {
		return
	}
	// On failure the file counts as used long ago, and goes earlier.
	_ = os.Chtimes(f.Name(), s.now(), s.now())
}

// keep writes a file in place of what the address had.
func (s *shelf) keep(m meta, body []byte) error {
	m.Tag = tag(body)
	second, err := json.Marshal(m)
	if err != nil {
		return err
	}
	second = append(second, '\n')
	digest := sha256.New()
	digest.Write(second)
	digest.Write(body)
	first := firstLine(digest)
	if err := s.makeRoom(int64(len(first) + len(second) + len(body))); err != nil {
		return err
	}
	return s.write(s.path(m.Address), first, second, body)
}

func (s *shelf) write(path string, parts ...[]byte) error {
	f, err := os.CreateTemp(s.dir, temporary+"*")
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err == nil {
			_, err = f.Write(p)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Chtimes(f.Name(), s.now(), s.now())
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func (s *shelf) remove(address string) {
	if err := os.Remove(s.path(address)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.warn("a file of the mirror cannot be removed", "", err)
	}
}

func (s *shelf) path(address string) string {
	digest := sha256.Sum256([]byte(address))
	return filepath.Join(s.dir, hex.EncodeToString(digest[:]))
}

func firstLine(digest hash.Hash) []byte {
	line := hex.AppendEncode([]byte(format), digest.Sum(nil))
	return append(line, '\n')
}

func tag(body []byte) string {
	digest := sha256.Sum256(body)
	return hex.EncodeToString(digest[:16])
}
