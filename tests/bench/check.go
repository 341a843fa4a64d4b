package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
)

// answered is what a client sees of one answer.
type answered struct {
	status  int
	cookies []string
	body    []byte
}

// fetch sends a request exactly as the load does.
func fetch(p *proxy, request string) (answered, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url(), "http://"))
	if err != nil {
		return answered{}, err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		return answered{}, err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return answered{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answered{response.StatusCode, response.Header["Set-Cookie"], body}, err
}

// check makes sure that the gateway does what its cost is measured for: one that
// governs nothing would be cheap.
func check(w *work, plain, gateway *proxy, record string) error {
	asked, err := fetch(plain, w.request(plain, record))
	if err != nil {
		return err
	}
	governed, err := fetch(gateway, w.request(gateway, record))
	if err != nil {
		return err
	}
	sets, page := len(asked.cookies) > 0, w.dest == "document"
	switch {
	case asked.status != http.StatusOK || governed.status != http.StatusOK:
		return fmt.Errorf("%s: plain Caddy answers %d, the gateway %d", w.name, asked.status, governed.status)
	case sets && storesTracker(governed.cookies) != w.granted:
		return fmt.Errorf("%s: the gateway does not govern the cookies that the site sets", w.name)
	case page != bytes.Contains(governed.body, []byte("/.privacy/")):
		return fmt.Errorf("%s: the gateway should write into pages, and only into pages", w.name)
	case !page && !bytes.Equal(asked.body, governed.body):
		return fmt.Errorf("%s: the gateway changes what is no page", w.name)
	}
	return nil
}

// storesTracker tells whether a browser keeps the site's first tracker, for two
// years or less.
func storesTracker(lines []string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "_ga=GA1") && !strings.Contains(line, "Max-Age=0")
	})
}
