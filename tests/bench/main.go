// Bench measures what the gateway costs over plain Caddy, both in the same run
// and asked alternately, and compares it with the budget.
//
//	go run ./tests/bench          everything, in less than four minutes
//	go run ./tests/bench -quick   what to watch after every change, in less than one
//
// Both proxies are the same binary with the same configuration, but for the
// word `privacy`, in front of the same origin. Each runs on one processor; the
// client, wrk, and the origin have another. What counts is what the proxy
// process spends on a request: the instructions it executes or, where the
// machine has no counters for them, its processor time. The relation of the
// two sides repeats well although all else varies with whatever the machine
// does besides; requests a second and the time within which 99 of 100 answers
// come are shown for orientation only.
//
// It runs on Linux with two processors or more, and needs Go, wrk, taskset and,
// if there are counters, perf (Debian: wrk, util-linux, linux-perf). It exits
// with status 1 if something is over budget by more than the spread of its own
// measurements, and with 2 if it could not measure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// What the gateway may cost beside what each work has for its budget.
const (
	startBudget  = 150.0 // ms
	memoryBudget = 40.0  // MB
	growthBudget = 1.02  // a thousand of something against one: nothing but colder caches
)

var (
	api   = &work{name: "1 KB JSON, 12 + 5 cookies", path: "/small.json", dest: "empty", budget: 1.08}
	works = []*work{
		{name: "100 KB asset", path: "/asset.js", dest: "script", budget: 1.04},
		api,
		{name: "60 KB page, nothing granted", path: "/page.html", dest: "document", budget: 1.45},
		{name: "60 KB page, everything granted", path: "/page.html", dest: "document", granted: true, budget: 1.12},
		{name: "1 MB page, nothing granted", path: "/big.html", dest: "document", budget: 1.60},
	}
)

func main() {
	quick := flag.Bool("quick", false, "measure only the asset, the JSON and the 60 KB pages, in less time")
	self := flag.Bool("self", false, "measure plain Caddy against itself: every ratio should be 1, so this shows what the method is worth")
	flag.Usage = usage
	flag.Parse()
	b := &bench{works: works, grow: !*quick && !*self, rowTime: 22 * time.Second, starts: 7, gateway: setup{directive: "privacy\n\t"}}
	if *quick {
		b.works, b.rowTime, b.starts = works[:4], 9*time.Second, 3
	}
	if *self {
		b.gateway = b.plain
	}
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	b.print(os.Stdout)
	if slices.ContainsFunc(b.rows(), row.over) {
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(flag.CommandLine.Output(), `Measures what the gateway costs over plain Caddy, and compares it with the budget.
Run it from the repository's root; it needs wrk, taskset and, if the machine has counters, perf.

	go run ./tests/bench [flags]

`)
	flag.PrintDefaults()
}

// bench is one run of the whole, and what it has measured.
type bench struct {
	plain, gateway setup
	works          []*work
	grow           bool // compare one with a thousand
	rowTime        time.Duration
	starts         int // of each side

	ctx      context.Context
	folder   string // for everything it writes, removed at the end
	binary   string
	origin   string // host:port
	proxyCPU string
	meter    *meter
	client   *client

	costs, growth, needs []row
}

// run measures everything.
func (b *bench) run() (err error) {
	var end context.CancelFunc
	b.ctx, end = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer end()
	if b.folder, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.folder)
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.measureStart(); err != nil {
		return err
	}
	if err := b.measureWorks(); err != nil {
		return err
	}
	if !b.grow {
		return nil
	}
	return b.measureGrowth()
}
