package embedded

import (
	"encoding/binary"
	"errors"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The buckets of the file. A time is its Unix nanoseconds in 8 bytes, big-endian,
// so that keys sort by it.
var (
	bucketMeta     = []byte("meta")     // "schema" → version, 4 bytes big-endian
	bucketKeys     = []byte("keys")     // id → key record
	bucketDropped  = []byte("dropped")  // id of a dropped key → nothing
	bucketReceipts = []byte("receipts") // id → receipt record
	bucketSubjects = []byte("subjects") // subject, NUL, time, id → nothing
	bucketExpiry   = []byte("expiry")   // expiry, id → key in subjects
	bucketOutbox   = []byte("outbox")   // time, id → nothing: not yet in the shared store
	bucketServers  = []byte("servers")  // run id of a shared server that has all but the outbox → nothing

	bucketMessages  = []byte("messages")  // id → progress and message
	bucketDue       = []byte("due")       // endpoint, NUL, time, id → nothing: messages that are no dead letters
	bucketEnds      = []byte("ends")      // expiry, id of a message → nothing
	bucketUnshared  = []byte("unshared")  // time, id of a message → nothing: not yet in the shared store
	bucketSuspended = []byte("suspended") // endpoint → digest of the address at which it wants no more
	bucketSpent     = []byte("spent")     // end of its life, kind, colon, id → nothing

	bucketInventory = []byte("inventory") // host → what was seen there
	bucketAside     = []byte("aside")     // host → an inventory that could not be read
	bucketRegister  = []byte("register")  // "transfers" → where connections went; "aside" → one that could not be read

	schemaKey = []byte("schema")
)

const schemaVersion = 1

var errNewer = errors.New("was written by a newer version of this module: run that version, or give this one its own directory")

// checkSchema tells our file from others, and this version's from a later one.
// A file without any bucket is a new one whose first write was interrupted.
func checkSchema(tx *bolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		if name, _ := tx.Cursor().First(); name != nil {
			return errForeign
		}
		return nil
	}
	version := meta.Get(schemaKey)
	if len(version) != 4 {
		return errForeign
	}
	if binary.BigEndian.Uint32(version) > schemaVersion {
		return errNewer
	}
	return nil
}

// layOut makes what is missing. It checks the schema again because another
// process may have had the file since it was verified.
func layOut(tx *bolt.Tx) error {
	if err := checkSchema(tx); err != nil {
		return err
	}
	for _, name := range [][]byte{
		bucketMeta, bucketKeys, bucketDropped, bucketReceipts,
		bucketSubjects, bucketExpiry, bucketOutbox, bucketServers,
		bucketMessages, bucketDue, bucketEnds, bucketUnshared, bucketSuspended,
		bucketSpent, bucketInventory, bucketAside, bucketRegister,
	} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(schemaKey, binary.BigEndian.AppendUint32(nil, schemaVersion))
}

// timeKey sorts by time, then by id.
func timeKey(t time.Time, id string) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(t.UnixNano())), id...)
}

// splitTimeKey is the inverse of timeKey.
func splitTimeKey(key []byte) (t time.Time, id []byte) {
	if len(key) < 8 {
		return time.Time{}, nil
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(key))).UTC(), key[8:]
}

// subjectPrefix begins the entries of one subject. NUL is in no subject.
func subjectPrefix(subject string) []byte {
	return append([]byte(subject), 0)
}
