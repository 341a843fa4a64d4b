package conformance

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// patience is when an answer that does not come is given up.
const patience = 30 * time.Second

// client sends requests as a browser would, but keeps no state and follows no
// redirect.
type client struct {
	base      string
	transport http.RoundTripper
}

func newClient(t *testing.T, base string) *client {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{base, transport}
}

// reply is a response with its body read.
type reply struct {
	status  int
	header  http.Header
	body    string
	trailer http.Header
	length  int64 // Content-Length, -1 if absent
	err     error // of reading the body
}

// get asks for something other than a page. Fields are `Name: value`.
func (c *client) get(t *testing.T, path string, fields ...string) *reply {
	t.Helper()
	return c.send(t, "GET", path, "", append([]string{"Accept: */*"}, fields...)...)
}

// visit asks for a page to show.
func (c *client) visit(t *testing.T, path string, fields ...string) *reply {
	t.Helper()
	return c.send(t, "GET", path, "", append([]string{"Accept: text/html", "Sec-Fetch-Dest: document"}, fields...)...)
}

// choose sends the form of the notice.
func (c *client) choose(t *testing.T, form string, fields ...string) *reply {
	t.Helper()
	fields = append([]string{"Content-Type: application/x-www-form-urlencoded", "Accept: text/html", "Sec-Fetch-Site: same-origin"}, fields...)
	return c.send(t, "POST", "/.privacy/choice", form, fields...)
}

func (c *client) send(t *testing.T, method, path, body string, fields ...string) *reply {
	t.Helper()
	resp := c.open(t, method, path, strings.NewReader(body), fields...)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return &reply{resp.StatusCode, resp.Header, string(data), resp.Trailer, resp.ContentLength, err}
}

// open leaves the body to be read. A field given twice replaces the first, but
// for Cookie.
func (c *client) open(t *testing.T, method, path string, body io.Reader, fields ...string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		switch name {
		case "Host":
			r.Host = value
		case "Cookie":
			r.Header["Cookie"] = append(r.Header["Cookie"], value)
		default:
			r.Header[name] = []string{value}
		}
	}
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// dial opens a plain connection and sends text, in which \n stands for the end
// of a line.
func (s *site) dial(t *testing.T, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

// ask writes an address for the origin's answer, of key and value in turn.
func ask(pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Add(pairs[i], pairs[i+1])
	}
	return "/page?" + query.Encode()
}

// cookie returns the first pair of a Set-Cookie line of that name, as a browser
// would send it back.
func (r *reply) cookie(name string) string {
	line := r.line(name)
	pair, _, _ := strings.Cut(line, ";")
	return pair
}

// line returns the first Set-Cookie line of that name that does not delete.
func (r *reply) line(name string) string {
	for _, line := range r.header["Set-Cookie"] {
		if strings.HasPrefix(line, name+"=") && !strings.Contains(line, "Max-Age=0") {
			return line
		}
	}
	return ""
}

// deletions lists the lines that delete a cookie of that name.
func (r *reply) deletions(name string) (lines []string) {
	for _, line := range r.header["Set-Cookie"] {
		if strings.HasPrefix(line, name+"=;") && strings.Contains(line, "Max-Age=0") && strings.Contains(line, "1970") {
			lines = append(lines, line)
		}
	}
	return lines
}
