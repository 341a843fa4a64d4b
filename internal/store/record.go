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

// A message is written like a receipt. Its progress stands apart, because that
// alone changes.
type messageHeader struct {
	Version  int       `json:"v"`
	ID       string    `json:"id"`
	Endpoint string    `json:"endpoint"`
	Type     string    `json:"type"`
	Time     time.Time `json:"time"`
	Expires  time.Time `json:"expires"`
}

type progressRecord struct {
	Version  int       `json:"v"`
	Attempts int       `json:"attempts,omitempty"`
	First    time.Time `json:"first,omitzero"`
	Next     time.Time `json:"next,omitzero"`
	Trouble  string    `json:"trouble,omitempty"`
}

const recordVersion = 1

var (
	errReceiptRecord = errors.New("not a receipt of this version")
	errKeyRecord     = errors.New("not a key of this version")
	errMessageRecord = errors.New("not a message of this version")
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

// MarshalBinary encodes a message for both stores.
func (m Message) MarshalBinary() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	header, err := json.Marshal(messageHeader{recordVersion, m.ID, m.Endpoint, m.Type, m.Time.UTC(), m.Expires.UTC()})
	if err != nil {
		return nil, err
	}
	header = append(header, '\n')
	return append(header, m.Body...), nil
}

// UnmarshalBinary decodes a message. The body does not share memory with record.
func (m *Message) UnmarshalBinary(record []byte) error {
	line, body, found := bytes.Cut(record, []byte{'\n'})
	var h messageHeader
	if !found || json.Unmarshal(line, &h) != nil || h.Version != recordVersion {
		return errMessageRecord
	}
	decoded := Message{h.ID, h.Endpoint, h.Type, h.Time.UTC(), h.Expires.UTC(), bytes.Clone(body)}
	if decoded.Check() != nil {
		return errMessageRecord
	}
	*m = decoded
	return nil
}

// MarshalBinary encodes the progress of a message for both stores, on one line.
func (p Progress) MarshalBinary() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return json.Marshal(progressRecord{recordVersion, p.Attempts, p.First.UTC(), p.Next.UTC(), p.Trouble})
}

// UnmarshalBinary decodes the progress of a message.
func (p *Progress) UnmarshalBinary(record []byte) error {
	var r progressRecord
	if json.Unmarshal(record, &r) != nil || r.Version != recordVersion {
		return errMessageRecord
	}
	decoded := Progress{r.Attempts, r.First.UTC(), r.Next.UTC(), r.Trouble}
	if decoded.check() != nil {
		return errMessageRecord
	}
	*p = decoded
	return nil
}
