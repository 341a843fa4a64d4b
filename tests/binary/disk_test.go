//go:build unix

package binary

import (
	"strings"
	"testing"
)

// On a full disk nobody is told that his consent was kept when it was not, a
// refusal is honoured all the same, and the site goes on.
func TestFullDiskCostsConsentAndNothingElse(t *testing.T) {
	t.Parallel()
	g := newGateway(t, inFrontOf(newOrigin(t)))
	g.shell = "ulimit -f 400" // blocks of 512 bytes, or 1024 in some shells
	g.start(t)
	var kept []*visitor
	var failure error
	for len(kept) < 1000 && failure == nil {
		v := newVisitor(g)
		if failure = v.choose("accept"); failure == nil {
			kept = append(kept, v)
		}
	}
	if failure == nil || !strings.HasSuffix(failure.Error(), "503") {
		t.Fatalf("after %d choices: %v", len(kept), failure)
	}
	refuses := newVisitor(g)
	if err := refuses.choose("refuse"); err != nil {
		t.Errorf("a refusal: %v", err)
	}
	if a, err := refuses.page(); err != nil || a.asked() {
		t.Errorf("who refused is asked again: %t (%v)", a.asked(), err)
	}
	for range 2 {
		for _, v := range kept {
			if err := v.accepted(); err != nil {
				t.Fatal(err)
			}
			v.wantReceipts(t)
		}
		g.kill()
		g.shell = ""
		g.start(t)
	}
	newVisitor(g).accept(t).wantReceipts(t)
}
