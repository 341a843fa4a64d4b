package transfer

import (
	"errors"
	"net/netip"
)

// Geography knows the country of addresses.
type Geography interface {
	// Where is the country of an address by each of two databases, twice the same where
	// there is but one; "" when it is not known. Data may go there only if both countries
	// allow it. It must not allocate, wait or panic, whatever the address.
	Where(netip.Addr) (one, other Country)
	// Database names what it is known from, and as of when.
	Database() string
}

// Atlas is the Geography of one database of countries, or of two that must agree.
// Methods are safe for concurrent use.
type Atlas struct {
	First  *Countries
	Second *Countries // nil where one is enough
}

// Where implements Geography.
func (a *Atlas) Where(addr netip.Addr) (one, other Country) {
	one = a.First.Country(addr)
	if a.Second == nil {
		return one, one
	}
	return one, a.Second.Country(addr)
}

// Database implements Geography.
func (a *Atlas) Database() string {
	if a.Second == nil {
		return a.First.Database()
	}
	return a.First.Database() + " and " + a.Second.Database()
}

// Refresh refreshes each database.
func (a *Atlas) Refresh() (swapped bool, err error) {
	for _, c := range a.all() {
		one, oneErr := c.Refresh()
		swapped, err = swapped || one, errors.Join(err, oneErr)
	}
	return swapped, err
}

// Status is that of each database.
func (a *Atlas) Status() (list []Status) {
	for _, c := range a.all() {
		list = append(list, c.Status())
	}
	return list
}

// Alarm is what the owner must be told, nil when nothing.
func (a *Atlas) Alarm() error {
	var all []error
	for _, status := range a.Status() {
		all = append(all, status.Alarms()...)
	}
	return errors.Join(all...)
}

func (a *Atlas) all() []*Countries {
	if a.Second == nil {
		return []*Countries{a.First}
	}
	return []*Countries{a.First, a.Second}
}
