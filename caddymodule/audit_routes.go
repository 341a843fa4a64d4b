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
}

// route looks at one route and those within.
func (a *audit) route(node any, at place) {
	route, ok := node.(map[string]any)
	if !ok {
		return
	}
	at.site = siteOf(route, at.site)
	handlers, _ := route["handle"].([]any)
	for _, handler := range handlers {
		if h, ok := handler.(map[string]any); ok {
			at.governed = a.handler(h, at) || at.governed
		}
	}
}

// handler looks at one handler, and tells whether it governs those after it.
func (a *audit) handler(h map[string]any, at place) (governs bool) {
	switch h["handler"] {
	case "privacy":
		a.gateway(h, at)
		return true
	case "reverse_proxy":
		a.served(at)
		a.proxy(h, at)
		return false
	case "file_server":
		a.served(at)
		return false
	}
	// Subroutes of every kind: Caddy's own, and those of plugins.
	for _, name := range slices.Sorted(maps.Keys(h)) {
		governs = a.within(h[name], at) || governs
	}
	return governs
}

// within finds routes in whatever a handler holds. One that a privacy handler stands
// in governs what follows it in the same list.
func (a *audit) within(node any, at place) (governs bool) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			at.governed = a.within(child, at) || at.governed
			governs = at.governed
		}
	case map[string]any:
		if _, ok := node["handle"]; ok {
			a.route(node, at)
			return holdsGateway(node) && node["match"] == nil
		}
		for _, name := range slices.Sorted(maps.Keys(node)) {
			governs = a.within(node[name], at) || governs
		}
	}
	return governs
}

// holdsGateway tells whether a privacy handler stands in a route itself.
func holdsGateway(route map[string]any) bool {
	handlers, _ := route["handle"].([]any)
	return slices.ContainsFunc(handlers, func(handler any) bool {
		h, ok := handler.(map[string]any)
		return ok && h["handler"] == "privacy"
	})
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
	if !at.governed {
		a.fault(at.site, "pages are served that the gateway does not govern", "privacy")
	}
}

// proxy looks at where a site's requests go.
func (a *audit) proxy(h map[string]any, at place) {
	transport, _ := h["transport"].(map[string]any)
	protocol, _ := transport["protocol"].(string)
	if protocol == "" {
		protocol = "http"
	}
	for _, address := range upstreams(h) {
		way, refused := a.reach(address)
		switch {
		case way == ownWay:
		case protocol != "privacy":
			a.fault(at.site, fmt.Sprintf("connections to %s are made by transport %s, which nothing checks", address, protocol), "transport privacy")
		case refused != nil:
			a.fault(at.site, refused.Error(), "recipient <name> { entity … country … hosts … }")
		}
	}
}

// upstreams are the addresses that a reverse proxy connects to. Those that are found out
// at the request stand as a placeholder.
func upstreams(h map[string]any) (list []string) {
	listed, _ := h["upstreams"].([]any)
	for _, one := range listed {
		if upstream, ok := one.(map[string]any); ok {
			if dial, ok := upstream["dial"].(string); ok {
				list = append(list, dial)
			}
		}
	}
	if dynamic, ok := h["dynamic_upstreams"].(map[string]any); ok {
		list = append(list, fmt.Sprintf("{dynamic %v}", dynamic["source"]))
	}
	return list
}
