package caddymodule

import (
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
)

// observe lets a request and its answer pass as they are and notes what would
// have been done about their cookies.
func (g *Gateway) observe(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	v := g.meet(r)
	for _, field := range r.Header["Cookie"] {
		for name, value := range cookie.Pairs(field) {
			d := g.policy.Cookie(name, value, v.visitor, v.now)
			if d.Action != policy.Allow && !policy.IsOwn(name) {
				g.app.shared.metrics.count(fromBrowser, &d)
				g.note(v, fromBrowser, name, &d)
			}
		}
	}
	return next.ServeHTTP(&onlooker{
		ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}, visit: v,
	}, r)
}

// onlooker reads the header of a response on its way and leaves everything as
// it is; the body goes by the embedded writer.
type onlooker struct {
	caddyhttp.ResponseWriterWrapper
	visit *visit
	done  bool
}

// WriteHeader notes the cookies of the answer.
func (o *onlooker) WriteHeader(status int) {
	if !o.done && (status > 199 || status == http.StatusSwitchingProtocols) {
		o.done = true
		o.look()
	}
	o.ResponseWriterWrapper.WriteHeader(status)
}

// Write notes them too when the site writes without a status.
func (o *onlooker) Write(p []byte) (int, error) {
	if !o.done {
		o.done = true
		o.look()
	}
	return o.ResponseWriter.Write(p)
}

func (o *onlooker) look() {
	v := o.visit
	for _, line := range o.Header()["Set-Cookie"] {
		c, ok := cookie.Parse(line, v.now)
		if !ok || c.Deletes() || policy.IsOwn(c.Name) {
			continue
		}
		d := v.gateway.policy.Cookie(c.Name, c.Value, v.visitor, v.now)
		v.gateway.app.shared.metrics.count(fromSite, &d)
		v.gateway.note(v, fromSite, c.Name, &d)
	}
}
