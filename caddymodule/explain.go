package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/caddy-privacy/caddy-privacy/internal/catalogue"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

func explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "explain cookie|host <name> [--config <path> [--adapter <name>]]",
		Short:   "Says what happens to a cookie or a host, and why",
		Args:    cobra.ExactArgs(2),
		Example: "  caddy privacy explain cookie _ga\n  caddy privacy explain host www.google-analytics.com",
		RunE:    caddycmd.WrapCommandFuncForCobra(runExplain),
	}
	addConfigFlags(cmd)
	return cmd
}

func runExplain(fl caddycmd.Flags) (int, error) {
	kind, name := fl.Arg(0), fl.Arg(1)
	switch kind {
	case "cookie":
		sites, err := configuredSites(fl.String("config"), fl.String("adapter"))
		if err != nil {
			return caddy.ExitCodeFailedStartup, err
		}
		for _, site := range sites {
			site.explainCookie(os.Stdout, name)
		}
	case "host":
		host, ok := wholeHost(strings.ToLower(name))
		if !ok {
			return caddy.ExitCodeFailedStartup, fmt.Errorf("explain host %s: write the name alone, such as www.example.com", name)
		}
		sites, err := configuredSites(fl.String("config"), fl.String("adapter"))
		if err != nil {
			return caddy.ExitCodeFailedStartup, err
		}
		for _, site := range sites {
			site.explainHost(os.Stdout, host)
		}
	default:
		return caddy.ExitCodeFailedStartup, fmt.Errorf("explain %s: write cookie or host", kind)
	}
	return caddy.ExitCodeSuccess, nil
}

// configuredSite is one `privacy` handler of a configuration.
type configuredSite struct {
	label  string
	policy *policy.Policy
	guard  *transfer.Guard
}

// configuredSites reads the rules of a configuration. Without any, the answer is
// that of the defaults.
func configuredSites(file, adapter string) ([]configuredSite, error) {
	config, name, _, err := caddycmd.LoadConfig(file, adapter)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %v", err)
	}
	var tree any
	var apps struct {
		Apps struct {
			Privacy App `json:"privacy"`
		} `json:"apps"`
	}
	if len(config) > 0 {
		if err := errors.Join(json.Unmarshal(config, &tree), json.Unmarshal(config, &apps)); err != nil {
			return nil, fmt.Errorf("reading %s: %v", name, err)
		}
	}
	guard, err := apps.Apps.Privacy.Transfers.guard()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %v", name, err)
	}
	found := findGateways(tree, "any site", nil)
	if len(found) == 0 {
		found = []foundGateway{{"any site", new(Gateway)}}
	}
	sites := make([]configuredSite, len(found))
	for i, f := range found {
		p, err := policy.New(f.gateway.rules(), catalogue.Default())
		if err != nil {
			return nil, fmt.Errorf("reading %s: %v", name, err)
		}
		sites[i] = configuredSite{f.site, p, guard}
	}
	return sites, nil
}

// foundGateway is a privacy handler of a JSON configuration and the hosts, or
// else the listeners, that it is for.
type foundGateway struct {
	site    string
	gateway *Gateway
}

// findGateways collects the privacy handlers anywhere in a JSON configuration, in
// an order that does not change.
func findGateways(node any, site string, found []foundGateway) []foundGateway {
	switch node := node.(type) {
	case map[string]any:
		if node["handler"] == "privacy" {
			delete(node, "handler")
			g := new(Gateway)
			if encoded, err := json.Marshal(node); err == nil && json.Unmarshal(encoded, g) == nil {
				found = append(found, foundGateway{site, g})
			}
			return found
		}
		site = siteOf(node, site)
		for _, name := range slices.Sorted(maps.Keys(node)) {
			found = findGateways(node[name], site, found)
		}
	case []any:
		for _, child := range node {
			found = findGateways(child, site, found)
		}
	}
	return found
}

// siteOf reads the listeners of a server or the hosts of a route, if the node is
// one of these.
func siteOf(node map[string]any, site string) string {
	if listen, ok := node["listen"].([]any); ok {
		site = fmt.Sprint(listen...)
	}
	matchers, _ := node["match"].([]any)
	for _, m := range matchers {
		if m, ok := m.(map[string]any); ok && m["host"] != nil {
			site = strings.Trim(fmt.Sprint(m["host"]), "[]")
		}
	}
	return site
}

