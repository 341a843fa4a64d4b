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
