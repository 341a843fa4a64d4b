// Package caddymodule puts the privacy gateway into Caddy: it is what xcaddy
// imports, and the only code of the project that knows Caddy.
//
// It registers the app `privacy`, which holds what all sites share (the store,
// the signing keys, the counters), the handler `http.handlers.privacy`, which
// governs one site, `http.reverse_proxy.transport.privacy`, which connects to a site
// only where data may go, the command `caddy privacy`, and the report at Caddy's
// admin endpoint.
package caddymodule

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
)

func init() {
	caddy.RegisterModule(App{})
	caddy.RegisterModule(Gateway{})
	caddy.RegisterModule(Transport{})
	caddy.RegisterModule(adminReport{})

	httpcaddyfile.RegisterGlobalOption("privacy", parseApp)
	httpcaddyfile.RegisterHandlerDirective("privacy", parseGateway)
	// Inside encode, the gateway sees plain bodies, and encode compresses what
	// it has made of them.
	httpcaddyfile.RegisterDirectiveOrder("privacy", httpcaddyfile.After, "encode")

	caddycmd.RegisterCommand(command)
}
