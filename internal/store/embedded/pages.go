package embedded

import (
	"bytes"
	"encoding/binary"
	"io"
)

// bbolt trusts its pages: a wrong number in one makes it read outside of the
// file, and that ends the process. So every page is looked at once, at start,
// through ordinary reads. A page has a header of 16 bytes: id (8), type (2),
// number of elements (2), number of further pages it continues on (4).
const (
	pageHeaderSize = 16
	elementSize    = 16

	typeBranch   = 0x01
	typeLeaf     = 0x02
	typeFreelist = 0x10

	// A leaf element with this flag holds a bucket: the page of its root (8)
	// and a sequence (8); root 0 means that a page follows right there.
	flagBucket       = 0x01
	bucketHeaderSize = 16
)

// pageCheck follows the pages of a file.
type pageCheck struct {
	file io.ReaderAt
	size uint64 // of a page, in bytes
	used []bool // by page: reached, or free; a page must not be both, nor twice
}

// take reads a page with those it continues on, which must not be used yet.
func (p *pageCheck) take(id uint64) (page []byte, valid bool) {
	var header [pageHeaderSize]byte
	if id < 2 || id >= uint64(len(p.used)) {
		return nil, false
	}
	if _, err := p.file.ReadAt(header[:], int64(id*p.size)); err != nil {
		return nil, false
	}
	length := 1 + uint64(binary.NativeEndian.Uint32(header[12:]))
	if binary.NativeEndian.Uint64(header[:]) != id || length > uint64(len(p.used))-id {
		return nil, false
	}
	for i := id; i < id+length; i++ {
		if p.used[i] {
			return nil, false
		}
		p.used[i] = true
	}
	page = make([]byte, length*p.size)
	_, err := p.file.ReadAt(page, int64(id*p.size))
	return page, err == nil
}

// tree checks a page and all below it.
func (p *pageCheck) tree(id uint64) bool {
	page, valid := p.take(id)
	return valid && p.elements(page)
}

// elements checks that what a page lists lies inside of it, in order.
func (p *pageCheck) elements(page []byte) bool {
	if len(page) < pageHeaderSize {
		return false
	}
	kind := binary.NativeEndian.Uint16(page[8:])
	count := int(binary.NativeEndian.Uint16(page[10:]))
	if pageHeaderSize+count*elementSize > len(page) {
		return false
	}
	var previous []byte
	for i := range count {
		element := page[pageHeaderSize+i*elementSize:]
		var key []byte
		var valid bool
		switch kind {
		case typeBranch:
			key, valid = p.branch(element)
		case typeLeaf:
			key, valid = p.leaf(element)
		}
		if !valid || i > 0 && bytes.Compare(previous, key) >= 0 {
			return false
		}
		previous = key
	}
	return kind == typeLeaf || kind == typeBranch && count > 0
}

// branch checks an element of a branch page: offset of the key, its size (4
// bytes each) and the page below (8).
func (p *pageCheck) branch(element []byte) (key []byte, valid bool) {
	start := uint64(binary.NativeEndian.Uint32(element))
	end := start + uint64(binary.NativeEndian.Uint32(element[4:]))
	if end > uint64(len(element)) || !p.tree(binary.NativeEndian.Uint64(element[8:])) {
		return nil, false
	}
	return element[start:end], true
}

// leaf checks an element of a leaf page: flags, offset of the key, size of the
// key and size of the value that follows it (4 bytes each).
func (p *pageCheck) leaf(element []byte) (key []byte, valid bool) {
	start := uint64(binary.NativeEndian.Uint32(element[4:]))
	middle := start + uint64(binary.NativeEndian.Uint32(element[8:]))
	end := middle + uint64(binary.NativeEndian.Uint32(element[12:]))
	if end > uint64(len(element)) {
		return nil, false
	}
	isBucket := binary.NativeEndian.Uint32(element)&flagBucket != 0
	return element[start:middle], !isBucket || p.bucket(element[middle:end])
}

func (p *pageCheck) bucket(value []byte) bool {
	if len(value) < bucketHeaderSize {
		return false
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return p.tree(root)
	}
	return p.elements(value[bucketHeaderSize:])
}

// free checks the page that lists the free pages. A count of 65535 means that
// the real one is the first number of the list.
func (p *pageCheck) free(id uint64) bool {
	page, valid := p.take(id)
	if !valid || binary.NativeEndian.Uint16(page[8:]) != typeFreelist {
		return false
	}
	count := uint64(binary.NativeEndian.Uint16(page[10:]))
	list := page[pageHeaderSize:]
	if count == 0xFFFF {
		count = binary.NativeEndian.Uint64(list)
		list = list[8:]
	}
	if count > uint64(len(list))/8 {
		return false
	}
	for i := range count {
		id := binary.NativeEndian.Uint64(list[8*i:])
		if id < 2 || id >= uint64(len(p.used)) || p.used[id] {
			return false
		}
		p.used[id] = true
	}
	return true
}
