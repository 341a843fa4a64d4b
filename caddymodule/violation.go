package caddymodule

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/policy"
	"github.com/caddy-privacy/caddy-privacy/internal/weburl"
)

// maxViolation bounds a report, in bytes.
const maxViolation = 16 << 10

// serveViolation takes browsers' reports of what the gateway's own
// Content-Security-Policy stopped, so that the owner learns of hosts that no
// markup shows. Of a report only the host is kept: anybody may send one.
func (g *Gateway) serveViolation(w http.ResponseWriter, r *http.Request, v *visit) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return nil
	}
	site := r.Header.Get("Sec-Fetch-Site")
	if (site == "" || site == "same-origin") && g.app.shared.violations.admit(v.now) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxViolation))
		if err == nil {
			g.noteViolation(body, v)
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// noteViolation reads a report (CSP 3, 5.3, "report-uri"): an object with the
// blocked address.
func (g *Gateway) noteViolation(body []byte, v *visit) {
	var report struct {
		Violation struct {
			Blocked string `json:"blocked-uri"`
		} `json:"csp-report"`
	}
	if json.Unmarshal(body, &report) != nil {
		return
	}
	u, ok := weburl.Parse(report.Violation.Blocked, nil)
	if !ok || !u.Network() || !policy.IsHost(u.Host) || len(u.Host) > 253 {
		return
	}
	if d := g.policy.Address(v.site(), u.Host, u.Path, v.visitor); d.Action == policy.Drop {
		v.noteHost(u.Host, &d, false)
	}
}

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
