package storetest

import (
	"testing"
	"time"
)

// patience is how long anything may take that happens in the background. Only a
// test that fails uses it up.
const patience = 20 * time.Second

// Eventually waits until a condition holds, and fails the test if it never does.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	late := time.After(patience)
	for !holds() {
		select {
		case <-late:
			t.Fatalf("it never came to be that %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
