package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
)

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit [--json] [--config <path> [--adapter <name>] | --address <interface>]",
		Short: "Lists promises at risk, exceptions, and where data go",
		Long: `
Lists what a configuration promises and does not keep, what it excepts, and the
recipients it declares. With --config it reads that configuration alone, and
nothing has to run. Otherwise it asks the running gateway, and lists too which
connections it has made and refused.

It says what is configured and what was observed, not whether a law is met. It
exits with status 1 if there is a fault, so that it can stand in a build, and
with status 2 if there is nothing that can be looked at.
`,
		Args:    cobra.NoArgs,
		Example: "  caddy privacy audit\n  caddy privacy audit --config Caddyfile",
		RunE:    caddycmd.WrapCommandFuncForCobra(runAudit),
	}
	cmd.Flags().Bool("json", false, "Print the audit as JSON")
	cmd.Flags().String("address", "", "The address of the admin endpoint, if it is not the default")
	addConfigFlags(cmd)
	return cmd
}

// audited is an audit with what the running gateway has seen.
type audited struct {
	*audit
	Transfers *transfersReport `json:"transfers,omitempty"` // nil: nothing runs that was asked
	Webhooks  []webhookReport  `json:"webhooks,omitempty"`
}

func runAudit(fl caddycmd.Flags) (int, error) {
	read := runningConfig
	if fl.String("config") != "" {
		read = writtenConfig
	}
	config, seen, err := read(fl)
	if err != nil {
		return auditImpossible, err
	}
	a, err := auditConfig(config)
	if err != nil {
		return auditImpossible, err
	}
	result := audited{audit: a}
	if seen != nil {
		result.Transfers, result.Webhooks = &seen.Transfers, seen.Webhooks
		a.webhooks(seen.Webhooks)
		a.unprotected(seen.Sites)
	}
	if fl.Bool("json") {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "\t")
		err = encoder.Encode(result)
	} else {
		result.print(os.Stdout)
	}
	switch {
	case err != nil:
		return auditImpossible, err
	case len(a.Faults) > 0:
		return auditFault, fmt.Errorf("promises at risk: %d", len(a.Faults)) // without an error the status would be 0
	}
	return caddy.ExitCodeSuccess, nil
}

// The statuses that the command exits with, beside 0.
const (
	auditFault      = 1
	auditImpossible = 2
)

func writtenConfig(fl caddycmd.Flags) ([]byte, *report, error) {
	config, _, _, err := caddycmd.LoadConfig(fl.String("config"), fl.String("adapter"))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the configuration: %v", err)
	}
	return config, nil, nil
}

func runningConfig(fl caddycmd.Flags) ([]byte, *report, error) {
	address, err := caddycmd.DetermineAdminAPIAddress(fl.String("address"), nil, "", "")
	if err != nil {
		return nil, nil, fmt.Errorf("finding the admin endpoint: %v", err)
	}
	config, err := askAdmin(address, "/config/")
	if err != nil {
		return nil, nil, err
	}
	body, err := askAdmin(address, reportPath)
	if err != nil {
		return nil, nil, err
	}
	var r report
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, nil, errNoReport
	}
	return config, &r, nil
}

var errNoReport = errors.New("the answer is not a report: is the running Caddy another version?")

// askAdmin reads something from the admin endpoint of a running Caddy.
func askAdmin(address, path string) ([]byte, error) {
	response, err := caddycmd.AdminAPIRequest(address, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("no running gateway answers at %s: start it with 'caddy run', or name its admin endpoint with --address (%v)", address, err)
	}
	defer response.Body.Close()
	return io.ReadAll(io.LimitReader(response.Body, 64<<20))
}

// print writes the audit for a person.
func (a audited) print(w io.Writer) {
	printRemarks(w, "Promises at risk", a.Faults)
	printRemarks(w, "Exceptions", a.Exceptions)
	printRemarks(w, "Connections that nothing checks", a.Unchecked)
	if len(a.Recipients) > 0 {
		fmt.Fprintln(w, "Recipients")
		table := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
		fmt.Fprintln(table, "  name\tcompany\tcountry\tparent\thosts and services\tbasis\tterms")
		for _, r := range a.Recipients {
			terms := ""
			if r.Terms != nil {
				terms = strings.TrimSpace(r.Terms.Version + " " + r.Terms.Date)
			}
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, r.Entity, r.Country, dash(r.Parent), dash(strings.Join(slices.Concat(r.Hosts, r.Services), " ")), dash(r.Transfer), dash(terms))
		}
		table.Flush()
		fmt.Fprintln(w)
	}
	if a.Transfers != nil {
		a.Transfers.print(w)
	} else {
		fmt.Fprintf(w, "Countries of addresses by %s\n  %s\n\n", a.Database, transfer.Attribution)
	}
	printWebhooks(w, a.Webhooks)
	if len(a.Faults) == 0 {
		fmt.Fprintln(w, "No promise was found to be at risk.")
	}
}

func printRemarks(w io.Writer, title string, remarks []remark) {
	if len(remarks) == 0 {
		return
	}
	fmt.Fprintln(w, title)
	for _, r := range remarks {
		fmt.Fprintf(w, "  %s: %s\n", r.Where, r.What)
		if r.Write != "" {
			fmt.Fprintf(w, "    write: %s\n", r.Write)
		}
	}
	fmt.Fprintln(w)
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// transfersReport is where connections went: the register of transfers.
type transfersReport struct {
	Area        string             `json:"area"`
	Database    string             `json:"database"`
	Connections []connectionReport `json:"connections"`
	Lost        uint64             `json:"lost,omitempty"` // events for which the register had no room
}

// connectionReport is one line of the register.
type connectionReport struct {
	Recipient string    `json:"recipient,omitempty"`
	Host      string    `json:"host"`
	Country   string    `json:"country,omitempty"`
	Basis     string    `json:"basis,omitempty"`
	Outcome   string    `json:"outcome"`
	Reason    string    `json:"reason"`
	Database  string    `json:"database"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Count     uint64    `json:"count"`
}

func (b *border) report() transfersReport {
	r := transfersReport{Area: b.guard.Rules().Area().String(), Database: b.geography.Database(), Connections: []connectionReport{}}
	entries, lost := b.register.Snapshot()
	r.Lost = lost
	for _, e := range entries {
		r.Connections = append(r.Connections, connectionReport{
			e.Recipient, e.Host, string(e.Country), string(e.Basis), e.Outcome.String(), e.Reason.String(), e.Database,
			e.First.UTC().Truncate(time.Minute), e.Last.UTC().Truncate(time.Minute), e.Count,
		})
	}
	return r
}

func (r *transfersReport) print(w io.Writer) {
	fmt.Fprintf(w, "Connections (data may stay in: %s; countries by %s)\n", r.Area, r.Database)
	if len(r.Connections) == 0 {
		fmt.Fprintln(w, "  none yet")
	}
	table := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	if len(r.Connections) > 0 {
		fmt.Fprintln(table, "  host\trecipient\tcountry\tbasis\toutcome\treason\tnumber\tfirst\tlast")
	}
	for _, c := range r.Connections {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", c.Host, dash(c.Recipient), dash(c.Country), dash(c.Basis), c.Outcome, c.Reason, c.Count,
			c.First.Format(time.DateOnly), c.Last.Format(time.DateOnly))
	}
	table.Flush()
	fmt.Fprintf(w, "  %s\n\n", transfer.Attribution)
}
