package mirror

import (
	"context"
	"errors"
	"io"
	"time"
)

// flight is one fetch, and all who wait for it.
type flight struct {
	done chan struct{}
	result
}

// result is what a fetch came to. The body is set only when the file could not
// be kept on the disk.
type result struct {
	meta meta
	body []byte
	kept bool
	err  error
}

// fetch gets the file into the shelf, once however many ask. A visitor who
// leaves does not stop it: others wait for it too.
func (m *Mirror) fetch(ctx context.Context, t target) (*document, error) {
	f, err := m.join(t)
	if err != nil {
		return nil, err
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case f.err != nil:
		return nil, f.err
	case !f.kept:
		return inMemory(f.meta, f.body), nil
	}
	if d := m.shelf.load(t.address); d != nil {
		return d, nil
	}
	return nil, errors.New("the file was removed as soon as it was written")
}

// join returns the flight that is under way, a new one, or why there is none.
func (m *Mirror) join(t target) (*flight, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.refusals.find(t.address, m.now()); err != nil {
		return nil, err
	}
	f := m.flights[t.address]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		m.flights[t.address] = f
		go m.fly(t, f)
	}
	return f, nil
}

func (m *Mirror) fly(t target, f *flight) {
	f.result = m.renew(t)
	m.mu.Lock()
	delete(m.flights, t.address)
	if f.err != nil {
		m.refusals.add(t.address, f.err, m.now())
	}
	m.mu.Unlock()
	close(f.done)
}

// renew looks at the shelf once more, since a flight that has just landed may
// have filled it, then asks the CDN.
func (m *Mirror) renew(t target) result {
	old := m.shelf.load(t.address)
	if old != nil {
		defer old.Close()
		if m.fresh(t, old) {
			return result{kept: true}
		}
	}
	got := m.get(t, old)
	switch {
	case errors.Is(got.err, errGone):
		m.shelf.remove(t.address)
		return got
	case got.err != nil:
		m.warn("a file could not be fetched for the mirror", t.host, got.err)
		return got
	}
	if err := m.shelf.keep(got.meta, got.body); err != nil {
		m.warn("a file could not be kept by the mirror and will be fetched each time", t.host, err)
		return got
	}
	return result{kept: true}
}

// get asks the CDN for a file, or whether the old one is still good.
func (m *Mirror) get(t target, old *document) (got result) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTime)
	defer cancel()
	var validator string
	if old != nil {
		validator = old.Validator
	}
	got.meta, got.body, got.err = m.upstream.get(ctx, t, validator)
	if errors.Is(got.err, errUnchanged) {
		got.meta = old.meta
		got.body, got.err = io.ReadAll(old.body)
	}
	got.meta.Fetched = m.now().Unix()
	return got
}

const (
	refusalTime = time.Minute // how long a failed address is not asked for again
	maxRefusals = 1024
)

// refusals remembers by address what failed, so that a CDN that is down or a
// file that does not exist costs little. It is guarded by the mirror's lock.
type refusals map[string]refusal

type refusal struct {
	err   error
	until time.Time
}

func (r refusals) find(address string, now time.Time) error {
	if one, ok := r[address]; ok && now.Before(one.until) {
		return one.err
	}
	return nil
}

// add forgets everything when the map is full: what is still asked for is back
// at once, and a flood of made-up names cannot fill the memory.
func (r refusals) add(address string, err error, now time.Time) {
	if len(r) >= maxRefusals {
		clear(r)
	}
	r[address] = refusal{err, now.Add(refusalTime)}
}
