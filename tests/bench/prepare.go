package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// prepare builds the binary, shares out the processors and starts the origin.
func (b *bench) prepare() error {
	for _, tool := range []string{"wrk", "taskset"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is missing: install Debian's packages wrk and util-linux", tool)
		}
	}
	b.binary = filepath.Join(b.folder, "caddy")
	if _, err := execute([]string{"go", "build", "-o", b.binary, "./caddymodule/caddy"}); err != nil {
		return fmt.Errorf("building the gateway from the repository's root: %v", err)
	}
	if err := b.shareProcessors(); err != nil {
		return err
	}
	listener, err := startOrigin()
	if err != nil {
		return err
	}
	b.origin = listener.Addr().String()
	b.meter = newMeter(b.folder)
	b.client, err = newClient(b.folder)
	return err
}

// shareProcessors keeps one for the proxies and moves this process, with the
// origin in it and the clients it will start, to another.
func (b *bench) shareProcessors() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	allowed, err := parseProcessors(string(status))
	if err != nil {
		return err
	}
	if len(allowed) < 2 {
		return errors.New("two processors are needed: one for the proxy, one for the client and the origin")
	}
	b.proxyCPU = strconv.Itoa(allowed[0])
	_, err = execute([]string{"taskset", "-a", "-c", "-p", strconv.Itoa(allowed[1]), strconv.Itoa(os.Getpid())})
	return err
}

// parseProcessors finds the processors that a process may use in
// /proc/PID/status (proc_pid_status(5): Cpus_allowed_list, such as "0-3,8").
func parseProcessors(status string) ([]int, error) {
	_, rest, _ := strings.Cut(status, "\nCpus_allowed_list:")
	list, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	var processors []int
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("/proc/PID/status: Cpus_allowed_list %q cannot be read", list)
		}
		for ; from <= to; from++ {
			processors = append(processors, from)
		}
	}
	return processors, nil
}
