// Command caddy is Caddy with the privacy gateway, as xcaddy would build it.
package main

import (
	_ "time/tzdata"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-privacy/caddy-privacy/caddymodule"
)

func main() {
	caddycmd.Main()
}
