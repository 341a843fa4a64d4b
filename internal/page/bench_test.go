package page

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// ordinary writes a page of about size bytes as publishers write them: a head
// with styles and scripts, then articles with text, links, images and embeds.
func ordinary(size int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var b bytes.Buffer
	b.WriteString("<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n" +
		"<title>Le journal</title>\n<link rel=\"stylesheet\" href=\"/css/main.css\">\n<style>\n" +
		strings.Repeat("  .article > h2 { font: 700 1.25rem/1.3 serif; color: #123 }\n", 20) + "</style>\n" +
		"<script async src=\"https://www.example.com/tag.js?id=G-123\"></script>\n<script>\n" +
		strings.Repeat("  if (a < b && c > d) { window.data = window.data || []; push('x', 1) }\n", 20) + "</script>\n</head>\n<body class=\"home\">\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "<article class=\"article card\" id=\"a%d\" data-section=\"news\">\n  <h2><a href=\"/2025/11/an-article-%d.html\">A title</a></h2>\n", i, i)
		for range 1 + r.IntN(4) {
			b.WriteString("  <p class=\"text\">" + strings.Repeat("Some words of an ordinary article, then more. ", 4+r.IntN(8)) +
				"<em>and</em> <a href=\"/somewhere\" class=\"link\">a link</a>.</p>\n")
		}
		if i%3 == 0 {
			fmt.Fprintf(&b, "  <img src=\"/media/%d.jpg\" srcset=\"/media/%d-2x.jpg 2x\" width=\"640\" height=\"360\" alt=\"A picture\" loading=\"lazy\">\n", i, i)
		}
		if i%10 == 0 {
			b.WriteString("  <svg viewBox=\"0 0 24 24\"><path d=\"M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2z\"/></svg>\n" +
				"  <iframe src=\"https://www.example.com/embed/xyz\" width=\"560\" height=\"315\" allowfullscreen></iframe>\n")
		}
		b.WriteString("</article>\n")
	}
	b.WriteString("</body>\n</html>\n")
	return b.Bytes()
}

const benchPiece = 16 << 10 // bytes a write, as a proxy reads them

func BenchmarkPages(b *testing.B) {
	for _, size := range []int{60 << 10, 1 << 20} {
		page := ordinary(size)
		name := fmt.Sprintf("%dKB", len(page)>>10)
		b.Run(name+"/scanner", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(page)))
			var s scanner
			for b.Loop() {
				s.reset()
				for rest := page; len(rest) > 0; {
					piece := rest[:min(len(rest), benchPiece)]
					rest = rest[len(piece):]
					for len(piece) > 0 {
						n, _ := s.next(piece)
						piece = piece[n:]
					}
				}
			}
		})
		watched := *refuseOthers
		watched.Forms = guarded(nil).Forms
		for held, rules := range map[string]*Rules{"granted": nil, "refused": refuseOthers, "refused-forms": &watched} {
			b.Run(name+"/writer/"+held, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(page)))
				ins := Insertion{Head: make([]byte, 3000), Body: make([]byte, 6000), End: make([]byte, 100)}
				var w Writer
				for b.Loop() {
					w.Reset(io.Discard, ins, rules)
					for rest := page; len(rest) > 0; {
						piece := rest[:min(len(rest), benchPiece)]
						rest = rest[len(piece):]
						w.Write(piece)
					}
					w.Close()
				}
			})
		}
		b.Run(name+"/xnet", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(page)))
			for b.Loop() {
				z := html.NewTokenizer(bytes.NewReader(page))
				for z.Next() != html.ErrorToken {
					z.TagName()
				}
			}
		})
	}
}

// BenchmarkHardPages shows that no page is much slower than another.
func BenchmarkHardPages(b *testing.B) {
	for _, unit := range []string{"<", "</", "<!", "<!-", "-", "<script>", "<script><!--<", "<svg>", "<svg></g>", "<a b", "<a b='", "<b>", "&lt;", "<title></"} {
		page := bytes.Repeat([]byte(unit), 1<<20/len(unit))
		b.Run(unit, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(page)))
			var s scanner
			for b.Loop() {
				s.reset()
				for rest := page; len(rest) > 0; {
					n, _ := s.next(rest)
					rest = rest[n:]
				}
			}
		})
	}
}
