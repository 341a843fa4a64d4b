//go:build unix

package redis_test

import (
	"context"
	"testing"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
	"github.com/caddy-privacy/caddy-privacy/internal/store/storetest"
)

func BenchmarkAppend(b *testing.B) {
	b.Run("Delivered", func(b *testing.B) {
		s := gateway(b, storetest.StartRedis(b))
		appendInParallel(b, s)
		delivered(b, s)
	})
	b.Run("ServerHangs", func(b *testing.B) {
		server := storetest.StartRedis(b)
		s := gateway(b, server)
		server.Stop(b)
		appendInParallel(b, s)
	})
}

func appendInParallel(b *testing.B, s store.Receipts) {
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
	s := gateway(b, storetest.StartRedis(b))
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
