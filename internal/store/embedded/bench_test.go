package embedded_test

import (
	"context"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

func BenchmarkAppend(b *testing.B) {
	s := open(b, b.TempDir())
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Append(context.Background(), storetest.NewReceipt("a", 0)); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkKeys(b *testing.B) {
	s := open(b, b.TempDir())
	for i := range 3 {
		if err := s.AddKey(b.Context(), storetest.NewKey(i)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Keys(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendWithMessages(b *testing.B) {
	s := open(b, b.TempDir())
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Append(context.Background(), storetest.NewReceipt("a", 0), storetest.NewMessage("mailer", 0), storetest.NewMessage("shop", 0)); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkTakeNothing(b *testing.B) {
	s := open(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Take(b.Context(), "mailer", 4, storetest.Lease); err != nil {
			b.Fatal(err)
		}
	}
}
