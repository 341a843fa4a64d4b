package caddymodule

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
)

// announce tells the owner which addresses are governed and which are not, so
// that he can open both and compare.
func (a *App) announce() {
	value, err := a.ctx.AppIfConfigured("http")
	if err != nil {
		return
	}
	app := value.(*caddyhttp.App)
	for _, name := range sortedServers(app) {
		server := app.Servers[name]
		for _, route := range server.Routes {
			for _, address := range addresses(app, server, route) {
				if governed(route) {
					a.logger.Info("governed by privacy", zap.String("address", address), zap.String("page", address+ownFolder))
				} else {
					a.logger.Info("not governed by privacy", zap.String("address", address))
				}
			}
		}
	}
}

func sortedServers(app *caddyhttp.App) []string {
	var names []string
	for name := range app.Servers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// governed tells whether a privacy handler stands anywhere in a route.
func governed(route caddyhttp.Route) bool {
	for _, handler := range route.Handlers {
		switch h := handler.(type) {
		case *Gateway:
			return true
		case *caddyhttp.Subroute:
			if slices.ContainsFunc(h.Routes, governed) {
				return true
			}
		}
	}
	return false
}

// addresses lists where a top-level route can be opened in a browser.
func addresses(app *caddyhttp.App, server *caddyhttp.Server, route caddyhttp.Route) []string {
	var list []string
	for _, listen := range server.Listen {
		parsed, err := caddy.ParseNetworkAddress(listen)
		if err != nil || parsed.IsUnixNetwork() {
			continue
		}
		port := int(parsed.StartPort)
		for _, host := range hosts(route, parsed.Host) {
			list = append(list, address(app, server, host, port))
		}
	}
	return list
}

// hosts are those that a route is for; one that is for all is named after its
// listener.
func hosts(route caddyhttp.Route, listener string) []string {
	var names []string
	for _, set := range route.MatcherSets {
		for _, matcher := range set {
			if match, ok := matcher.(*caddyhttp.MatchHost); ok {
				names = append(names, *match...)
			}
		}
	}
	if len(names) > 0 {
		return names
	}
	if ip := net.ParseIP(listener); listener == "" || ip != nil && ip.IsUnspecified() {
		listener = "localhost"
	}
	return []string{listener}
}

func address(app *caddyhttp.App, server *caddyhttp.Server, host string, port int) string {
	plain := len(server.TLSConnPolicies) == 0
	scheme, usual := "https://", app.HTTPSPort
	if plain {
		scheme, usual = "http://", app.HTTPPort
	}
	if usual == 0 {
		usual = map[bool]int{true: caddyhttp.DefaultHTTPPort, false: caddyhttp.DefaultHTTPSPort}[plain]
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == usual {
		return scheme + host
	}
	return scheme + host + ":" + strconv.Itoa(port)
}
