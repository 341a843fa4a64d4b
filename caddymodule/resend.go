package caddymodule

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
)

func resendCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resend <recipient> [--address <interface>] [--config <path> [--adapter <name>]]",
		Short: "Tells a recipient at once what it has not been told",
		Long: `
Makes all messages to a recipient due at once, those that were given up among them,
and turns to it again if it wanted no more. Write its name as in the configuration.
`,
		Args:    cobra.ExactArgs(1),
		Example: "  caddy privacy resend mailer",
		RunE:    caddycmd.WrapCommandFuncForCobra(runResend),
	}
	cmd.Flags().String("address", "", "The address of the admin endpoint, if it is not the default or in the configuration")
	addConfigFlags(cmd)
	return cmd
}

// resendRequest and resendAnswer are what the command and the admin endpoint say.
type resendRequest struct {
	Recipient string `json:"recipient"`
}

type resendAnswer struct {
	Resumed int `json:"resumed"` // messages
}

func runResend(fl caddycmd.Flags) (int, error) {
	address, err := caddycmd.DetermineAdminAPIAddress(fl.String("address"), nil, fl.String("config"), fl.String("adapter"))
	if err != nil {
		return caddy.ExitCodeFailedStartup, fmt.Errorf("finding the admin endpoint: %v", err)
	}
	body, err := json.Marshal(resendRequest{fl.Arg(0)})
	if err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	header := http.Header{"Content-Type": {"application/json"}}
	response, err := caddycmd.AdminAPIRequest(address, http.MethodPost, resendPath, header, bytes.NewReader(body))
	if err != nil {
		return caddy.ExitCodeFailedStartup, err
	}
	defer response.Body.Close()
	var answer resendAnswer
	if err := json.NewDecoder(io.LimitReader(response.Body, maxResend)).Decode(&answer); err != nil {
		return caddy.ExitCodeFailedStartup, errNoReport
	}
	fmt.Printf("%d messages to %s are due now; 'caddy privacy report' shows what has not arrived.\n", answer.Resumed, fl.Arg(0))
	return caddy.ExitCodeSuccess, nil
}

const (
	resendPath = "/privacy/resend"
	// maxResend bounds request and answer, in bytes.
	maxResend = 4 << 10
	// resendTime bounds how long it may take: many messages may wait.
	resendTime = time.Minute
)

// serveResend resumes the messages to one recipient.
func serveResend(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return caddy.APIError{HTTPStatus: http.StatusMethodNotAllowed, Err: errors.New("messages are sent again with POST")}
	}
	var request resendRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxResend)).Decode(&request); err != nil {
		return caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errors.New(`write {"recipient": "<name>"}`)}
	}
	app, err := runningApp()
	if err != nil {
		return err
	}
	if !app.tells(request.Recipient) {
		return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errors.New("no recipient of this name has a webhook: write its name as in the configuration")}
	}
	ctx, cancel := context.WithTimeout(r.Context(), resendTime)
	defer cancel()
	resumed, err := app.store.Resume(ctx, request.Recipient)
	if err != nil {
		return caddy.APIError{HTTPStatus: http.StatusServiceUnavailable, Err: errors.New("the store cannot be reached: try again when 'caddy privacy report' says that it can")}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(resendAnswer{resumed})
}
