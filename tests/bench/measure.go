package main

import (
	"fmt"
	"strings"
)

// measureWorks compares plain Caddy and the gateway at each kind of request, and
// their memory after each.
func (b *bench) measureWorks() error {
	proxies, err := b.startProxies(b.plain, b.gateway)
	if err != nil {
		return err
	}
	defer stop(proxies)
	record := ""
	if b.gateway != b.plain {
		if record, err = proxies[1].accept(); err != nil {
			return err
		}
	}
	var memory [2][]float64
	for _, w := range b.works {
		if b.gateway != b.plain {
			if err := check(w, proxies[0], proxies[1], w.record(record)); err != nil {
				return err
			}
		}
		r, err := b.duel(w.name, w, proxies, [2][]string{{w.record(record)}, {w.record(record)}}, w.budget)
		if err != nil {
			return err
		}
		b.costs = append(b.costs, r)
		for i, p := range proxies {
			mb, err := resident(p.pid())
			if err != nil {
				return err
			}
			memory[i] = append(memory[i], mb)
		}
	}
	b.needs = append(b.needs, compare("resident under load, MB", memory[0], memory[1], memoryBudget, difference))
	return nil
}

// measureStart compares how long a first start takes, and how much memory is
// then held.
func (b *bench) measureStart() error {
	var ready, memory [2][]float64
	for range b.starts {
		for i, s := range []setup{b.plain, b.gateway} {
			p, err := b.startProxy(s)
			if err != nil {
				return err
			}
			mb, err := resident(p.pid())
			p.stop()
			if err != nil {
				return err
			}
			ready[i] = append(ready[i], milliseconds(p.ready))
			memory[i] = append(memory[i], mb)
		}
	}
	b.needs = append(b.needs,
		compare("first start, ms", ready[0], ready[1], startBudget, difference),
		compare("resident when started, MB", memory[0], memory[1], memoryBudget, difference))
	return nil
}

// thousand is the many that is compared with one.
const thousand = 1000

// measureGrowth compares the gateway with itself, with one of something and
// with a thousand. The work is the cheapest, at which growth shows most.
func (b *bench) measureGrowth() error {
	for _, grown := range []struct {
		name      string
		one, many setup
	}{
		{"rules", setup{directive: rules(1)}, setup{directive: rules(thousand)}},
		{"sites", b.gateway, setup{directive: b.gateway.directive, sites: thousand - 1}},
	} {
		proxies, err := b.startProxies(grown.one, grown.many)
		if err != nil {
			return err
		}
		r, err := b.duel(grown.name, api, proxies, [2][]string{{""}, {""}}, growthBudget)
		stop(proxies)
		if err != nil {
			return err
		}
		b.growth = append(b.growth, r)
	}
	return b.measureVisitors()
}

// measureVisitors compares requests of one visitor with requests of a thousand
// in turn, each with a record of his own.
func (b *bench) measureVisitors() error {
	proxies, err := b.startProxies(b.gateway)
	if err != nil {
		return err
	}
	defer stop(proxies)
	records := make([]string, thousand)
	for i := range records {
		if records[i], err = proxies[0].accept(); err != nil {
			return err
		}
	}
	same := []*proxy{proxies[0], proxies[0]}
	r, err := b.duel("visitors", api, same, [2][]string{records[:1], records}, growthBudget)
	b.growth = append(b.growth, r)
	return err
}

// rules is a privacy block with so many cookie rules.
func rules(n int) string {
	var block strings.Builder
	block.WriteString("privacy {\n")
	for i := range n {
		fmt.Fprintf(&block, "\t\tcookie shop_%d statistics\n", i)
	}
	block.WriteString("\t}\n\t")
	return block.String()
}

// startProxies starts one proxy for each setup; stop ends them.
func (b *bench) startProxies(setups ...setup) ([]*proxy, error) {
	var proxies []*proxy
	for _, s := range setups {
		p, err := b.startProxy(s)
		if err != nil {
			stop(proxies)
			return nil, err
		}
		proxies = append(proxies, p)
	}
	return proxies, nil
}

func stop(proxies []*proxy) {
	for _, p := range proxies {
		p.stop()
	}
}
