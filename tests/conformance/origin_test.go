package conformance

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// origin is the publisher's site. It remembers what it was sent, and answers
// with what the address asks for.
type origin struct {
	address string
	mux     *http.ServeMux

	mu   sync.Mutex
	seen []*http.Request
}

// html is the page that the origin serves.
const html = "<!DOCTYPE html><html><head><title>News</title><script src=/app.js></script></head><body><h1>News</h1></body></html>"

func newOrigin(t *testing.T) *origin {
	o := &origin{mux: http.NewServeMux()}
	o.mux.HandleFunc("/", answer)
	server := httptest.NewUnstartedServer(o)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	o.address = server.Listener.Addr().String()
	return o
}

// ServeHTTP remembers the request before it is answered.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.seen = append(o.seen, r)
	o.mu.Unlock()
	o.mux.ServeHTTP(w, r)
}

// handle gives an address a behaviour of its own.
func (o *origin) handle(path string, h http.HandlerFunc) { o.mux.HandleFunc(path, h) }

// last is the request that came last.
func (o *origin) last(t *testing.T) *http.Request {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.seen) == 0 {
		t.Fatal("the origin got no request")
	}
	return o.seen[len(o.seen)-1]
}

// count is how many requests came.
func (o *origin) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.seen)
}

// answer does what the query asks for: status, type, tag (a validator), and any
// number of `set` (Set-Cookie lines) and `head` (other fields, `Name: value`).
// The body is the page, or some bytes where the type is another.
func answer(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	h := w.Header()
	for _, line := range query["set"] {
		h.Add("Set-Cookie", line)
	}
	for _, field := range query["head"] {
		name, value, _ := strings.Cut(field, ":")
		h.Add(name, strings.TrimSpace(value))
	}
	status, err := strconv.Atoi(query.Get("status"))
	if err != nil {
		status = http.StatusOK
	}
	if tag := query.Get("tag"); tag != "" {
		h.Set("ETag", `"`+tag+`"`)
		if strings.Contains(r.Header.Get("If-None-Match"), `"`+tag+`"`) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	body := html
	h.Set("Content-Type", "text/html; charset=utf-8")
	if kind := query.Get("type"); kind != "" {
		body = "body, 16 bytes..\n"
		h.Set("Content-Type", kind)
	}
	if status < 200 || status == http.StatusNoContent || status == http.StatusNotModified {
		h.Del("Content-Type")
		w.WriteHeader(status)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// rawOrigin is a site that speaks HTTP badly: it sends each connection the bytes
// given, once the request's header has come, and closes it.
func rawOrigin(t *testing.T, response string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 64<<10)
				for got := ""; !strings.Contains(got, "\r\n\r\n"); {
					n, err := c.Read(buf)
					if err != nil {
						return
					}
					got += string(buf[:n])
				}
				io.WriteString(c, response)
			}()
		}
	}()
	return l.Addr().String()
}
