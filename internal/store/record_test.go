package store

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func receipt() Receipt {
	return Receipt{
		ID:      "5f0c1c52-6a36-4b0e-9a35-5d4b6b9a0c11",
		Subject: "s_1",
		Time:    noon,
		Expires: noon.Add(393 * 24 * time.Hour),
		Body:    []byte(" {\"text\" : \"<b>&\",\n\n\"n\":1.0}\n"),
	}
}

func key() Key {
	return Key{ID: "k1", Secret: bytes.Repeat([]byte{7}, SecretSize), Created: noon}
}

func message() Message {
	return Message{
		ID: "msg_1", Endpoint: "Mailer & söns", Type: "consent.withdrawn",
		Time: noon, Expires: noon.Add(393 * 24 * time.Hour),
		Body: []byte(" {\"text\" : \"<b>&\",\n\n\"n\":1.0}\n"),
	}
}

func TestReceiptBodyIsKeptByteForByte(t *testing.T) {
	want := receipt()
	record, err := want.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got Receipt
	if err := got.UnmarshalBinary(record); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

func TestKeyComesBackAsItWas(t *testing.T) {
	want := key()
	record, err := want.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got Key
	if err := got.UnmarshalBinary(record); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatal("the key changed on its way")
	}
}

func TestMessageBodyIsKeptByteForByte(t *testing.T) {
	want := message()
	record, err := want.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var got Message
	if err := got.UnmarshalBinary(record); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v (%v), want %+v", got, err, want)
	}
}

func TestProgressComesBackAsItWas(t *testing.T) {
	for _, want := range []Progress{
		{},
		{Next: noon},
		{Attempts: 3, First: noon, Next: noon.Add(time.Hour), Trouble: "timeout"},
		{Attempts: 10, First: noon, Trouble: "unreachable"},
	} {
		record, err := want.MarshalBinary()
		if err != nil || bytes.ContainsRune(record, '\n') {
			t.Fatalf("%q, %v", record, err)
		}
		var got Progress
		if err := got.UnmarshalBinary(record); err != nil || got != want || got.Dead() != want.Next.IsZero() {
			t.Errorf("got %+v (%v), want %+v", got, err, want)
		}
	}
}

func TestMessageThatCannotBeSentIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Message){
		"no id":               func(m *Message) { m.ID = "" },
		"full stop in id":     func(m *Message) { m.ID = "a.b" },
		"no endpoint":         func(m *Message) { m.Endpoint = "" },
		"NUL in endpoint":     func(m *Message) { m.Endpoint = "a\x00b" },
		"endpoint in latin 1": func(m *Message) { m.Endpoint = "caf\xe9" },
		"long endpoint":       func(m *Message) { m.Endpoint = strings.Repeat("a", MaxEndpoint+1) },
		"no type":             func(m *Message) { m.Type = "" },
		"empty word":          func(m *Message) { m.Type = "a..b" },
		"first full stop":     func(m *Message) { m.Type = ".a" },
		"last full stop":      func(m *Message) { m.Type = "a." },
		"type of two words":   func(m *Message) { m.Type = "a b" },
		"long type":           func(m *Message) { m.Type = strings.Repeat("a", 65) },
		"no time":             func(m *Message) { m.Time = time.Time{} },
		"never expires":       func(m *Message) { m.Expires = time.Time{} },
		"expires as made":     func(m *Message) { m.Expires = m.Time },
		"empty body":          func(m *Message) { m.Body = nil },
		"large body":          func(m *Message) { m.Body = make([]byte, MaxMessage+1) },
	} {
		t.Run(name, func(t *testing.T) {
			m := message()
			spoil(&m)
			if _, err := m.MarshalBinary(); err == nil {
				t.Fatal("it was kept")
			}
		})
	}
	for _, p := range []Progress{{Attempts: -1}, {Attempts: 1}, {Trouble: "dial tcp 192.0.2.1:443"}, {Next: time.Unix(-1, 0)}} {
		if _, err := p.MarshalBinary(); err == nil {
			t.Errorf("%+v was kept", p)
		}
	}
}

func TestReceiptThatCannotBeEvidenceIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Receipt){
		"no id":               func(r *Receipt) { r.ID = "" },
		"brace in subject":    func(r *Receipt) { r.Subject = "a}b" },
		"slash in id":         func(r *Receipt) { r.ID = "a/b" },
		"long subject":        func(r *Receipt) { r.Subject = strings.Repeat("a", 65) },
		"no time":             func(r *Receipt) { r.Time = time.Time{} },
		"never expires":       func(r *Receipt) { r.Expires = time.Time{} },
		"expires as made":     func(r *Receipt) { r.Expires = r.Time },
		"beyond any ordering": func(r *Receipt) { r.Expires = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC) },
		"empty body":          func(r *Receipt) { r.Body = nil },
		"large body":          func(r *Receipt) { r.Body = make([]byte, MaxBody+1) },
	} {
		t.Run(name, func(t *testing.T) {
			r := receipt()
			spoil(&r)
			if _, err := r.MarshalBinary(); err == nil {
				t.Fatal("it was kept")
			}
		})
	}
}

func TestKeyThatCannotSignIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Key){
		"no id":        func(k *Key) { k.ID = "" },
		"short secret": func(k *Key) { k.Secret = k.Secret[1:] },
		"long secret":  func(k *Key) { k.Secret = append(k.Secret, 1) },
		"no time":      func(k *Key) { k.Created = time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			k := key()
			spoil(&k)
			_, err := k.MarshalBinary()
			if err == nil {
				t.Fatal("it was kept")
			}
			if strings.Contains(err.Error(), "\a") {
				t.Fatal("the error shows the secret")
			}
		})
	}
}

func TestReceiptsOrderByTimeThenID(t *testing.T) {
	a, b := receipt(), receipt()
	b.ID = "z"
	if a.Compare(b) >= 0 || b.Compare(a) <= 0 || a.Compare(a) != 0 {
		t.Error("equal times are not ordered by id")
	}
	b.Time = a.Time.Add(-1)
	if a.Compare(b) <= 0 {
		t.Error("the earlier one does not come first")
	}
}

func FuzzReceiptRecord(f *testing.F) {
	record, err := receipt().MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	f.Add(record[:len(record)/2])
	f.Add([]byte("{}\n{}"))
	f.Add([]byte(`{"v":1,"time":"9999-12-31T23:59:59Z"}` + "\n{}"))
	f.Fuzz(func(t *testing.T, record []byte) {
		var first, second Receipt
		if first.UnmarshalBinary(record) != nil {
			return
		}
		again, err := first.MarshalBinary()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if err := second.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("read %+v, then %+v (%v)", first, second, err)
		}
	})
}

func FuzzKeyRecord(f *testing.F) {
	record, err := key().MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	f.Add([]byte(`{"v":1,"id":"k","secret":"!!"}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		var k Key
		if k.UnmarshalBinary(record) == nil && k.Check() != nil {
			t.Fatal("a key was read that cannot be kept")
		}
	})
}

func FuzzMessageRecord(f *testing.F) {
	record, err := message().MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	f.Add(record[:len(record)/2])
	f.Add([]byte("{}\n{}"))
	f.Fuzz(func(t *testing.T, record []byte) {
		var first, second Message
		if first.UnmarshalBinary(record) != nil {
			return
		}
		again, err := first.MarshalBinary()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if err := second.UnmarshalBinary(again); err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("read %+v, then %+v (%v)", first, second, err)
		}
	})
}

func FuzzProgressRecord(f *testing.F) {
	record, err := Progress{Attempts: 3, First: noon, Next: noon, Trouble: "timeout"}.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	f.Add([]byte(`{"v":1}`))
	f.Add([]byte(`{"v":1,"next":"9999-12-31T23:59:59Z"}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		var first, second Progress
		if first.UnmarshalBinary(record) != nil {
			return
		}
		again, err := first.MarshalBinary()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if err := second.UnmarshalBinary(again); err != nil || first != second {
			t.Fatalf("read %+v, then %+v (%v)", first, second, err)
		}
	})
}
