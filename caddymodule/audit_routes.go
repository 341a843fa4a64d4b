package caddymodule

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// place is where in a configuration the audit is.
type place struct {
	site     string
	governed bool // a privacy handler stands before
	failed   bool // routes of errors
}

// server looks at the routes of a server, and then at those of its errors.
func (a *audit) server(server map[string]any) {
	at := place{site: strings.Join(textsOf(server, "listen"), ", ")}
	a.within(server["routes"], at)
	at.failed = true
	a.within(objectOf(server, "errors")["routes"], at)
}

// route looks at one route and those within, and tells whether it governs those after it:
// one that is not taken by all requests does not.
func (a *audit) route(route map[string]any, at place) (governs bool) {
	at.site = siteOf(route, at.site)
	for _, handler := range listOf(route, "handle") {
		governs = a.handler(handler, at) || governs
		at.governed = at.governed || governs
	}
	return governs && route["match"] == nil && route["group"] == nil
}

// handler looks at one handler, and tells whether it governs those after it.
func (a *audit) handler(h map[string]any, at place) (governs bool) {
	switch name := textOf(h, "handler"); {
	case name == "privacy":
		a.gateway(h, at)
		return true
	case name == "reverse_proxy":
		a.proxy(h, at)
		a.within(h["handle_response"], at)
		return false
	case name == "file_server":
		a.served(at)
		return false
	case name == "tracing":
		a.note(at.site, "spans, with addresses of pages and of visitors, go where OTEL_EXPORTER_OTLP_ENDPOINT of the environment says: tracing")
	case !slices.Contains(standardHandlers, name):
		a.note(at.site, "handler "+name+" belongs to another plugin, and may connect to anybody")
	}
	// Subroutes of every kind: Caddy's own, and those of plugins.
	for _, name := range slices.Sorted(maps.Keys(h)) {
		governs = a.within(h[name], at) || governs
	}
	return governs
}

// standardHandlers are those that come with Caddy and connect to nobody.
var standardHandlers = []string{
	"acme_server", "authentication", "copy_response", "copy_response_headers", "encode", "error", "headers", "intercept", "invoke", "log_append",
	"map", "metrics", "push", "request_body", "rewrite", "static_response", "subroute", "templates", "vars",
}

// within finds routes in whatever a handler holds, and tells whether they govern what
// follows.
func (a *audit) within(node any, at place) (governs bool) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			governs = a.within(child, at) || governs
			at.governed = at.governed || governs
		}
	case map[string]any:
		if _, ok := node["handle"]; ok {
			return a.route(node, at)
		}
		for _, name := range slices.Sorted(maps.Keys(node)) {
			governs = a.within(node[name], at) || governs
		}
	}
	return governs
}

// gateway looks at the options of one site.
func (a *audit) gateway(h map[string]any, at place) {
	var g Gateway
	if encoded, err := json.Marshal(h); err != nil || json.Unmarshal(encoded, &g) != nil {
		return
	}
	if g.Mode == modeObserve {
		a.fault(at.site, "nothing is enforced: mode observe", "mode enforce")
	}
	if g.UnknownCookies == "allow" {
		a.except(at.site, "cookies that nobody has classified are stored before consent: unknown_cookies allow")
	}
	if g.Pages != nil {
		a.except(at.site, "pages that pass as the site wrote them: pages except "+strings.Join(g.Pages.Except, " "))
	}
}

// served notes pages that come from somewhere, unless the gateway stands before it.
func (a *audit) served(at place) {
	ungoverned := remark{at.site, "pages are served that the gateway does not govern", "privacy"}
	switch {
	case at.governed:
	case !at.failed:
		a.fault(ungoverned.Where, ungoverned.What, ungoverned.Write)
	case !slices.Contains(a.Faults, ungoverned):
		a.fault(at.site, "pages about errors are served that the gateway does not govern", "handle_errors { privacy … }")
	}
}

// proxy looks at where a site's requests go.
func (a *audit) proxy(h map[string]any, at place) {
	protocol := textOf(objectOf(h, "transport"), "protocol")
	if protocol == "" {
		protocol = "http"
	}
	addresses := upstreams(h)
	switch {
	case !asksLeave(h):
		a.served(at)
	case !at.governed:
		a.fault(at.site, "forward_auth is asked before the gateway: it sees cookies as browsers send them, and its own answers are not governed", "route { privacy, then forward_auth and the rest }")
	}
	if protocol == "privacy" {
		addresses = append(addresses, textsOf(objectOf(h, "transport", "resolver"), "addresses")...)
	}
	for _, address := range addresses {
		a.upstream(address, protocol, at)
	}
}

// upstream looks at one address that a proxy connects to.
func (a *audit) upstream(address, protocol string, at place) {
	way, refused := a.reach(address, protocol == "privacy")
	switch {
	case way == ownWay:
	case protocol == "http":
		a.fault(at.site, fmt.Sprintf("connections to %s are made by transport http, which nothing checks", address), "transport privacy")
	case protocol != "privacy":
		a.fault(at.site, fmt.Sprintf("connections to %s are made by transport %s, which nothing checks", address, protocol), "an address or a socket in your own network")
	case refused != nil:
		a.fault(at.site, refused.Error(), "recipient <name> { entity … country … hosts … }")
	}
}

// asksLeave tells whether a proxy only asks whether a request may pass, as forward_auth
// does.
func asksLeave(h map[string]any) bool {
	return len(listOf(h, "handle_response")) > 0 && textOf(objectOf(h, "rewrite"), "method") == "GET"
}

// upstreams are the addresses that a reverse proxy connects to, for its health checks
// too. Those that are found out at the request stand as a placeholder.
func upstreams(h map[string]any) (addresses []string) {
	for _, upstream := range listOf(h, "upstreams") {
		if dial := textOf(upstream, "dial"); dial != "" {
			addresses = append(addresses, dial)
		}
	}
	if dynamic := objectOf(h, "dynamic_upstreams"); dynamic != nil {
		addresses = append(addresses, "{dynamic "+textOf(dynamic, "source")+"}")
	}
	if checked := textOf(objectOf(h, "health_checks", "active"), "upstream"); checked != "" {
		addresses = append(addresses, checked)
	}
	return addresses
}

// hostsOf are the names that a route is for.
func hostsOf(route map[string]any) (hosts []string) {
	for _, matcher := range listOf(route, "match") {
		hosts = append(hosts, textsOf(matcher, "host")...)
	}
	return hosts
}
