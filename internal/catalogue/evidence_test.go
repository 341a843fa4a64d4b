package catalogue

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestCreationTimeIsReadFromKnownValues(t *testing.T) {
	want := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC) // 1700000000
	user := `{"id":"5f9","created":1700000000000,"existing":true}`
	tests := []struct{ name, value string }{
		{"_ga", "GA1.1.1234567890.1700000000"},
		{"_ga", "GA1.3-2.1234567890.1700000000"},
		{"_gid", "GA1.2.1234567890.1700000000"},
		{"_gcl_au", "1.1.1234567890.1700000000"},
		{"_gcl_au", "1.1.1234567890.1700000000.99.1800000000.1800000000"},
		{"_fbp", "fb.1.1700000000000.1234567890"},
		{"_fbc", "fb.1.1700000000000.IwAR0"},
		{"_pk_id.1.1fff", "0123456789abcdef.1700000000."},
		{"_pk_id.1.1fff", "0123456789abcdef.1700000000.3.1800000000.1800000000"},
		{"_sp_id.1fff", "8c1e-11.1700000000.2.1800000000.1800000000.9d"},
		{"__utma", "1.2.1700000000.1800000000.1800000000.5"},
		{"__hstc", "1.abc.1700000000000.1800000000000.1800000000000.5"},
		{"__qca", "P0-1234567890-1700000000000"},
		{"__gads", "ID=0123:T=1700000000:RT=1800000000:S=ALNI"},
		{"_rdt_uuid", "1700000000000.0123-45"},
		{"_ym_d", "1700000000"},
		{"ai_user", "x1y2|2023-11-14T22:13:20.000Z"},
		{"optimizelyEndUserId", "oeu1700000000000r0.123"},
		{"_hjSessionUser_1", base64.StdEncoding.EncodeToString([]byte(user))},
		{"_hjSessionUser_1", strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(user+"  ")), "=", "%3D")},
	}
	for _, test := range tests {
		if got, ok := Created(test.name, test.value, today); !ok || !got.Equal(want) {
			t.Errorf("%s=%s: %v %v, want %v", test.name, test.value, got, ok, want)
		}
	}
}

func TestImplausibleCreationTimesAreNotBelieved(t *testing.T) {
	tests := []struct{ name, value string }{
		{"basket", "GA1.1.1.1700000000"},
		{"_ga", ""}, {"_ga", "1700000000"}, {"_ga", "GA1.1.1."}, {"_ga", "GA1.1.1.+1700000000"},
		{"_ga", "GA1.1.1.-1700000000"}, {"_ga", "GA1.1.1.1e9"}, {"_ga", "GA1.1.1.1_700_000_000"},
		{"_ga", "GA1.1.1.0"}, {"_ga", "GA1.1.1.1262303999"}, // the last second of 2009
		{"_ga", "GA1.1.1.1795694401"},           // more than a day after today
		{"_ga", "GA1.1.1.99999999999999999999"}, // beyond 64 bits
		{"_ga", strings.Repeat("9.", 3000) + "1700000000"},
		{"_fbp", "fb.1.1700000000.1"}, // seconds where milliseconds belong
		{"_fbp", "fb.1"}, {"_pk_id.1", "x"}, {"__gads", "ID=1"}, {"__gads", "ID=1:T=:S=2"},
		{"ai_user", "x|yesterday"}, {"optimizelyEndUserId", "oeu"},
		{"_hjSessionUser_1", "%"}, {"_hjSessionUser_1", "!!!"}, {"_hjSessionUser_1", "e30="},
		{"_hjSessionUser_1", base64.StdEncoding.EncodeToString([]byte(`{"created":-1}`))},
		{"_hjSessionUser_1", base64.StdEncoding.EncodeToString([]byte(`{"created":9223372036854775807}`))},
	}
	for _, test := range tests {
		if got, ok := Created(test.name, test.value, today); ok {
			t.Errorf("%s=%.40s: %v was believed", test.name, test.value, got)
		}
	}
}

func FuzzCreated(f *testing.F) {
	f.Add("_ga", "GA1.1.1234567890.1700000000")
	f.Add("_hjSessionUser_1", "eyJjcmVhdGVkIjoxNzAwMDAwMDAwMDAwfQ==")
	f.Add("__gads", "ID=0123:T=1700000000:RT=1")
	f.Add("ai_user", "a|2023-11-14T22:13:20Z")
	f.Fuzz(func(t *testing.T, name, value string) {
		created, ok := Created(name, value, today)
		if ok && (created.Before(earliest) || created.After(today.Add(slack))) {
			t.Errorf("%q=%q: %v", name, value, created)
		}
	})
}

func BenchmarkCreated(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Created("_ga", "GA1.1.1234567890.1700000000", today)
	}
}
