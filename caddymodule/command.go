package caddymodule

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
)

// command is `caddy privacy`.
var command = caddycmd.Command{
	Name:  "privacy",
	Usage: "<report|explain|audit|resend> [<args...>]",
	Short: "Shows what the privacy gateway sees and decides",
	Long: `
Shows what the privacy gateway sees and decides.

  caddy privacy report               what the running gateway has seen and stopped,
                                     and the rules to write for what it does not know
  caddy privacy explain cookie _ga   what happens to a cookie of this name, and why
  caddy privacy explain host HOST    which service answers at a host, and who is behind it
  caddy privacy audit                promises at risk, exceptions, and where data go
  caddy privacy resend RECIPIENT     tells a recipient at once what it has not been told

explain reads the rules of a configuration when one is named with --config, or
when there is a Caddyfile in the present folder.
`,
	CobraFunc: func(cmd *cobra.Command) {
		cmd.AddCommand(reportCommand(), explainCommand(), auditCommand(), resendCommand())
	},
}

func reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "report [--json] [--address <interface>] [--config <path> [--adapter <name>]]",
		Short:   "Shows what the running gateway has seen and stopped",
		Args:    cobra.NoArgs,
		Example: "  caddy privacy report",
		RunE:    caddycmd.WrapCommandFuncForCobra(runReport),
	}
	cmd.Flags().Bool("json", false, "Print the report as JSON")
	cmd.Flags().String("address", "", "The address of the admin endpoint, if it is not the default or in the configuration")
	addConfigFlags(cmd)
	return cmd
}

func addConfigFlags(cmd *cobra.Command) {
	cmd.Flags().StringP("config", "c", "", "Configuration file")
	cmd.Flags().StringP("adapter", "a", "", "Name of the config adapter, if the file is no Caddyfile")
}

func runReport(fl caddycmd.Flags) (int, error) {
	address, err := caddycmd.DetermineAdminAPIAddress(fl.String("address"), nil, fl.String("config"), fl.String("adapter"))
	if err != nil {
		return caddy.ExitCodeFailedStartup, fmt.Errorf("finding the admin endpoint: %v", err)
	}
	body, err := askAdmin(address, reportPath)
	if err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	if fl.Bool("json") {
		_, err = os.Stdout.Write(body)
		return caddy.ExitCodeSuccess, err
	}
	var r report
	if err := json.Unmarshal(body, &r); err != nil {
		return caddy.ExitCodeFailedStartup, errNoReport
	}
	r.print(os.Stdout)
	return caddy.ExitCodeSuccess, nil
}
