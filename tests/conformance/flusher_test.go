package conformance

import (
	"io"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// flusher is a handler, `flusher` in the configuration, that sends the page
// without saying what it is, and its header before its body, as reverse_proxy
// does when the origin is slow and the length unknown.
type flusher struct{}

func init() {
	caddy.RegisterModule(flusher{})
	httpcaddyfile.RegisterHandlerDirective("flusher", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		h.Next()
		return flusher{}, nil
	})
	httpcaddyfile.RegisterDirectiveOrder("flusher", httpcaddyfile.Before, "respond")
}

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
