// Package webhook tells others what they must know, in signed messages that are sent
// until they have arrived: Standard Webhooks 1.0.0
// (https://github.com/standard-webhooks/standard-webhooks).
//
// Messages are kept by a store.Messages before anybody is told that they will be
// sent. Each is sent at least once, again with the same id when a crash leaves open
// whether it has arrived, and by one of several gateways at a time.
package webhook

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

// kept is how long a message is kept at most, arrived or not: the fewest days that
// thirteen calendar months can have.
const kept = 393 * 24 * time.Hour

// payload is the body of a message, as the specification recommends it ("Payload
// structure").
type payload struct {
	Type string    `json:"type"`
	Time time.Time `json:"timestamp"` // of what happened, not of the attempt
	Data any       `json:"data"`
}

// New makes a message about what happened at a time, for one endpoint. The id is
// random, and data is what the type says, as JSON: little, and nothing that the
// endpoint can do without.
func New(endpoint, kind string, at time.Time, data any) (store.Message, error) {
	at = at.UTC()
	body, err := json.Marshal(payload{kind, at, data})
	if err != nil {
		return store.Message{}, fmt.Errorf("message %s: %w", kind, err)
	}
	m := store.Message{
		ID: "msg_" + rand.Text(), Endpoint: endpoint, Type: kind, Time: at, Expires: at.Add(kept), Body: body,
	}
	return m, m.Check()
}
