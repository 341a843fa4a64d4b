package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// FileName is the name of the file inside its directory.
const FileName = "privacy.db"

// lockTimeout is how long another process may take to let go of the file.
const lockTimeout = time.Second

var errForeign = errors.New("the file was written by another program")

// openFile opens the database of a directory, after setting aside one that
// cannot be trusted. The warning tells the owner about it.
func openFile(directory string, now time.Time) (db *bolt.DB, warning string, err error) {
	path := filepath.Join(directory, FileName)
	err = verify(path)
	if errors.Is(err, errDamaged) || errors.Is(err, errForeign) {
		aside, moveErr := setAside(path, now)
		if moveErr != nil {
			return nil, "", fmt.Errorf("%s cannot be read, nor renamed: %w", path, moveErr)
		}
		warning = fmt.Sprintf("%s could not be read and is now %s; a new one was started: "+
			"earlier receipts and keys are only in the old one, and visitors will be asked again", path, aside)
		err = nil
	}
	if err != nil {
		return nil, "", explain(path, err)
	}
	if db, err = create(path); err != nil {
		return nil, "", explain(path, err)
	}
	return db, warning, nil
}

// create opens the file for writing, made when missing, and lays out its buckets.
func create(path string) (*bolt.DB, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	// Where modes exist, nobody else reads the keys, even if the file was copied here.
	_ = os.Chmod(path, 0o600)
	if err := db.Update(layOut); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	syncDirectory(filepath.Dir(path))
	return db, nil
}

// syncDirectory makes the name of a new file as durable as its content. Systems
// that cannot sync a directory (Windows) do this by themselves.
func syncDirectory(path string) {
	d, err := os.Open(path)
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}

// setAside renames the file to one that says when, without ever replacing another.
func setAside(path string, now time.Time) (string, error) {
	base := fmt.Sprintf("%s.damaged-%d", path, now.Unix())
	aside := base
	for n := 2; ; n++ {
		_, err := os.Lstat(aside)
		if errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(path, aside)
		}
		if err != nil {
			return "", err
		}
		aside = fmt.Sprintf("%s-%d", base, n)
	}
}

// verify reads the whole file before bbolt relies on it. It returns errDamaged,
// errForeign, errNewer, or why it could not look. A file that is absent or
// empty is in order.
func verify(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a directory")
	case info.Size() == 0:
		return nil
	}
	// The length is taken after the metas, which say how long the file must be:
	// another process may be making it longer.
	metas := readMetas(f, info.Size())
	if info, err = f.Stat(); err != nil {
		return err
	}
	if !whole(metas, info.Size()) {
		return errDamaged
	}
	return readThrough(path)
}

// readThrough looks at every page, then at the schema. It has bbolt hold the
// lock meanwhile: pages that another process is writing are not damaged.
func readThrough(path string) error {
	var file *os.File
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:  lockTimeout,
		ReadOnly: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			var err error
			file, err = os.OpenFile(name, flag, mode)
			return file, err
		},
	})
	if err != nil {
		return err
	}
	defer db.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	metas := readMetas(file, info.Size())
	if !whole(metas, info.Size()) || !metas[0].sound(file) {
		return errDamaged
	}
	return db.View(checkSchema)
}

// explain tells the owner what to change.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%s is already used by another process: use 'caddy reload' instead of starting a second one, or give it its own directory", path)
	case errors.Is(err, errNewer):
		return fmt.Errorf("%s %w", path, err)
	}
	return fmt.Errorf("%s cannot be opened: %w: let the user who runs Caddy read and write it, or choose another directory", path, err)
}
