// Bench measures what the gateway costs over plain Caddy, both in the same run
// and asked alternately, and compares it with the budget.
//
//	go run ./tests/bench          everything, in less than four minutes
//	go run ./tests/bench -quick   the rows to watch after every change, in less than one
//
// Both proxies are the same binary with the same configuration, but for the
// word `privacy`, in front of the same origin. Each has one processor; the
// client, wrk, and the origin have another. What counts is what the proxy
// process spends on a request: the instructions it executes or, where the
// machine has no counters for them, its processor time. The relation of the
// two sides repeats well although all the rest varies with whatever else the
// machine does; requests a second and the time within which 99 of 100 answers
// come are shown for orientation only.
//
// It runs on Linux with two processors or more, and needs Go, wrk, taskset and,
// if there are counters, perf (Debian: wrk, util-linux, linux-perf). It exits
// with status 1 if something is over budget by more than the spread of its own
// measurements, and with 2 if it could not measure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// What the gateway may cost.
const (
	startBudget  = 150.0 // ms
	memoryBudget = 40.0  // MB
	growthBudget = 1.02  // a thousand of something against one: nothing but noise and colder caches
)

var (
	works = []*work{
		{name: "100 KB asset", path: "/asset.js", dest: "script", budget: 1.04},
		api,
		{name: "60 KB page, nothing granted", path: "/page.html", dest: "document", budget: 1.45},
		{name: "60 KB page, everything granted", path: "/page.html", dest: "document", granted: true, budget: 1.12},
	}
	api = &work{name: "1 KB JSON, 12 + 5 cookies", path: "/small.json", dest: "empty", budget: 1.08}
	big = &work{name: "1 MB page, nothing granted", path: "/big.html", dest: "document", budget: 1.60}
)

func main() {
	quick := flag.Bool("quick", false, "measure only assets, JSON and 60 KB pages, with fewer pairs")
	self := flag.Bool("self", false, "measure plain Caddy against itself: all ratios should be 1, so this shows what the method is worth")
	flag.Usage = usage
	flag.Parse()
	over, err := run(*quick, *self)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	case over:
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprint(flag.CommandLine.Output(), "Measures what the gateway costs over plain Caddy, and compares it with the budget.\n"+
		"Run it from the repository's root; it needs wrk, taskset and, if the machine has counters, perf.\n\n"+
		"go run ./tests/bench [flags]\n\n")
	flag.PrintDefaults()
}

// bench is one run of the whole, and what has been measured.
type bench struct {
	ctx            context.Context
	folder         string // for everything it writes, removed at the end
	binary         string
	plain, gateway setup
	origin         string // host:port
	proxyCPU       string
	meter          *meter
	client         *client
	pairs          int // of slices for each row
	starts         int // of each side

	costs, growth, needs []row
}

// run measures and prints. It tells whether something is over budget.
func run(quick, self bool) (over bool, err error) {
	b := &bench{pairs: 18, starts: 7, gateway: setup{directive: "privacy"}}
	list := append(works, big)
	if quick {
		b.pairs, b.starts, list = 8, 3, works
	}
	if self {
		b.gateway = b.plain
	}
	var end context.CancelFunc
	b.ctx, end = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer end()
	if b.folder, err = os.MkdirTemp("", "bench"); err != nil {
		return false, err
	}
	defer os.RemoveAll(b.folder)
	for _, step := range []func() error{
		b.prepare,
		b.measureStart,
		func() error { return b.measureWorks(list) },
	} {
		if err := step(); err != nil {
			return false, err
		}
	}
	if !quick && !self {
		if err := b.measureGrowth(); err != nil {
			return false, err
		}
	}
	b.print(os.Stdout)
	return slices.ContainsFunc(slices.Concat(b.costs, b.growth, b.needs), func(r row) bool { return r.verdict() == over }), nil
}

// prepare builds the binary, starts the origin and shares out the processors.
func (b *bench) prepare() (err error) {
	for _, tool := range []string{"wrk", "taskset"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is missing: install Debian's packages wrk and util-linux", tool)
		}
	}
	b.binary = filepath.Join(b.folder, "caddy")
	if _, err := start([]string{"go", "build", "-o", b.binary, "./caddymodule/caddy"}); err != nil {
		return fmt.Errorf("from the repository's root: %v", err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	cpus, err := parseCPUs(string(status))
	if err != nil {
		return err
	}
	b.proxyCPU = cpus[0]
	if _, err := start([]string{"taskset", "-a", "-c", "-p", cpus[1], strconv.Itoa(os.Getpid())}); err != nil {
		return err
	}
	b.meter = newMeter(b.folder)
	fmt.Printf("Figures are %s, medians of %d interleaved pairs.\n", b.meter.unit(), b.pairs)
	if !b.meter.instructions {
		fmt.Println("perf cannot count instructions here, so processor time stands in: it is coarser, see ±.")
	}
	if b.client, err = newClient(b.folder); err != nil {
		return err
	}
	listener, err := origin()
	if err != nil {
		return err
	}
	b.origin = listener.Addr().String()
	return nil
}

// parseCPUs finds two processors that this process may use in /proc/PID/status
// (proc_pid_status(5), Cpus_allowed_list, such as "0-3,8").
func parseCPUs(status string) (cpus [2]string, err error) {
	_, rest, _ := strings.Cut(status, "\nCpus_allowed_list:")
	list, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	n := 0
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err := errors.Join(err1, err2); err != nil {
			return cpus, fmt.Errorf("/proc/self/status: Cpus_allowed_list: %q", list)
		}
		for ; from <= to && n < len(cpus); from++ {
			cpus[n] = strconv.Itoa(from)
			n++
		}
	}
	if n < len(cpus) {
		return cpus, errors.New("two processors are needed: one for the proxy, one for the client and the origin")
	}
	return cpus, nil
}
