package caddymodule

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Connections of Caddy's own, and of other plugins, are made by nobody's rules: the
// guard does not see them. The audit names them. Where data of visitors leave the
// operator's own network in that way, for whom nobody is declared, it is a fault.

// note says what is connected to and not checked, once.
func (a *audit) note(where, what string) {
	if r := (remark{Where: where, What: what}); !slices.Contains(a.Unchecked, r) {
		a.Unchecked = append(a.Unchecked, r)
	}
}

// standard are the apps that come with Caddy, and this module's.
var standard = []string{"caddy.filesystems", "events", "http", "pki", "privacy", "tls"}

// unchecked looks through what is no site.
func (a *audit) unchecked(config map[string]any) {
	logs := objectOf(config, "logging", "logs")
	for _, name := range slices.Sorted(maps.Keys(logs)) {
		a.log("log "+name, objectOf(logs, name, "writer"))
	}
	if module := textOf(objectOf(config, "storage"), "module"); module != "" && module != "file_system" {
		a.note("storage", "certificates and their keys are kept by "+module)
	}
	apps := objectOf(config, "apps")
	for _, name := range slices.Sorted(maps.Keys(apps)) {
		if !slices.Contains(standard, name) {
			a.note("app "+name, "it belongs to another plugin, and may connect to anybody")
		}
	}
	for _, subscription := range listOf(objectOf(apps, "events"), "subscriptions") {
		for _, handler := range listOf(subscription, "handlers") {
			a.note("events", "they are given to "+textOf(handler, "handler"))
		}
	}
	for _, system := range listOf(objectOf(apps, "caddy.filesystems"), "filesystems") {
		a.note("filesystem "+textOf(system, "name"), "files come from "+textOf(objectOf(system, "file_system"), "backend"))
	}
	a.certificates(objectOf(apps, "tls", "automation"), objectOf(apps, "http", "servers"))
}

// log looks at where lines go that hold addresses of visitors, unless the owner has
// filtered them.
func (a *audit) log(where string, writer map[string]any) {
	switch output := textOf(writer, "output"); output {
	case "", "stdout", "stderr", "discard", "file", "journald":
	case "net":
		address := textOf(writer, "address")
		switch way, refused := a.reach(address, unguarded); {
		case way == ownWay:
		case way == outWay && refused == nil:
			a.note(where, "lines go to "+address)
		default:
			a.fault(where, "lines, with addresses of visitors, go to "+address+", which nothing checks", "output net <address in your own network>")
		}
	default:
		a.note(where, "lines are written by "+output+", which belongs to another plugin")
	}
}

// certificates looks at whom Caddy asks for certificates, and about them.
func (a *audit) certificates(automation, servers map[string]any) {
	const where = "tls"
	asked := false
	for _, policy := range listOf(automation, "policies") {
		for _, issuer := range listOf(policy, "issuers") {
			asked = true
			a.issuer(where, issuer)
		}
		for _, manager := range listOf(policy, "get_certificate") {
			a.note(where, "certificates are got from "+textOf(manager, "via")+" "+textOf(manager, "url"))
		}
	}
	if !asked && certified(servers) {
		a.issuer(where, map[string]any{"module": "acme"})
	}
	if endpoint := textOf(objectOf(automation, "on_demand", "permission"), "endpoint"); endpoint != "" {
		a.address(where, "names of sites are asked about at ", endpoint)
	}
}

// issuer notes who issues certificates. By default Caddy asks Let's Encrypt, of the
// Internet Security Research Group in the United States, and another if that fails.
func (a *audit) issuer(where string, issuer map[string]any) {
	switch module, ca := textOf(issuer, "module"), textOf(issuer, "ca"); {
	case module == "internal":
	case module == "acme" && (ca == "" || strings.Contains(ca, "letsencrypt.org")):
		a.note(where, "certificates are got from Let's Encrypt (United States), which is told the names of sites and your e-mail address, nothing of visitors")
	case module == "acme":
		a.address(where, "certificates are got from ", ca)
	default:
		a.note(where, "certificates are got by "+module)
	}
	if provider := textOf(objectOf(issuer, "challenges", "dns", "provider"), "name"); provider != "" {
		a.note(where, "entries of the DNS are set at "+provider)
	}
}

// address notes an URL, unless it leads into the operator's own network.
func (a *audit) address(where, what, address string) {
	u, err := url.Parse(address)
	if err != nil {
		a.note(where, what+address)
		return
	}
	if way, _ := a.reach(u.Host, unguarded); way != ownWay {
		a.note(where, what+u.Host)
	}
}

// certified tells whether a site needs a certificate that all browsers trust.
func certified(servers map[string]any) bool {
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		server, _ := servers[name].(map[string]any)
		auto := objectOf(server, "automatic_https")
		if auto["disable"] == true || auto["disable_certificates"] == true || onlyPlain(server) {
			continue
		}
		for _, route := range listOf(server, "routes") {
			for _, host := range hostsOf(route) {
				if isPublicName(host) && !slices.Contains(textsOf(auto, "skip"), host) {
					return true
				}
			}
		}
	}
	return false
}

// onlyPlain tells whether a server listens at the port of plain HTTP alone.
func onlyPlain(server map[string]any) bool {
	listens := textsOf(server, "listen")
	return len(listens) > 0 && !slices.ContainsFunc(listens, func(listen string) bool { return !strings.HasSuffix(listen, ":80") })
}

// isPublicName tells whether a name can be one of the public DNS. Others are known in
// the operator's own network alone: without a dot, or below what RFC 6761, RFC 6762 and
// RFC 8375 and ICANN have set aside.
func isPublicName(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		return false
	}
	return !slices.ContainsFunc([]string{".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid"}, func(suffix string) bool {
		return strings.HasSuffix(host, suffix)
	})
}

// objectOf, listOf, textOf and textsOf read a tree of JSON, of whose shape nothing is certain.
func objectOf(tree map[string]any, path ...string) map[string]any {
	for _, name := range path {
		tree, _ = tree[name].(map[string]any)
	}
	return tree
}

func listOf(tree map[string]any, name string) (objects []map[string]any) {
	all, _ := tree[name].([]any)
	for _, one := range all {
		if o, ok := one.(map[string]any); ok {
			objects = append(objects, o)
		}
	}
	return objects
}

func textOf(tree map[string]any, name string) string {
	value, _ := tree[name].(string)
	return value
}

func textsOf(tree map[string]any, name string) (all []string) {
	values, _ := tree[name].([]any)
	for _, value := range values {
		all = append(all, fmt.Sprint(value))
	}
	return all
}
