package embedded

import (
	"encoding/binary"
	"hash/fnv"
	"io"
)

// A bbolt file begins with two meta pages, used in turn. Each has a page header
// and, after it, these fields in the byte order of the machine: magic, version,
// page size and flags (4 bytes each); root page, root sequence, freelist page,
// page count, transaction and checksum (8 bytes each).
const (
	metaSize     = 64
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	noFreelist   = ^uint64(0)
	minPageSize  = 1 << 10
	maxPageSize  = 1 << 24
	checksumHere = 56
)

// meta describes the file as one transaction left it.
type meta struct {
	pageSize    uint64
	root        uint64 // page of the root bucket
	freelist    uint64 // page that lists free pages, or noFreelist
	pages       uint64 // pages in use, from 0
	transaction uint64
}

// readMetas returns the valid meta pages, the latest first.
func readMetas(file io.ReaderAt, size int64) []meta {
	first, firstValid := readMeta(file, 0)
	second, secondValid := readMeta(file, int64(first.pageSize))
	// Without the first, the page size is unknown: the second is at one of these.
	for offset := int64(minPageSize); !firstValid && !secondValid && offset <= min(maxPageSize, size); offset *= 2 {
		second, secondValid = readMeta(file, offset)
	}
	switch {
	case firstValid && secondValid && second.transaction > first.transaction:
		return []meta{second, first}
	case firstValid && secondValid:
		return []meta{first, second}
	case firstValid:
		return []meta{first}
	case secondValid:
		return []meta{second}
	}
	return nil
}

// readMeta reads the meta page at an offset; valid means that its checksum is
// right and that it makes sense.
func readMeta(file io.ReaderAt, offset int64) (m meta, valid bool) {
	var b [metaSize]byte
	if _, err := file.ReadAt(b[:], offset+pageHeaderSize); err != nil {
		return meta{}, false
	}
	digest := fnv.New64a()
	digest.Write(b[:checksumHere])
	number := binary.NativeEndian
	m = meta{
		pageSize:    uint64(number.Uint32(b[8:])),
		root:        number.Uint64(b[16:]),
		freelist:    number.Uint64(b[32:]),
		pages:       number.Uint64(b[40:]),
		transaction: number.Uint64(b[48:]),
	}
	valid = number.Uint32(b[0:]) == boltMagic && number.Uint32(b[4:]) == boltVersion &&
		number.Uint64(b[checksumHere:]) == digest.Sum64() &&
		m.pageSize >= minPageSize && m.pageSize <= maxPageSize && m.pageSize&(m.pageSize-1) == 0
	if !valid {
		return meta{}, false
	}
	return m, true
}

// whole says whether the file is long enough for bbolt to map: it touches both
// meta pages, and may fall back on the earlier one.
func whole(metas []meta, size int64) bool {
	for _, m := range metas {
		if m.pages < 2 || m.pages > uint64(size)/m.pageSize {
			return false
		}
	}
	return len(metas) > 0
}

// sound says whether every page that a meta page leads to can be followed.
func (m meta) sound(file io.ReaderAt) bool {
	p := pageCheck{file: file, size: m.pageSize, used: make([]bool, m.pages)}
	return p.tree(m.root) && (m.freelist == noFreelist || p.free(m.freelist))
}
