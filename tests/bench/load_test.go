package main

import (
	"strings"
	"testing"
	"time"
)

const wrkReport = `Running 1m test @ http://127.0.0.1:42507
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    12.51ms    9.37ms  85.79ms   79.87%
    Req/Sec     2.77k   413.41     3.37k    60.00%
  Latency Distribution
     50%    9.71ms
     75%   16.00ms
     90%   25.30ms
     99%   43.02ms
  1394 requests in 508.26ms, 1.90MB read
Requests/sec:   2742.70
Transfer/sec:      3.74MB
`

func TestReportOfWrkIsRead(t *testing.T) {
	for _, test := range []struct {
		name, report string
		want         load
		fails        bool
	}{
		{name: "milliseconds", report: wrkReport, want: load{1394, 2742.7, 43020 * time.Microsecond}},
		{name: "microseconds", report: strings.Replace(wrkReport, "43.02ms", "871.00us", 1), want: load{1394, 2742.7, 871 * time.Microsecond}},
		{name: "seconds", report: strings.Replace(wrkReport, "43.02ms", "1.08s", 1), want: load{1394, 2742.7, 1080 * time.Millisecond}},
		{name: "errors", report: wrkReport + "  Non-2xx or 3xx responses: 12\n", fails: true},
		{name: "broken connections", report: wrkReport + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", fails: true},
		{name: "no latencies", report: strings.Replace(wrkReport, "99%", "", 1), fails: true},
		{name: "something else", report: "unable to connect to 127.0.0.1:42507 Connection refused\n", fails: true},
	} {
		got, err := parseLoad(test.report)
		if (err != nil) != test.fails || got != test.want {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
}

func TestRequestCarriesTwelveCookiesAndTheRecord(t *testing.T) {
	p := &proxy{port: 8080}
	for record, want := range map[string]int{"": 12, "privacy-record=a.b.c; privacy=statistics": 14} {
		_, rest, _ := strings.Cut(api.request(p, record), "\r\nCookie: ")
		header, end, _ := strings.Cut(rest, "\r\n")
		if n := len(strings.Split(header, "; ")); n != want || end != "\r\n" {
			t.Errorf("%d cookies, then %q", n, end)
		}
	}
}

func TestCookiePairsAreWhatABrowserStores(t *testing.T) {
	got := cookiePairs([]string{"privacy-record=a.b.c; Path=/; HttpOnly", "_ga=; Path=/; Max-Age=0", "privacy=statistics; Path=/"})
	if want := "privacy-record=a.b.c; privacy=statistics"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
