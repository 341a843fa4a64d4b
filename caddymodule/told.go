package caddymodule

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/consent"
	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// told is what browsers tell the gateway, so that the owner learns of what neither
// markup nor cookies show. Anybody may send it: of either kind, only names are
// kept.
type told struct {
	// Violation reports what the gateway's own Content-Security-Policy stopped (CSP 3,
	// 5.3, "report-uri").
	Violation struct {
		Blocked string `json:"blocked-uri"`
	} `json:"csp-report"`

	// Entries are names of what is in the browser's storages, from the script of that
	// name.
	Entries []string `json:"entries"`
}

// Bounds of what is told, in bytes and in names.
const (
	maxTold    = 16 << 10
	maxEntries = 200
)

// serveTold takes what a browser tells.
func (g *Gateway) serveTold(w http.ResponseWriter, r *http.Request, v *visit) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return nil
	}
	site := r.Header.Get("Sec-Fetch-Site")
	if (site == "" || site == "same-origin") && g.app.shared.told.admit(v.now) {
		var news told
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTold))
		if err == nil && json.Unmarshal(body, &news) == nil {
			v.noteViolation(news.Violation.Blocked)
			v.noteEntries(news.Entries, consent.Signalled(r.Header))
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// noteViolation keeps the host of an address that was stopped.
func (v *visit) noteViolation(blocked string) {
	u, ok := weburl.Parse(blocked, nil)
	if !ok || !u.Network() || !policy.IsHost(u.Host) || len(u.Host) > maxHost {
		return
	}
	if d := v.gateway.policy.Address(v.site(), u.Host, u.Path, v.visitor); d.Reason != policy.Required {
		v.noteHost(u.Host, &d, false)
	}
}

// noteEntries keeps the names of what is in the storages of somebody who agreed to
// everything, as asksEntries says.
func (v *visit) noteEntries(names []string, signalled bool) {
	if !v.asksEntries() || signalled {
		return
	}
	for _, name := range names[:min(len(names), maxEntries)] {
		if name == "" || strings.HasPrefix(name, "say-") { // the guard's, beside the site's own of that name
			continue
		}
		d := v.gateway.policy.Entry(name)
		v.noteEntry(name, &d)
	}
}

// asksEntries tells whether the visitor's pages tell the gateway the names of what
// they store. Names are read from the visitor's device, which needs consent, even
// if it is to describe to visitors what the site does. So only those are asked who
// agreed to everything, and whose browser sends no signal; it is with them, too,
// that nothing is kept from being stored, and all can be seen.
func (v *visit) asksEntries() bool { return v.visitor.State == policy.Accepted }

// rate admits a bounded number of events a second, and forgets the others.
type rate struct {
	mu     sync.Mutex
	second int64
	count  int
}

// maxRate is far beyond what an owner needs to learn of a host, and beyond how fast
// visitors come for the first time.
const maxRate = 50

func (r *rate) admit(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if second := now.Unix(); second != r.second {
		r.second, r.count = second, 0
	}
	r.count++
	return r.count <= maxRate
}
