// Package pressure tells how hard a form is pressed by programs, so that the work which
// is asked for can rise with it and fall again. It counts; it knows nothing of visitors.
package pressure

import (
	"math"
	"sync"
	"time"

	"github.com/caddy-privacy/caddy-privacy/internal/captcha"
)

// Gauge is that of one form. Its methods may be called from several goroutines.
type Gauge struct {
	now  func() time.Time
	calm float64

	mu   sync.Mutex
	heat float64 // what was noted, each weight halved by every halfLife since
	at   time.Time
}

const (
	// DefaultCalm is what a busy form meets on a good day: see New.
	DefaultCalm = 300

	halfLife = time.Minute

	// A form that is refused weighs as much as ten that are not: people rarely are, and
	// many people are no attack.
	acceptedWeight = 1
	refusedWeight  = 10

	// The count ends at so many doublings of what is calm, so that the pressure falls soon
	// after an attack, however strong it was.
	maxDoublings = 8
)

// New makes the gauge of a form that is calm with so many forms a minute, or a tenth of
// that refused; 0 or less means DefaultCalm.
func New(calm int, now func() time.Time) *Gauge {
	if calm <= 0 {
		calm = DefaultCalm
	}
	// A steady rate adds up to so much, where each weight halves every minute.
	return &Gauge{now: now, calm: float64(calm) / math.Ln2, at: now()}
}

// Note counts a form that was judged. What brings no proof, or a stale one, says nothing: people
// without scripts do, and it costs nobody anything.
func (g *Gauge) Note(v captcha.Verdict) {
	weight := float64(acceptedWeight)
	switch {
	case v.Outcome != captcha.VisitorFailed:
	case v.Reason == captcha.Missing, v.Reason == captcha.Expired:
		return
	default:
		weight = refusedWeight
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cool()
	g.heat = min(g.heat+weight, g.calm*(1<<maxDoublings))
}

// Level is 0 in calm; the first level begins beyond it, and each doubling of the
// pressure is one more. After an attack it falls by one a minute.
func (g *Gauge) Level() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cool()
	if g.heat <= g.calm {
		return 0
	}
	return 1 + int(math.Log2(g.heat/g.calm))
}

// cool lets time take its part. A clock that was set back takes nothing.
func (g *Gauge) cool() {
	now := g.now()
	if passed := now.Sub(g.at); passed > 0 {
		g.heat *= math.Exp2(-float64(passed) / float64(halfLife))
	}
	g.at = now
}
