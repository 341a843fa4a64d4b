package provider

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// maxReply bounds what is read of an answer, in bytes. Those that providers document have
// less than 4 KiB.
const maxReply = 64 << 10

// exchange asks once, and once more only if no connection was made: then nothing was sent.
func (p *Provider) exchange(ctx context.Context, q *question) result {
	body, contentType := p.kind.ask(p, q)
	response, err := p.send(ctx, body, contentType)
	if neverSent(err) && ctx.Err() == nil {
		response, err = p.send(ctx, body, contentType)
	}
	if err != nil {
		return unreachable("no connection, or no answer in time")
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return unreadable("it redirects to another address, which is not followed: see the host")
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReply+1))
	switch {
	case err != nil:
		return unreachable("its answer breaks off, or does not end in time")
	case len(text) > maxReply:
		return unreadable("its answer is longer than 64 KiB")
	}
	return p.judge(&reply{status: response.StatusCode, text: text}, q)
}

// send makes one exchange. A client would follow redirects, and carry the secret along.
func (p *Provider) send(ctx context.Context, body []byte, contentType string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address of the provider cannot be read")
	}
	// These and no others: nothing of the visitor's request goes out.
	request.Header = http.Header{
		"Accept":          {"application/json"},
		"Accept-Encoding": {"identity"},
		"Content-Type":    {contentType},
		"User-Agent":      {"caddy-privacy"},
	}
	if p.config.Kind == Friendly {
		request.Header["X-Api-Key"] = []string{string(p.config.Secret)}
	}
	return p.transport.RoundTrip(request)
}

// neverSent tells whether an error means that there was no connection at all.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// reply is what came back.
type reply struct {
	status int
	text   []byte
}

// judge reads an answer by its protocol, and by its status what the protocol has no words
// for.
func (p *Provider) judge(r *reply, q *question) result {
	read := p.kind.read(p, r, q)
	if r.status == http.StatusOK {
		return read
	}
	// Errors can have a body that says more than the status does, but never that all is well.
	if read.Outcome != captcha.Passed && read.Reason != captcha.Unreadable {
		return read
	}
	return byStatus(r.status)
}

func byStatus(status int) result {
	said := "status " + strconv.Itoa(status)
	switch {
	case status == http.StatusTooManyRequests:
		return operator(captcha.OverQuota, said+", too many checks: see the plan and its quota")
	case status == http.StatusRequestTimeout, status >= 500:
		return unreachable(said)
	case status >= 400:
		return operator(captcha.Misconfigured, said+": see the keys and the host")
	}
	return unreadable(said)
}

// sameHost compares names of hosts, of which the case does not matter (RFC 4343).
func sameHost(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
