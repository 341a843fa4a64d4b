package caddymodule

import (
	"strconv"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// parseApp reads the global option. Syntax:
//
//	privacy {
//	    store embedded [<directory>]
//	    store redis <addresses...> {
//	        directory         <directory>
//	        master            <name>
//	        username          <name>
//	        password          <password>
//	        sentinel_username <name>
//	        sentinel_password <password>
//	        cluster
//	        db                <number>
//	        key_prefix        <text>
//	        tls {
//	            ca          <file>
//	            certificate <file>
//	            key         <file>
//	            server_name <name>
//	        }
//	    }
//	    transfers    eu|eea|adequate
//	    undeclared   refuse|allow
//	    dpf          on|off
//	    own_networks <ranges...>
//	    nat64        <prefixes...>
//	    countries    <file> {
//	        agree   <file>|embedded
//	        max_age <duration>
//	    }
//	    recipient <name> {
//	        entity     <text>
//	        country    <code>
//	        parent     <code>
//	        hosts      <hosts...>
//	        purposes   <ids...>
//	        processing <codes...>
//	        transfer   adequacy|dpf [<day>]|scc|bcr|consent|necessary
//	        terms      <version> <date> [<until>]
//	        sub        <entity> <country> [<transfer> [<day>]]
//	        webhook    <url> <secret> [<former secrets...>]
//	    }
//	}
func parseApp(d *caddyfile.Dispenser, existing any) (any, error) {
	if existing != nil {
		return nil, d.Errf("the global option privacy is written twice: keep one block")
	}
	d.Next() // consume option name
	if d.NextArg() {
		return nil, d.Errf("the global option privacy takes no argument, but found %q: write its options in a block", d.Val())
	}
	app := new(App)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := app.unmarshalOption(d); err != nil {
			return nil, err
		}
	}
	return httpcaddyfile.App{Name: "privacy", Value: caddyconfig.JSON(app, nil)}, nil
}

func (a *App) unmarshalOption(d *caddyfile.Dispenser) error {
	switch {
	case transferOptions[d.Val()] != nil:
		if a.Transfers == nil {
			a.Transfers = new(Transfers)
		}
		return a.Transfers.unmarshal(d)
	case d.Val() != "store":
		return d.Errf("unrecognized option %q: the global option privacy knows store, and where data may go: transfers, recipient, undeclared, dpf, own_networks, nat64, countries; what concerns one site is written in that site's own privacy block", d.Val())
	case a.Store != nil:
		return d.Errf("store is written twice: keep one")
	}
	a.Store = new(Store)
	return a.Store.unmarshal(d)
}

func (s *Store) unmarshal(d *caddyfile.Dispenser) error {
	if !d.NextArg() {
		return d.Errf("store: write embedded, or redis and the address of the server")
	}
	switch d.Val() {
	case "embedded":
		return s.unmarshalEmbedded(d)
	case "redis":
		return s.unmarshalRedis(d)
	default:
		return d.Errf("store %q: write embedded, or redis and the address of the server", d.Val())
	}
}

func (s *Store) unmarshalEmbedded(d *caddyfile.Dispenser) error {
	if d.NextArg() {
		s.Directory = d.Val()
	}
	if d.NextArg() {
		return d.Errf("store embedded: unexpected %q: write one directory", d.Val())
	}
	if d.NextBlock(d.Nesting()) {
		return d.Errf("store embedded takes no block, but found %q", d.Val())
	}
	return nil
}

func (s *Store) unmarshalRedis(d *caddyfile.Dispenser) error {
	r := &Redis{Addresses: d.RemainingArgs()}
	s.Redis = r
	if len(r.Addresses) == 0 {
		return d.Errf("store redis needs the address of the server, such as localhost:6379")
	}
	texts := map[string]*string{
		"directory": &s.Directory, "master": &r.Master, "username": &r.Username, "password": &r.Password,
		"sentinel_username": &r.SentinelUsername, "sentinel_password": &r.SentinelPassword, "key_prefix": &r.KeyPrefix,
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		var err error
		switch d.Val() {
		case "cluster":
			r.Cluster = true
			if d.NextArg() {
				err = d.Errf("cluster takes no value, but found %q", d.Val())
			}
		case "db":
			err = r.unmarshalDB(d)
		case "tls":
			err = r.unmarshalTLS(d)
		default:
			err = oneText(d, "store redis", texts)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Redis) unmarshalDB(d *caddyfile.Dispenser) error {
	var text string
	if !d.Args(&text) {
		return d.Errf("db needs a number")
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return d.Errf("db %q: write the number of a database, such as 0", text)
	}
	r.DB = n
	return nil
}

func (r *Redis) unmarshalTLS(d *caddyfile.Dispenser) error {
	if r.TLS != nil {
		return d.Errf("store redis: tls is written twice: keep one")
	}
	if d.NextArg() {
		return d.Errf("tls: unexpected %q: write its options in a block, or nothing", d.Val())
	}
	r.TLS = new(RedisTLS)
	texts := map[string]*string{
		"ca": &r.TLS.CA, "certificate": &r.TLS.Certificate, "key": &r.TLS.Key, "server_name": &r.TLS.ServerName,
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := oneText(d, "tls", texts); err != nil {
			return err
		}
	}
	return nil
}

// oneText reads an option that has one text, at most once.
func oneText(d *caddyfile.Dispenser, of string, texts map[string]*string) error {
	name := d.Val()
	target, ok := texts[name]
	switch {
	case !ok:
		return d.Errf("%s: unrecognized option %q", of, name)
	case *target != "":
		return d.Errf("%s: %s is written twice: keep one line", of, name)
	case !d.NextArg() || d.Val() == "":
		return d.Errf("%s: %s needs a value", of, name)
	}
	*target = d.Val()
	if d.NextArg() {
		return d.Errf("%s: unexpected %q at the end of the line: put a text of several words in quotes", of, d.Val())
	}
	return nil
}
