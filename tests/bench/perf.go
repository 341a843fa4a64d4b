package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// meter counts what a process spends while a command runs: instructions where
// the machine lets perf count them, processor time elsewhere.
type meter struct {
	instructions bool
	report       string // file of perf's report
}

const events = "instructions:u,instructions:k"

// newMeter tries perf on this very process. Virtual machines often have no
// counters.
func newMeter(folder string) *meter {
	m := &meter{instructions: true, report: filepath.Join(folder, "perf.csv")}
	_, n, err := m.countInstructions(os.Getpid(), []string{"sleep", "0.01"})
	m.instructions = err == nil && n > 0
	return m
}

// unit is what spent is counted in.
func (m *meter) unit() string {
	if m.instructions {
		return "thousand instructions per request"
	}
	return "µs of processor time per request"
}

// run returns the output of a command and what the process spent meanwhile, in
// thousands of instructions or in microseconds.
func (m *meter) run(pid int, command []string) (string, float64, error) {
	if m.instructions {
		return m.countInstructions(pid, command)
	}
	before, err := processorTime(pid)
	if err != nil {
		return "", 0, err
	}
	output, err := execute(command)
	if err != nil {
		return "", 0, err
	}
	after, err := processorTime(pid)
	return output, after - before, err
}

func (m *meter) countInstructions(pid int, command []string) (string, float64, error) {
	perf := []string{"perf", "stat", "-x", ",", "-o", m.report, "-e", events, "-p", strconv.Itoa(pid), "--"}
	output, err := execute(append(perf, command...))
	if err != nil {
		return "", 0, err
	}
	report, err := os.ReadFile(m.report)
	if err != nil {
		return "", 0, err
	}
	n, err := parsePerf(string(report))
	return output, n / 1000, err
}

// parsePerf sums the counters in the report of `perf stat -x ,`
// (perf-stat(1), "CSV FORMAT").
func parsePerf(report string) (float64, error) {
	sum, found := 0.0, 0
	for line := range strings.Lines(report) {
		fields := strings.Split(line, ",")
		if len(fields) < 3 || !strings.HasPrefix(fields[2], "instructions") {
			continue
		}
		n, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			return 0, fmt.Errorf("perf: %s: %s", fields[2], fields[0])
		}
		sum, found = sum+n, found+1
	}
	if found != strings.Count(events, ",")+1 {
		return 0, errors.New("perf: a counter is missing in its report")
	}
	return sum, nil
}

// processorTime is what all threads of a process have run until now, user and
// system, in microseconds. /proc/PID/stat has the same in hundredths of a
// second, which is too coarse for short slices.
func processorTime(pid int) (float64, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("process %d has ended, or this system does not say what its threads spend", pid)
	}
	sum := 0.0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		spent, err := parseSchedstat(string(content))
		if err != nil {
			return 0, err
		}
		sum += spent
	}
	return sum, nil
}

// parseSchedstat reads the first field: nanoseconds on the processor (Linux,
// Documentation/scheduler/sched-stats.rst).
func parseSchedstat(content string) (float64, error) {
	first, _, _ := strings.Cut(strings.TrimSpace(content), " ")
	ns, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0, fmt.Errorf("schedstat: %q is not a number of nanoseconds", first)
	}
	return ns / 1000, nil
}

// resident is the memory of a process that is in RAM, in megabytes.
func resident(pid int) (float64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseResident(string(content))
}

func parseResident(status string) (float64, error) {
	_, rest, _ := strings.Cut(status, "\nVmRSS:")
	var kilobytes float64
	if _, err := fmt.Sscanf(rest, "%f kB", &kilobytes); err != nil {
		return 0, errors.New("/proc/PID/status does not say VmRSS")
	}
	return kilobytes / 1024, nil
}

// execute runs a command to its end and returns what it printed.
func execute(command []string) (string, error) {
	cmd := exec.Command(command[0], command[1:]...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	output, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %v: %s", command[0], err, strings.TrimSpace(complaint.String()))
	}
	return string(output), nil
}