// explainCookie tells the decision for each way a visitor can stand.
func (s configuredSite) explainCookie(w io.Writer, name string) {
	visitors := []struct {
		who     string
		visitor policy.Visitor
	}{
		{"before a choice", policy.Visitor{State: policy.None}},
		{"after a refusal", policy.Visitor{State: policy.Declined}},
		{"after accepting all", policy.Visitor{State: policy.Accepted, Granted: s.policy.All()}},
	}
	if policy.IsOwn(name) {
		fmt.Fprintf(w, "%s\n  the gateway's own: it holds the visitor's choice and never reaches the site\n", name)
		return
	}
	first := s.policy.Cookie(name, "", &visitors[0].visitor, now())
	fmt.Fprintf(w, "%s (%s)\n  %s\n", name, s.label, s.origin(name, &first))
	for _, v := range visitors {
		d := s.policy.Cookie(name, "", &v.visitor, now())
		fmt.Fprintf(w, "  %-20s %s (%s)\n", v.who+":", actions[d.Action], d.Reason)
	}
	for _, claim := range catalogue.Default().Claims(name) {
		fmt.Fprintf(w, "  known as %s of %s: %s\n", claim.Cookie, behind(claim.Service), claim.Service.Purpose)
	}
}

var actions = map[policy.Action]string{
	policy.Allow:   "passes, for 393 days at most after the first deposit",
	policy.Session: "passes without a lifetime, until the browser is closed",
	policy.Drop:    "does not pass, and is deleted",
}

// origin says who decided the purpose.
func (configuredSite) origin(name string, d *policy.Decision) string {
	switch {
	case d.Purpose == nil:
		return "nobody has said what it is for: write `cookie " + name + " <purpose>` in the site's privacy block"
	case d.Service == nil:
		return "your own rule gives it the purpose " + d.Purpose.ID
	default:
		return "the catalogue gives it the purpose " + d.Purpose.ID + ", the strictest of those that claim it"
	}
}

// explainHost tells when pages may load from a host.
func (s configuredSite) explainHost(w io.Writer, host string) {
	fmt.Fprintf(w, "%s (%s)\n", host, s.label)
	d := s.policy.Address("", host, "/", &policy.Visitor{State: policy.None})
	services := catalogue.Default().Hosts(host)
	switch d.Reason {
	case policy.Required:
		fmt.Fprintln(w, "  pages load from it for every visitor: it is necessary")
	case policy.Unrecognised:
		fmt.Fprintf(w, "  nobody has said what it is for: write `host %s <purpose>` in the site's privacy block\n", host)
		fallthrough
	default:
		fmt.Fprintf(w, "  pages load from it for visitors who agree to %s\n", d.Purpose.ID)
	}
	for _, service := range services {
		fmt.Fprintf(w, "  known as %s: %s\n", behind(service), service.Purpose)
		s.explainTransfer(w, host, service)
	}
}

// explainTransfer tells whether data may go to a service.
func (s configuredSite) explainTransfer(w io.Writer, host string, service *catalogue.Service) {
	switch d := s.guard.Service(service.ID, host, appendSeats(nil, service)...); {
	case !d.Allowed:
		fmt.Fprintf(w, "    never loaded: data would go to %s. If they may, write in the global option privacy: %s\n", d.Fault, declaration(host, service))
	case d.Basis != "":
		fmt.Fprintf(w, "    data go outside on the basis that you have declared: %s\n", d.Basis)
	}
}

// behind names a service, who receives its data and where.
func behind(s *catalogue.Service) string {
	switch {
	case s.Entity == "":
		return s.Name + " (the site itself)"
	case s.EEAEntity != "":
		return fmt.Sprintf("%s (%s, %s; in the EEA %s, %s)", s.Name, s.Entity, s.Country, s.EEAEntity, s.EEACountry)
	default:
		return fmt.Sprintf("%s (%s, %s)", s.Name, s.Entity, s.Country)
	}
}
