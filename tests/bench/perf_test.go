package main

import (
	"os"
	"slices"
	"testing"
	"time"
)

func TestPerfReportIsSummed(t *testing.T) {
	const head = "# started on Mon Nov 23 01:44:15 2026\n\n"
	for _, test := range []struct {
		name, report string
		want         float64
		fails        bool
	}{
		{name: "user and kernel", report: head + "1200,,instructions:u,500,100.00,,\n345,,instructions:k,500,100.00,,\n", want: 1545},
		{name: "no counters", report: head + "<not supported>,,instructions:u,0,100.00,,\n<not supported>,,instructions:k,0,100.00,,\n", fails: true},
		{name: "never scheduled", report: head + "<not counted>,,instructions:u,0,100.00,,\n3,,instructions:k,0,100.00,,\n", fails: true},
		{name: "one missing", report: head + "1200,,instructions:u,500,100.00,,\n", fails: true},
		{name: "empty", fails: true},
	} {
		got, err := parsePerf(test.report)
		if (err != nil) != test.fails || got != test.want {
			t.Errorf("%s: %v, %v", test.name, got, err)
		}
	}
}

func TestSchedstatIsInMicroseconds(t *testing.T) {
	got, err := parseSchedstat("853180 296502 2\n")
	if err != nil || got != 853.18 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := parseSchedstat(""); err == nil {
		t.Error("an empty file has no time in it")
	}
}

func TestProcessorTimeGrowsWithWork(t *testing.T) {
	before, err := processorTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
	}
	after, err := processorTime(os.Getpid())
	if err != nil || after <= before {
		t.Errorf("%v, then %v: %v", before, after, err)
	}
	if _, err := processorTime(1 << 30); err == nil {
		t.Error("a process that does not exist has spent nothing")
	}
}

func TestResidentIsInMegabytes(t *testing.T) {
	got, err := parseResident("Name:\tcaddy\nVmHWM:\t   99999 kB\nVmRSS:\t   65536 kB\nThreads:\t9\n")
	if err != nil || got != 64 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := parseResident("Name:\tkthreadd\n"); err == nil {
		t.Error("a kernel thread has no VmRSS")
	}
}

func TestProcessorsAreThoseAllowed(t *testing.T) {
	for list, want := range map[string][]int{"0-1": {0, 1}, "2,5-7": {2, 5, 6, 7}, "3": {3}, "0-x": nil, "": nil} {
		got, err := parseProcessors("Name:\tx\nCpus_allowed_list:\t" + list + "\nMems_allowed:\t1\n")
		if !slices.Equal(got, want) || (err != nil) != (want == nil) {
			t.Errorf("%q: %v, %v", list, got, err)
		}
	}
}
