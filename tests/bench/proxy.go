package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// setup is one way of configuring the proxy.
type setup struct {
	directive string // the line or block of `privacy`, or nothing for plain Caddy
	sites     int    // beside the one that is asked for
}

// caddyfile is the configuration. The site that is asked for has the longest
// name, which Caddy tries first: what its own router spends on many sites is
// kept out of the figures.
func (s setup) caddyfile(port int, upstream string) string {
	var b strings.Builder
	recipients := ""
	if s.directive != "" {
		recipients = declared
	}
	fmt.Fprintf(&b, globalOptions, recipients)
	site := func(host string) {
		fmt.Fprintf(&b, "http://%s:%d {\n\t%sreverse_proxy %s\n}\n", host, port, s.directive, upstream)
	}
	site(siteHost)
	for i := range s.sites {
		site(fmt.Sprintf("s%d.test", i))
	}
	return b.String()
}

const globalOptions = `{
	admin off
	auto_https off
	persist_config off
	default_bind 127.0.0.1
	log {
		output discard
	}
%s}
`

// declared lets those pass that the pages load from, once everything is granted; other
// names are never known here, as they would have to be looked up.
const declared = `	privacy {
		recipient google {
			services google-tag-manager google-fonts youtube
			transfer dpf
		}
		recipient meta {
			services meta-*
			transfer dpf
		}
		recipient x {
			services x-embed
			transfer scc
		}
		recipient images {
			entity "Example SAS"
			country FR
			hosts images.example.fr
		}
	}
`

// proxy is a running Caddy.
type proxy struct {
	cmd    *exec.Cmd
	port   int
	folder string        // its configuration and data
	ready  time.Duration // from its start to its first answer
}

// startPatience bounds how long a start may take.
const startPatience = 30 * time.Second

// startProxy runs a binary on one processor with a data directory of its own.
// The caller stops it.
func (b *bench) startProxy(s setup) (*proxy, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(b.folder, "proxy")
	if err != nil {
		return nil, err
	}
	config := filepath.Join(folder, "Caddyfile")
	if err := os.WriteFile(config, []byte(s.caddyfile(port, b.origin)), 0o600); err != nil {
		return nil, err
	}
	p := &proxy{port: port, folder: folder}
	var complaint bytes.Buffer
	p.cmd = exec.Command("taskset", "-c", b.proxyCPU, b.binary, "run", "--config", config)
	p.cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder)
	p.cmd.Stderr = &complaint
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(began) < startPatience {
		if response, err := http.Get(p.url() + "/"); err == nil {
			p.ready = time.Since(began)
			return p, response.Body.Close()
		}
		time.Sleep(time.Millisecond)
	}
	p.stop()
	return nil, fmt.Errorf("caddy does not start: %s", strings.TrimSpace(complaint.String()))
}

// stop ends the proxy and forgets its data.
func (p *proxy) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
	os.RemoveAll(p.folder)
}

func (p *proxy) pid() int { return p.cmd.Process.Pid }

func (p *proxy) url() string { return "http://127.0.0.1:" + strconv.Itoa(p.port) }

// host is the Host header of requests to the site.
func (p *proxy) host() string { return siteHost + ":" + strconv.Itoa(p.port) }

// accept is a visitor who accepts everything. It returns his record as a Cookie
// header has it. A gateway that has just started may need a moment to open its
// store, and says 503 until then.
func (p *proxy) accept() (string, error) {
	began := time.Now()
	for {
		response, err := p.choose()
		if err != nil {
			return "", err
		}
		record := cookiePairs(response.Header["Set-Cookie"])
		switch {
		case response.StatusCode == http.StatusSeeOther && record != "":
			return record, nil
		case response.StatusCode != http.StatusServiceUnavailable || time.Since(began) > startPatience:
			return "", fmt.Errorf("accepting everything: the gateway answers %s and gives no record", response.Status)
		}
		time.Sleep(time.Millisecond)
	}
}

// choose sends the form with which a visitor accepts everything. The body of
// the answer is closed.
func (p *proxy) choose() (*http.Response, error) {
	request, err := http.NewRequest("POST", p.url()+"/.privacy/choice", strings.NewReader("choice=accept"))
	if err != nil {
		return nil, err
	}
	request.Host = p.host()
	request.Header.Set("Origin", "http://"+p.host())
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request) // does not follow the redirect
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response, err
}

// cookiePairs joins the cookies of Set-Cookie lines that store something.
func cookiePairs(lines []string) string {
	var pairs []string
	for _, line := range lines {
		if pair, _, _ := strings.Cut(line, ";"); !strings.Contains(line, "Max-Age=0") {
			pairs = append(pairs, pair)
		}
	}
	return strings.Join(pairs, "; ")
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
