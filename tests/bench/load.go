package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// siteHost is the name under which the site is asked for. Cookies depend on it,
// so it is a name as sites have, although all connections are local.
const siteHost = "www.example.fr"

// work is a kind of request whose cost is bounded.
type work struct {
	name    string
	path    string
	dest    string // Sec-Fetch-Dest: what a browser asks for it for
	granted bool   // the visitor has accepted everything
	budget  float64
}

// record is the one that a visitor has who asks for this work, given that of
// somebody who has accepted everything.
func (w *work) record(accepted string) string {
	if w.granted {
		return accepted
	}
	return ""
}

// visitorCookies are those of somebody who has been on the site before: two of
// sessions, three preferences, seven trackers. None of them makes the gateway
// begin a record, which a browser would store at once and wrk never does.
const visitorCookies = "PHPSESSID=8c1f0c7b2d5e4a69b3f7; JSESSIONID=5F2A90C7E1B84D63; theme=dark; lang=fr; currency=EUR; " +
	"_ga=GA1.1.1284736251.1763856000; _ga_ABC1234567=GS1.1.1763856000.3.1.1763856600.0.0.0; _gid=GA1.2.99887766.1763856000; " +
	"_gcl_au=1.1.55667788.1763856000; _fbp=fb.1.1763856000000.1098115397; _pk_id.1.1fff=0a1b2c3d4e5f6071.1763856000.; " +
	"_hjSessionUser_123456=eyJpZCI6ImFiY2RlZiJ9"

// accepts is what Chrome accepts for each kind of thing.
var accepts = map[string]string{
	"document": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
	"script":   "*/*",
	"empty":    "application/json, text/plain, */*",
}

var fetchModes = map[string]string{"document": "navigate", "script": "no-cors", "empty": "cors"}

// request is one request as a browser sends it. Record is the visitor's record
// as a Cookie header has it, empty for somebody who has not chosen.
func (w *work) request(p *proxy, record string) string {
	cookies := visitorCookies
	if record != "" {
		cookies += "; " + record
	}
	return "GET " + w.path + " HTTP/1.1\r\n" +
		"Host: " + p.host() + "\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
		"Accept: " + accepts[w.dest] + "\r\n" +
		"Accept-Language: fr-FR,fr;q=0.9,en;q=0.8\r\n" +
		"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
		"Referer: http://" + p.host() + "/\r\n" +
		"Sec-Fetch-Site: same-origin\r\n" +
		"Sec-Fetch-Mode: " + fetchModes[w.dest] + "\r\n" +
		"Sec-Fetch-Dest: " + w.dest + "\r\n" +
		"Cookie: " + cookies + "\r\n\r\n"
}

//go:embed load.lua
var loadScript string

// client is wrk with the requests it sends. The requests go round.
type client struct {
	script string // file
}

// connections are open at the same time, as with 32 impatient visitors.
const connections = "32"

func newClient(folder string) (*client, error) {
	c := &client{script: filepath.Join(folder, "load.lua")}
	return c, os.WriteFile(c.script, []byte(loadScript), 0o600)
}

// command asks a proxy for as long as one slice lasts. wrk counts in whole
// seconds; interrupted earlier, it reports all the same.
func (c *client) command(s side) []string {
	seconds := strconv.FormatFloat(slice.Seconds(), 'f', -1, 64)
	return []string{
		"timeout", "--preserve-status", "-s", "INT", seconds,
		"wrk", "-t1", "-c" + connections, "-d60s", "--latency", "-s", c.script, s.proxy.url(), s.requests,
	}
}

// load is what wrk reports of one slice.
type load struct {
	requests float64
	rate     float64       // requests a second
	p99      time.Duration // 99 of 100 answers came within it
}

var (
	requestsLine = regexp.MustCompile(`(\d+) requests in `)
	rateLine     = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	p99Line      = regexp.MustCompile(`99%\s+([\d.]+)(us|ms|s|m)\b`)
	failureLine  = regexp.MustCompile(`(?:Non-2xx or 3xx responses|Socket errors):.*`)
)

// parseLoad reads what wrk prints. Answers that are errors, or none, make the
// figures worthless, so they are an error here.
func parseLoad(output string) (load, error) {
	if failure := failureLine.FindString(output); failure != "" {
		return load{}, errors.New("wrk: " + strings.TrimSpace(failure))
	}
	requests, rate := requestsLine.FindStringSubmatch(output), rateLine.FindStringSubmatch(output)
	p99 := p99Line.FindStringSubmatch(output)
	if requests == nil || rate == nil || p99 == nil {
		return load{}, fmt.Errorf("wrk printed something else than its report: %q", output)
	}
	var l load
	l.requests, _ = strconv.ParseFloat(requests[1], 64)
	l.rate, _ = strconv.ParseFloat(rate[1], 64)
	var err error
	if l.p99, err = time.ParseDuration(p99[1] + p99[2]); err != nil {
		return load{}, fmt.Errorf("wrk: %v", err)
	}
	return l, nil
}
