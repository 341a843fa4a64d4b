package caddymodule

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/cookie"
	"github.com/caddy-privacy/caddy-privacy/internal/page"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/ui"
)

// visit is one request and what is known of who makes it.
type visit struct {
	gateway  *Gateway
	visitor  *policy.Visitor
	record   *consent.Record
	now      time.Time
	host     string   // in lower case, without port
	hostport string   // host and port, as the browser wrote them
	address  *url.URL // as the browser wrote it, before any rewriting
	secure   bool     // the browser's side of the connection is encrypted
	document bool     // the answer may be a page that a browser shows
	fragment bool     // or a part that a script puts into one
	recorded bool     // the request brought a record of ours, valid or not
	imported bool     // the choice was made with another tool, and the browser gets our record of it now
	begin    bool     // a necessary cookie lasts: its thirteen months must be counted
	proved   bool     // the form that the request sends has brought its proof
	pass     string   // the line of the cookie that spares the next one; empty without
	sweep    []string
	accepted string            // the languages that the browser asks for
	language string            // of the notice, unless the page declares its own; for documents
	held     bool              // something of the site was kept back
	domain   string            // registrable, of host; empty until somebody asks
	variant  page.Variant      // of pages; empty until somebody asks
	services int               // that the variant was made of
	seen     *policy.Inventory // of the site; nil until somebody asks

	answer response
}

// meet finds out who makes a request.
func (g *Gateway) meet(r *http.Request) *visit {
	vars, _ := r.Context().Value(caddyhttp.VarsCtxKey).(map[string]any)
	trusted, _ := vars[caddyhttp.TrustedProxyVarKey].(bool)
	v := &visit{
		gateway: g, record: &consent.NoRecord, now: now(), hostport: hostport(r, trusted), address: originalURL(r),
		secure: secure(r, trusted), document: wantsDocument(r),
	}
	v.host = strings.ToLower(hostname(v.hostport))
	v.fragment = !v.document && wantsFragment(r)
	if v.document {
		v.accepted = r.Header.Get("Accept-Language")
		v.language = ui.Negotiate("", v.accepted, g.Language)
	}
	if earlier, ok := vars[visitKey].(*visit); !ok || !v.resume(earlier) {
		v.identify(r)
	}
	if v.visitor == nil || v.visitor.State == policy.None && consent.Signalled(r.Header) {
		v.visitor = g.stranger(v.visitor, consent.Signalled(r.Header))
	}
	if route := g.route(r); route != policy.OpenRoute {
		at := *v.visitor
		at.Route = route
		v.visitor = &at
	}
	if vars != nil {
		vars[visitKey] = v
	}
	return v
}

// route is what the owner has ruled for the part of the site that a request is for.
func (g *Gateway) route(r *http.Request) policy.Route {
	switch {
	case g.Pages == nil:
		return policy.OpenRoute
	case g.Pages.Confidential.Match(r):
		return policy.ConfidentialRoute
	case g.Pages.Unprofiled.Match(r):
		return policy.UnprofiledRoute
	}
	return policy.OpenRoute
}

// visitKey is the request variable that holds the visit. Other directives read
// the visitor's standing from it, as {http.vars.privacy}. And the routes of
// handle_errors get the request without the record that governRequest has taken
// out of it.
const visitKey = "privacy"

// String is what the origin is told of the visitor.
func (v *visit) String() string { return v.visitor.Header }

// resume takes over what an earlier gateway on the request's way has found out.
func (v *visit) resume(earlier *visit) bool {
	if earlier.gateway.names != v.gateway.names {
		return false
	}
	v.record, v.recorded, v.begin, v.sweep = earlier.record, earlier.recorded, earlier.begin, earlier.sweep
	v.imported, v.proved = earlier.imported, earlier.proved
	switch {
	case v.gateway.policy == earlier.gateway.policy:
		v.visitor = earlier.visitor
	case !v.record.First.IsZero():
		stands := v.record.Visitor(v.gateway.policy, v.now)
		stands.Header = v.gateway.policy.Header(&stands)
		v.visitor = &stands
	}
	return true
}

// identify reads the record that the request brings.
func (v *visit) identify(r *http.Request) {
	if !slices.ContainsFunc(r.Header["Cookie"], namesRecord) {
		return
	}
	names := v.gateway.names
	if v.read(r, names.choice(v.secure)); v.visitor == nil {
		v.read(r, names.term(v.secure))
	}
}

// namesRecord sorts out, at a glance, fields without a record: all names of records
// hold that of the mirror.
func namesRecord(field string) bool { return strings.Contains(field, readable) }

// originalURL is the request's address before rewrite, try_files and their like,
// which come before privacy in Caddy's order.
func originalURL(r *http.Request) *url.URL {
	if original, ok := r.Context().Value(caddyhttp.OriginalRequestCtxKey).(http.Request); ok {
		return original.URL
	}
	return r.URL
}

// read reads the record of this name.
func (v *visit) read(r *http.Request, name string) {
	tries := 0
	for token := range cookie.All(r.Header["Cookie"], name) {
		if tries++; tries > maxTries {
			return
		}
		v.recorded = true
		if v.visitor, v.record = v.gateway.app.shared.reader.Read(token, v.gateway.policy, v.now); v.visitor != nil {
			return
		}
	}
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
func secure(r *http.Request, trusted bool) bool {
	if trusted {
		if scheme := outermost(r.Header.Get("X-Forwarded-Proto")); scheme != "" {
			return strings.EqualFold(scheme, "https")
		}
	}
	return r.TLS != nil
}

// hostport is the host that the visitor's browser asked for.
func hostport(r *http.Request, trusted bool) string {
	if trusted {
		if host := outermost(r.Header.Get("X-Forwarded-Host")); host != "" {
			return host
		}
	}
	return r.Host
}

// outermost is what the proxy nearest to the visitor says in a field that each
// proxy on the way adds to.
func outermost(field string) string {
	first, _, _ := strings.Cut(field, ",")
	return strings.TrimSpace(first)
}

func hostname(hostport string) string {
	if !strings.Contains(hostport, ":") {
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

// wantsFragment tells whether a script asks for HTML: it says so by what it
// accepts, or by the header of a library that puts HTML into pages.
func wantsFragment(r *http.Request) bool {
	if names := r.Header; len(names["Hx-Request"]) > 0 || len(names["Turbo-Frame"]) > 0 || len(names["X-Pjax"]) > 0 {
		return true
	}
	accept := r.Header["Accept"]
	return len(accept) > 0 && strings.Contains(accept[0], "text/html")
}

// origin is the site as the browser sees it (RFC 6454), such as
// https://www.example.fr.
func (v *visit) origin() string {
	if v.secure {
		return "https://" + v.hostport
	}
	return "http://" + v.hostport
}
