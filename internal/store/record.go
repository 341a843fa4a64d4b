package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// A record is a line of JSON that says what it is, and below it the body as it
// was given: readable by an auditor, and byte for byte what was signed or hashed.
type receiptHeader struct {
	Version int       `json:"v"`
	ID      string    `json:"id"`
	Subject string    `json:"subject"`
	Time    time.Time `json:"time"`
	Expires time.Time `json:"expires"`
}

type keyRecord struct {
	Version int       `json:"v"`
	ID      string    `json:"id"`
	Secret  []byte    `json:"secret"`
	Created time.Time `json:"created"`
}

const recordVersion = 1

var (
	errReceiptRecord = errors.New("not a receipt of this version")
	errKeyRecord     = errors.New("not a key of this version")
)

// MarshalBinary encodes a receipt for both stores.
func (r Receipt) MarshalBinary() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	header, err := json.Marshal(receiptHeader{recordVersion, r.ID, r.Subject, r.Time.UTC(), r.Expires.UTC()})
	if err != nil {
		return nil, err
	}
	header = append(header, '\n')
	return append(header, r.Body...), nil
}

// UnmarshalBinary decodes a receipt. The body does not share memory with record.
func (r *Receipt) UnmarshalBinary(record []byte) error {
	line, body, found := bytes.Cut(record, []byte{'\n'})
	var header receiptHeader
	if !found || json.Unmarshal(line, &header) != nil || header.Version != recordVersion {
		return errReceiptRecord
	}
	decoded := Receipt{header.ID, header.Subject, header.Time.UTC(), header.Expires.UTC(), bytes.Clone(body)}
	if decoded.Check() != nil {
		return errReceiptRecord
	}
	*r = decoded
	return nil
}

// MarshalBinary encodes a key for both stores. The result is a secret.
func (k Key) MarshalBinary() ([]byte, error) {
	if err := k.Check(); err != nil {
		return nil, err
	}
	return json.Marshal(keyRecord{recordVersion, k.ID, k.Secret, k.Created.UTC()})
}

// UnmarshalBinary decodes a key.
func (k *Key) UnmarshalBinary(record []byte) error {
	var read keyRecord
	if json.Unmarshal(record, &read) != nil || read.Version != recordVersion {
		return errKeyRecord
	}
	decoded := Key{read.ID, read.Secret, read.Created.UTC()}
	if decoded.Check() != nil {
		return errKeyRecord
	}
	*k = decoded
	return nil
}
