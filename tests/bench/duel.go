package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"
)

// side is a proxy and what it is asked for.
type side struct {
	proxy    *proxy
	requests string // file
}

// Pairs go on until the spread of the ratio is small enough or the time for a
// row is used up; there are at least as many as a median needs.
const (
	enoughSpread = 0.005
	fewestPairs  = 5
)

// duel asks two proxies alternately for the same work, each for the visitors
// with the given records in turn, and compares what they spend on a request.
func (b *bench) duel(name string, w *work, proxies []*proxy, records [2][]string, budget float64) (row, error) {
	var sides [2]side
	for i := range sides {
		file, err := b.requests(w, proxies[i], records[i])
		if err != nil {
			return row{}, err
		}
		sides[i] = side{proxies[i], file}
	}
	if _, err := b.pair(sides, 0); err != nil { // warms up
		return row{}, fmt.Errorf("%s: %w", name, err)
	}
	var costs, rates, waits [2][]float64
	r := row{spread: math.Inf(1)}
	for began := time.Now(); r.pairs < fewestPairs || r.spread > enoughSpread && time.Since(began) < b.rowTime; {
		samples, err := b.pair(sides, r.pairs%2)
		if err != nil {
			return row{}, fmt.Errorf("%s: %w", name, err)
		}
		for i, s := range samples {
			costs[i] = append(costs[i], s.cost)
			rates[i] = append(rates[i], s.rate)
			waits[i] = append(waits[i], milliseconds(s.p99))
		}
		r = compare(name, costs[0], costs[1], budget, ratio)
	}
	for i := range sides {
		r.rates[i], r.p99[i] = quantile(rates[i], 0.5), quantile(waits[i], 0.5)
	}
	return r, nil
}

// sample is what one side showed in one slice of time.
type sample struct {
	cost float64 // of a request
	load
}

// pair asks both sides, the one named first.
func (b *bench) pair(sides [2]side, first int) (samples [2]sample, err error) {
	for _, i := range []int{first, 1 - first} {
		if samples[i], err = b.ask(sides[i]); err != nil {
			return samples, err
		}
	}
	return samples, nil
}

// requests writes the requests for one side, one for each record.
func (b *bench) requests(w *work, p *proxy, records []string) (string, error) {
	var requests strings.Builder
	for _, record := range records {
		requests.WriteString(w.request(p, record))
	}
	file, err := os.CreateTemp(b.folder, "requests")
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = file.WriteString(requests.String())
	return file.Name(), err
}

// slice is how long a proxy is asked before it is the other's turn. What else
// the machine does changes slowly compared with it, and so hits both alike.
const slice = 500 * time.Millisecond

// A slice in which the machine was too busy with other things is taken again:
// with fewer requests, the opening of the connections would show in each.
const (
	fewestRequests = 160
	mostAttempts   = 20
)

var errBusy = errors.New("the machine is too busy to measure anything")

// ask loads one side for one slice.
func (b *bench) ask(s side) (sample, error) {
	for range mostAttempts {
		if err := b.ctx.Err(); err != nil {
			return sample{}, err
		}
		output, spent, err := b.meter.run(s.proxy.pid(), b.client.command(s))
		if err != nil {
			return sample{}, err
		}
		l, err := parseLoad(output)
		if err != nil {
			return sample{}, err
		}
		if l.requests >= fewestRequests {
			return sample{spent / l.requests, l}, nil
		}
	}
	return sample{}, errBusy
}
