package caddymodule

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// visit is one request and what is known of who makes it.
type visit struct {
	gateway  *Gateway
	visitor  *policy.Visitor
	record   consent.Record
	now      time.Time
	host     string // without port
	path     string // of the request, as the browser wrote it
	secure   bool   // the browser's side of the connection is encrypted
	document bool   // the answer may be a page that a browser shows
	recorded bool   // the request brought a record of ours, valid or not
	begin    bool   // a necessary cookie lasts: its thirteen months must be counted
	sweep    []string
	language string // of the notice, for documents
	held     bool   // something of the site was kept back
}

// meet finds out who makes a request.
func (g *Gateway) meet(r *http.Request) visit {
	v := visit{
		gateway: g, now: now(), host: hostname(r.Host), path: r.URL.EscapedPath(),
		secure: secure(r), document: wantsDocument(r),
	}
	if v.document {
		v.language = ui.Negotiate("", r.Header.Get("Accept-Language"), g.Language)
	}
	name := g.names.record(v.secure)
	tries := 0
	for token := range cookie.All(r.Header["Cookie"], name) {
		if tries++; tries > maxTries {
			break
		}
		v.recorded = true
		if v.visitor, v.record = g.app.shared.reader.Read(token, g.policy, v.now); v.visitor != nil {
			break
		}
	}
	if v.visitor == nil || v.visitor.State == policy.None && consent.Signalled(r.Header) {
		v.visitor = g.stranger(v.visitor, consent.Signalled(r.Header))
	}
	return v
}

// maxTries bounds how many cookies of the record's name are tried. Browsers send
// one, or two where another host of the domain has set its own; a hostile client
// could otherwise have signatures checked by the thousand.
const maxTries = 4

// stranger is a visitor without a choice, known at most by the beginning of his
// term and by what his browser signals.
func (g *Gateway) stranger(known *policy.Visitor, signalled bool) *policy.Visitor {
	switch {
	case known != nil:
		v := *known
		v.State = policy.Signal
		v.Header = g.policy.Header(&v)
		return &v
	case signalled:
		return &g.strangers[1]
	default:
		return &g.strangers[0]
	}
}

// secure tells whether the visitor's browser speaks TLS, to Caddy itself or to a
// proxy in front of it that Caddy's trusted_proxies vouches for.
func secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	trusted, _ := caddyhttp.GetVar(r.Context(), caddyhttp.TrustedProxyVarKey).(bool)
	return trusted && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

func hostname(hostport string) string {
	if i := strings.LastIndexByte(hostport, ':'); i < 0 || hostport[len(hostport)-1] == ']' {
		return hostport
	}
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}

// wantsDocument tells whether the answer may be shown as a page. Browsers say
// what they want a thing for (Fetch Metadata, Sec-Fetch-Dest); others are judged
// by what they accept.
func wantsDocument(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost {
		return false
	}
	if dest := r.Header["Sec-Fetch-Dest"]; len(dest) > 0 {
		switch dest[0] {
		case "document", "iframe", "frame", "embed", "object":
			return true
		}
		return false
	}
	accept := r.Header["Accept"]
	return len(accept) > 0 && strings.Contains(accept[0], "text/html")
}

// tell makes the visitor's standing known to other handlers and the origin.
func (v *visit) tell(r *http.Request) {
	if repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		repl.Set("http.privacy.consent", v.visitor.Header)
	}
}
