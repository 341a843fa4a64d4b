package transfer

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// The sizes of a file that can be a country database, in bytes.
const (
	leastFile = 64
	mostFile  = 256 << 20
)

var errMoving = errors.New("the file is being written")

// stamp tells whether files have changed.
type stamp struct {
	size    int64
	changed int64 // the last change of any, unix nanoseconds
	all     int64 // of all changes, so that an older one that is replaced shows
}

// missing is the stamp of a file that cannot be looked at.
var missing = stamp{size: -1}

func stampOf(files []string) (stamp, error) {
	var s stamp
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return s, err
		}
		if !info.Mode().IsRegular() {
			return s, fmt.Errorf("%s is no file: write one that ends in .mmdb or .csv, or the folder of geoip and geoip6", file)
		}
		changed := info.ModTime().UnixNano()
		s.size, s.all, s.changed = s.size+info.Size(), s.all*31+changed, max(s.changed, changed)
	}
	return s, nil
}

// readFile reads a file whole. It is not mapped into memory: a file that is
// rewritten in place would end the process.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > mostFile:
		return nil, fmt.Errorf("it has more than %d MiB: write the path of a database of countries", mostFile>>20)
	case len(data) < leastFile:
		return nil, fmt.Errorf("it has %d bytes: the file was cut off", len(data))
	}
	return data, nil
}
