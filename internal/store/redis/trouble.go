package redis

import (
	"context"
	"errors"
	"net"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// errHandshake marks a connection that was made, but not made secure.
var errHandshake = errors.New("no TLS")

// prefixes of the replies that servers refuse with.
var prefixes = []struct {
	prefix  string
	trouble store.Trouble
}{
	{"NOAUTH", store.Refused},
	{"WRONGPASS", store.Refused},
	{"NOPERM", store.Refused},
	{"ERR AUTH", store.Refused},
	{"ERR invalid password", store.Refused},
	{"ERR Client sent AUTH", store.Refused},
	{"READONLY", store.ReadOnly},
	{"NOREPLICAS", store.ReadOnly},
	{"MISCONF", store.Full}, // the server cannot save to its disk
	{"OOM", store.Full},
	{"LOADING", store.Loading},
	{"MASTERDOWN", store.Loading},
	{"CLUSTERDOWN", store.Loading},
	{"TRYAGAIN", store.Loading},
	{"BUSY", store.Timeout},
	{"MOVED", store.Topology},
	{"CROSSSLOT", store.Topology},
	{"ERR This instance has cluster support disabled", store.Topology},
	{"ERR SELECT is not allowed in cluster mode", store.Topology},
}

// classify names a failure. The text of the error goes no further than this:
// it may hold an address, or part of what was sent.
func classify(err error) store.Trouble {
	if err == nil {
		return ""
	}
	if trouble, ok := classifyReply(err); ok {
		return trouble
	}
	var network net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, goredis.ErrPoolTimeout):
		return store.Timeout
	case errors.As(err, &network) && network.Timeout():
		return store.Timeout
	case errors.Is(err, errHandshake):
		return store.Certificate
	}
	return store.Unreachable
}

// classifyReply names what a server answered.
func classifyReply(err error) (store.Trouble, bool) {
	var reply goredis.Error
	if !errors.As(err, &reply) {
		return "", false
	}
	for _, p := range prefixes {
		// Before 7.0 a script's failure carries the reply inside its own text.
		if strings.HasPrefix(reply.Error(), p.prefix) || strings.Contains(reply.Error(), ": -"+p.prefix) {
			return p.trouble, true
		}
	}
	return store.Other, true
}
