package store

import "time"

// Health says how well a store is doing, for the log, the metrics and the
// health page. It holds no address, name or secret.
type Health struct {
	Reachable bool      // the last exchange with the file or the server succeeded
	Queued    int       // receipts kept here that the shared server does not have yet
	Oldest    time.Time // when the oldest of them was made; zero when there is none
	Trouble   Trouble   // what went wrong last; empty while all is well
	Warnings  []string  // what the owner should change; each stands here once
}

// Trouble is the class of a failure: few, fixed words, fit for a metric label.
type Trouble string

const (
	Unreachable Trouble = "unreachable" // nobody listens, or the name has no address
	Timeout     Trouble = "timeout"     // no answer in time
	Refused     Trouble = "refused"     // user, password or permission
	Certificate Trouble = "certificate" // TLS could not be agreed on
	ReadOnly    Trouble = "read_only"   // a replica, or a read-only file system
	Full        Trouble = "full"        // no memory or no disk space left
	Loading     Trouble = "loading"     // the server is starting or failing over
	Topology    Trouble = "topology"    // a cluster was taken for a single server, or the reverse
	Damaged     Trouble = "damaged"     // the file does not read as it was written
	Other       Trouble = "other"
)
