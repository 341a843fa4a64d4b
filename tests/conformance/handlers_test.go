package conformance

import (
	"io"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	register("flusher", flusher{}, "respond")
	register("crier", crier{}, "encode")
}

// register makes a handler without options a directive that comes before another.
func register(name string, handler interface {
	caddy.Module
	caddyhttp.MiddlewareHandler
}, before string) {
	caddy.RegisterModule(handler)
	httpcaddyfile.RegisterHandlerDirective(name, func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		h.Next()
		return handler, nil
	})
	httpcaddyfile.RegisterDirectiveOrder(name, httpcaddyfile.Before, before)
}

// flusher sends the page without saying what it is, and its header before its
// body, as reverse_proxy does when the origin is slow and the length unknown.
type flusher struct{}

func (flusher) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.flusher", New: func() caddy.Module { return new(flusher) }}
}

func (flusher) ServeHTTP(w http.ResponseWriter, _ *http.Request, _ caddyhttp.Handler) error {
	w.WriteHeader(http.StatusOK)
	if err := http.NewResponseController(w).Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, html)
	return err
}

// crier says when a request is over for the handlers inside it.
type crier struct{}

// over receives once for each request that a crier has seen to its end.
var over = make(chan struct{})

func (crier) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.crier", New: func() caddy.Module { return new(crier) }}
}

func (crier) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	err := next.ServeHTTP(w, r)
	over <- struct{}{}
	return err
}
