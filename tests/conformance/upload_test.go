package conformance

import (
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// zeros is an endless file.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestUploadStreamsThroughInConstantMemory: its proof is the first part, the rest is never held.
func TestUploadStreamsThroughInConstantMemory(t *testing.T) {
	const size = 256 << 20
	s := serve(t, protected)
	var got atomic.Int64
	var most atomic.Uint64
	s.origin.handle("POST /contact", func(_ http.ResponseWriter, r *http.Request) {
		var m runtime.MemStats
		for buffer := make([]byte, 1<<20); ; {
			n, err := io.ReadFull(r.Body, buffer)
			if got.Add(int64(n)); err != nil {
				return
			}
			if got.Load()%(32<<20) < 1<<20 {
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapInuse))
			}
		}
	})
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	head := "--x\r\nContent-Disposition: form-data; name=\"say-token\"\r\n\r\n" + s.proof(t, "/contact") + "\r\n"
	file := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	const tail = "\r\n--x--\r\n"
	body := io.MultiReader(strings.NewReader(head+file), io.LimitReader(zeros{}, size), strings.NewReader(tail))
	r := s.open(t, "POST", "/contact", body, at, "Content-Type: multipart/form-data; boundary=x")
	r.Body.Close()
	if want := int64(len(file) + size + len(tail)); r.StatusCode != http.StatusOK || got.Load() != want {
		t.Errorf("status %d, %d bytes reached the site, want %d", r.StatusCode, got.Load(), want)
	}
	if grown := int64(most.Load()) - int64(before.HeapInuse); grown > 64<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
}

// TestProofIsGoodOnceHoweverManyBringItAtOnce.
func TestProofIsGoodOnceHoweverManyBringItAtOnce(t *testing.T) {
	s := serve(t, protected)
	before := s.origin.count()
	form := "say-token=" + url.QueryEscape(s.proof(t, "/contact")) + "&a=b"
	var passed atomic.Int32
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			r := s.open(t, "POST", "/contact", strings.NewReader(form), at, "Content-Type: "+urlencoded)
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if n := s.origin.count() - before; n != 1 || passed.Load() != 1 {
		t.Errorf("%d reached the site, %d passed", n, passed.Load())
	}
}
