package caddymodule

import (
	"errors"

	"go.uber.org/zap"

	"github.com/caddy-privacy/caddy-privacy/internal/transfer"
	"github.com/caddy-privacy/caddy-privacy/internal/webhook"
)

// maxAnswerHeader bounds the header of a recipient's answer, in bytes.
const maxAnswerHeader = 64 << 10

// startSending sends to the recipients of this configuration, by its rules. Beside it,
// that before a reload may still be sending: no message is sent by both.
func (a *App) startSending() {
	if len(a.informed) == 0 {
		return
	}
	transport := a.guard.Dialer(transfer.DialerOptions{}).Transport()
	transport.MaxResponseHeaderBytes = maxAnswerHeader
	o := webhook.Options{
		Messages: a.store, Transport: transport, Now: now, Told: a.shared.noteWebhook,
		Forbidden: func(err error) bool {
			var refused *transfer.RefusedError
			return errors.As(err, &refused)
		},
	}
	for _, r := range a.informed {
		o.Endpoints = append(o.Endpoints, r.Endpoint)
	}
	sender := webhook.Start(o)
	a.stopSending = func() {
		sender.Close()
		transport.CloseIdleConnections()
	}
}

// noteWebhook takes in what came of an attempt to tell a recipient something.
func (s *shared) noteWebhook(e webhook.Event) {
	s.metrics.webhooks.WithLabelValues(e.Outcome.String(), string(e.Trouble)).Inc()
	if e.Outcome == webhook.Delivered || !s.border.warns("webhook "+e.Outcome.String()+" "+e.Endpoint, now()) {
		return
	}
	fields := []zap.Field{zap.String("recipient", e.Endpoint), zap.String("type", e.Type), zap.String("trouble", string(e.Trouble))}
	switch {
	case e.Trouble == webhook.Gone:
		s.logger().Error("recipient wants no more messages: they are kept until you write another address, or run 'caddy privacy resend'", fields...)
	case e.Outcome == webhook.GivenUp:
		s.logger().Error("recipient was told in vain for three days: messages are kept until you run 'caddy privacy resend'", fields...)
	default:
		s.logger().Warn("recipient cannot be told: it is tried again", fields...)
	}
}
