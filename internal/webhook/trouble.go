package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// Trouble is the class of a failure: few, fixed words, fit for a metric label.
type Trouble string

// The troubles.
const (
	Unreachable Trouble = "unreachable" // nobody listens, the name has no address, or the connection broke
	Timeout     Trouble = "timeout"     // no answer in time
	Forbidden   Trouble = "forbidden"   // data must not go there: no connection was made
	Certificate Trouble = "certificate" // TLS could not be agreed on
	Unreadable  Trouble = "unreadable"  // the answer is no HTTP
	Redirected  Trouble = "redirected"  // 3xx, which is not followed: the address has changed
	Rejected    Trouble = "rejected"    // 4xx
	Throttled   Trouble = "throttled"   // 429
	Gone        Trouble = "gone"        // 410: it wants no more messages
	Failing     Trouble = "failing"     // 5xx
)

// Troubles lists them.
func Troubles() []Trouble {
	return []Trouble{Unreachable, Timeout, Forbidden, Certificate, Unreadable, Redirected, Rejected, Throttled, Gone, Failing}
}

// general tells whether a failure is the endpoint's, so that other messages would fail
// too, rather than this message's.
func (t Trouble) general() bool { return t != "" && t != Rejected && t != Redirected && t != Gone }

// judge names what an answer's status means; empty is success.
func judge(status int) Trouble {
	switch {
	case status >= 200 && status <= 299:
		return ""
	case status >= 300 && status <= 399:
		return Redirected
	case status == http.StatusGone:
		return Gone
	case status == http.StatusTooManyRequests:
		return Throttled
	case status >= 500:
		return Failing
	}
	return Rejected
}

// classify names a failure without an answer. The text of the error goes no further:
// it may hold an address.
func classify(err error) Trouble {
	var network net.Error
	var operation *net.OpError
	var name *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return Timeout
	case insecure(err):
		return Certificate
	case errors.As(err, &operation), errors.As(err, &name),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return Unreachable
	}
	return Unreadable
}

// insecure tells whether TLS could not be agreed on.
func insecure(err error) bool {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var host x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &host)
}
