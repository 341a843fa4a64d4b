package transfer

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// CountriesOptions say where the country of an address is known from.
type CountriesOptions struct {
	// Path is a file of MaxMind's format (.mmdb), a list (.csv), or the folder of
	// Tor's files geoip and geoip6. Empty means the embedded table.
	Path string
	// MaxAge is how old data may be before that is an alarm. Zero means 180 days.
	MaxAge time.Duration
	// Now is the clock. Required.
	Now func() time.Time
}

// DefaultMaxAge is the bound when CountriesOptions has none.
const DefaultMaxAge = 180 * 24 * time.Hour

// Countries is the embedded table of countries, or a file in its place.
// Methods are safe for concurrent use.
type Countries struct {
	path   string
	maxAge time.Duration
	now    func() time.Time

	current atomic.Pointer[database]

	mu      sync.Mutex
	tried   stamp // of the file that was looked at last
	trouble error // why that file is not in use
}

// database is what is in use.
type database struct {
	name  string
	built time.Time
	table *table // nil for the embedded one
}

func (d *database) label() string { return d.name + " " + d.built.UTC().Format(time.DateOnly) }

// NewCountries begins with the embedded table, ready to be asked. The file, if
// there is one, is read by the first Refresh.
func NewCountries(o CountriesOptions) (*Countries, error) {
	switch {
	case o.Now == nil:
		return nil, errors.New("the countries need a clock")
	case o.MaxAge < 0:
		return nil, errors.New("the greatest age of the country database is negative: write 0 for 180d, or a duration")
	}
	if o.MaxAge == 0 {
		o.MaxAge = DefaultMaxAge
	}
	unpack()
	c := &Countries{path: o.Path, maxAge: o.MaxAge, now: o.Now}
	c.current.Store(&database{name: embeddedName, built: embeddedBuilt()})
	return c, nil
}

// Country answers for what was swapped in last, without allocation; the embedded
// table in less than 50 ns.
func (c *Countries) Country(addr netip.Addr) Country {
	addr = addr.Unmap()
	if !addr.IsValid() {
		return ""
	}
	if t := c.current.Load().table; t != nil {
		return t.country(addr)
	}
	return embeddedCountry(addr)
}

// Database names what is in use, and as of when.
func (c *Countries) Database() string { return c.current.Load().label() }

// Refresh looks whether the file has changed, and takes it into use if nothing
// about it is doubtful; what was in use stays otherwise. It reads the disk and
// may take a second: call it when starting, and then once a minute, beside the
// requests. Swapped asks the caller to Recheck what is connected. An error is returned once
// for each change of the file; Status keeps it.
func (c *Countries) Refresh() (swapped bool, err error) {
	if c.path == "" {
		return false, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	seen, err := stampOf(c.files())
	if err != nil {
		seen = missing
	}
	if seen == c.tried {
		return false, nil
	}
	if err == nil {
		err = c.load(seen)
	}
	if errors.Is(err, errMoving) {
		return false, nil // it is looked at again the next time
	}
	c.tried, c.trouble = seen, nil
	if err != nil {
		c.trouble = fmt.Errorf("the country database %s is not used: %w; %s stays in use", c.path, err, c.Database())
	}
	return err == nil, c.trouble
}

// files lists what the path stands for.
func (c *Countries) files() []string {
	switch strings.ToLower(filepath.Ext(c.path)) {
	case ".mmdb", ".csv":
		return []string{c.path}
	}
	return []string{filepath.Join(c.path, "geoip"), filepath.Join(c.path, "geoip6")}
}

// load reads the files whose stamp was seen, and swaps them in.
func (c *Countries) load(seen stamp) error {
	var b builder
	var built time.Time // the oldest that the files say
	for _, file := range c.files() {
		data, err := readFile(file)
		if err != nil {
			return err
		}
		said, err := readDatabase(&b, file, data)
		if err != nil {
			return err
		}
		if !said.IsZero() && (built.IsZero() || said.Before(built)) {
			built = said
		}
	}
	if built.IsZero() {
		built = time.Unix(0, seen.changed)
	}
	if after, err := stampOf(c.files()); err != nil || after != seen {
		return errMoving
	}
	d := &database{name: filepath.Base(c.path), built: built, table: b.table()}
	if err := errors.Join(d.table.verify(), c.checkAge(d)); err != nil {
		return err
	}
	c.current.Store(d)
	return nil
}

func readDatabase(b *builder, file string, data []byte) (built time.Time, err error) {
	if strings.EqualFold(filepath.Ext(file), ".mmdb") {
		return readMMDB(b, data)
	}
	return generated(data), readList(b, data)
}

// ahead is how far clocks may differ.
const ahead = 48 * time.Hour

// checkAge refuses to go back in time. Of the embedded table, an older file is
// preferred while it is not too old: the owner chose it.
func (c *Countries) checkAge(d *database) error {
	used, now, date := c.current.Load(), c.now(), d.built.UTC().Format(time.DateOnly)
	switch {
	case d.built.After(now.Add(ahead)):
		return fmt.Errorf("it was built on %s, which is yet to come: set the clock, and get the file again", date)
	case !d.built.Before(used.built):
		return nil
	case used.table != nil:
		return fmt.Errorf("it was built on %s, before the one in use: get a newer one", date)
	case now.Sub(d.built) > c.maxAge:
		return fmt.Errorf("it was built on %s, and is older than may be and than the embedded table: get a newer one", date)
	}
	return nil
}

// Status says how well the countries are known, for the log, the metrics and the
// report.
type Status struct {
	Database string
	Built    time.Time
	Age      time.Duration
	Stale    bool  // older than may be
	Trouble  error // why the file is not in use as it is now; nil when it is
}

// Status does not read the disk.
func (c *Countries) Status() Status {
	d := c.current.Load()
	age := c.now().Sub(d.built)
	c.mu.Lock()
	defer c.mu.Unlock()
	return Status{d.label(), d.built, age, age > c.maxAge, c.trouble}
}

// Alarms are what the owner must be told.
func (s Status) Alarms() (list []error) {
	if s.Trouble != nil {
		list = append(list, s.Trouble)
	}
	if s.Stale {
		list = append(list, fmt.Errorf("the country database %s is %d days old: get a newer one, as addresses move", s.Database, int(s.Age.Hours()/24)))
	}
	return list
}
