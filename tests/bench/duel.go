package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// side is a proxy and what it is asked for.
type side struct {
	proxy    *proxy
	requests string // file
}

// duel asks two proxies alternately for the same work, each for the visitors
// with the given records in turn, and compares what they spend on a request. The
// one that begins changes with each pair.
func (b *bench) duel(name string, w *work, proxies []*proxy, records [2][]string, budget float64) (row, error) {
	var sides [2]side
	var costs, rates, waits [2][]float64
	for i := range sides {
		file, err := b.requests(w, proxies[i], records[i])
		if err != nil {
			return row{}, err
		}
		sides[i] = side{proxies[i], file}
	}
	for pair := -1; pair < b.pairs; pair++ { // the first warms up
		for turn := range sides {
			i := (pair&1 + turn) % 2
			cost, l, err := b.ask(sides[i])
			if err != nil {
				return row{}, fmt.Errorf("%s: %w", name, err)
			}
			if pair < 0 {
				continue
			}
			costs[i] = append(costs[i], cost)
			rates[i] = append(rates[i], l.rate)
			waits[i] = append(waits[i], milliseconds(l.p99))
		}
	}
	r := compare(name, costs[0], costs[1], budget, ratio)
	for i := range sides {
		r.rates[i], r.p99[i] = quantile(rates[i], 0.5), quantile(waits[i], 0.5)
	}
	return r, nil
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

// ask loads one side for one slice of time and returns what a request cost.
func (b *bench) ask(s side) (float64, load, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, load{}, err
	}
	output, spent, err := b.meter.run(s.proxy.pid(), b.client.command(s))
	if err != nil {
		return 0, load{}, err
	}
	l, err := parseLoad(output)
	if err != nil {
		return 0, load{}, err
	}
	return spent / l.requests, l, nil
}
