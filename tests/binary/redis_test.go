//go:build unix

package binary

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

// sharing is a site whose gateways share one Redis, or the nodes of a cluster.
func sharing(origin string, servers ...*storetest.Server) settings {
	s := inFrontOf(origin)
	s.global = "\tprivacy {\n\t\tstore redis"
	for _, server := range servers {
		s.global += " " + server.Address
	}
	s.global += "\n\t}"
	return s
}

func TestChoiceMadeAtOneGatewayHoldsAtTheOther(t *testing.T) {
	for name, start := range map[string]func(*testing.T, string) (settings, []*storetest.Server){
		"OneServer": func(t *testing.T, origin string) (settings, []*storetest.Server) {
			server := storetest.StartRedis(t)
			return sharing(origin, server), []*storetest.Server{server}
		},
		"Cluster": func(t *testing.T, origin string) (settings, []*storetest.Server) {
			nodes := storetest.StartCluster(t)
			return sharing(origin, nodes...), nodes
		},
		"Sentinel": func(t *testing.T, origin string) (settings, []*storetest.Server) {
			server := storetest.StartRedis(t)
			with := inFrontOf(origin)
			with.global = "\tprivacy {\n\t\tstore redis " + storetest.StartSentinel(t, server).Address + " {\n\t\t\tmaster main\n\t\t}\n\t}"
			return with, []*storetest.Server{server}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site, servers := start(t, newOrigin(t))
			one, other := newGateway(t, site), newGateway(t, site)
			one.start(t)
			other.start(t)

			there, here := newVisitor(one).accept(t), newVisitor(other).accept(t)
			holds(t, there.at(other), here.at(one))
			// Each changes his mind where he had not been.
			there, here = there.at(other).accept(t), here.at(one).accept(t)
			holds(t, there, here, there.at(one), here.at(other))
			wantInRedis(t, servers, there.at(one), here.at(other))
		})
	}
}

// Gateways that first meet their server later have each made a key of their
// own; in the end all have all.
func TestGatewaysThatMeetLateShareTheirKeys(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	server.Kill()
	site := sharing(newOrigin(t), server)
	var gateways []*gateway
	var visitors []*visitor
	for range 5 {
		g := startGateway(t, site)
		gateways, visitors = append(gateways, g), append(visitors, newVisitor(g).accept(t))
	}
	if visitors[0].key(t) == visitors[1].key(t) {
		t.Fatal("two gateways that never met have the same key")
	}
	server.Start(t)
	wantInRedis(t, []*storetest.Server{server}, visitors...)
	for i, v := range visitors {
		holds(t, v, v.at(gateways[(i+1)%len(gateways)]))
	}
}

// A container without a lasting disk is a new gateway at each start. What it
// must know is in Redis.
func TestGatewaysThatStartEmptyTakeTheSharedKeys(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	site := sharing(newOrigin(t), server)
	first := startGateway(t, site)
	v := newVisitor(first).accept(t)
	storetest.Eventually(t, "the key is in Redis", func() bool {
		return server.Do(t, "HLEN", "privacy:{keys}") == int64(1)
	})
	first.kill()
	for range 5 {
		g := startGateway(t, site)
		if err := v.at(g).accepted(); err != nil {
			t.Error(err)
		}
		if newVisitor(g).accept(t).key(t) != v.key(t) {
			t.Error("it signs with a key of its own")
		}
		g.kill()
	}
	if keys := server.Do(t, "HLEN", "privacy:{keys}"); keys != int64(1) {
		t.Errorf("there are %v keys", keys)
	}
}

// holds waits until the consent of visitors is known where they are now: keys
// travel between gateways in the background.
func holds(t *testing.T, visitors ...*visitor) {
	t.Helper()
	for _, v := range visitors {
		storetest.Eventually(t, "the choice holds at the other gateway", func() bool { return v.accepted() == nil })
	}
}

// wantInRedis fails the test unless exactly the receipts of these visitors are
// in Redis, each once, and one for each choice.
func wantInRedis(t *testing.T, servers []*storetest.Server, visitors ...*visitor) {
	t.Helper()
	choices := 0
	for _, v := range visitors {
		choices += v.choices
	}
	var kept []string
	storetest.Eventually(t, fmt.Sprintf("%d receipts are in Redis", choices), func() bool {
		kept = receiptsIn(t, servers)
		return len(kept) >= choices
	})
	var want []string
	for _, v := range visitors {
		// On a busy machine a gateway may do without Redis at first.
		storetest.Eventually(t, "the visitor is shown a receipt of each choice", func() bool {
			list, err := v.receipts()
			if err != nil || len(list) != v.choices {
				return false
			}
			want = append(want, list...)
			return true
		})
	}
	slices.Sort(want)
	slices.Sort(kept)
	if !slices.Equal(kept, want) {
		t.Errorf("Redis has %d receipts of %d choices; it has\n%s\nwant\n%s", len(kept), choices, strings.Join(kept, "\n"), strings.Join(want, "\n"))
	}
}

// receiptsIn reads all receipts in Redis, as compact JSON. A receipt is a
// string, a line about it and below it the document; a sorted set lists those
// of one visitor, and lists each that is there.
func receiptsIn(t *testing.T, servers []*storetest.Server) []string {
	t.Helper()
	var documents []string
	listed := int64(0)
	for _, server := range servers {
		keys := server.Client.Scan(t.Context(), 0, "privacy:*", 1000).Iterator()
		for keys.Next(t.Context()) {
			switch kind := server.Do(t, "TYPE", keys.Val()); kind {
			case "string":
				_, document, _ := bytes.Cut([]byte(server.Do(t, "GET", keys.Val()).(string)), []byte("\n"))
				documents = append(documents, compact(document))
			case "zset":
				listed += server.Do(t, "ZCARD", keys.Val()).(int64)
			}
		}
		if err := keys.Err(); err != nil && !goredis.HasErrorPrefix(err, "LOADING") {
			t.Fatal(err)
		}
	}
	if listed != int64(len(documents)) {
		return nil // in the middle of a delivery
	}
	return documents
}
