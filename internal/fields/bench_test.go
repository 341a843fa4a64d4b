package fields

import (
	"maps"
	"net/http"
	"testing"
)

// benchmark governs the same header again and again. It must be one that stays
// as it is, or be restored.
func benchmark(b *testing.B, h http.Header, judge Judge, restored bool) {
	b.ReportAllocs()
	original := maps.Clone(h)
	for b.Loop() {
		Govern(h, judge)
		if restored {
			maps.Copy(h, original)
		}
	}
}

// BenchmarkOrdinaryAnswer has none of the fields, as most answers.
func BenchmarkOrdinaryAnswer(b *testing.B) { benchmark(b, ordinary(), before, false) }

func BenchmarkPolicyThatStays(b *testing.B) {
	h := ordinary()
	h["Content-Security-Policy"] = []string{"default-src 'self'; img-src *; script-src 'self' 'nonce-abc' 'strict-dynamic'; report-to csp"}
	benchmark(b, h, before, false)
}

func BenchmarkLinksThatStay(b *testing.B) {
	h := ordinary()
	h["Link"] = []string{`</wp-json/>; rel="https://api.w.org/", </style.css>; rel=preload; as=style, <https://example.fr/?p=1>; rel=shortlink`}
	benchmark(b, h, before, false)
}

func BenchmarkLinkCut(b *testing.B) {
	h := ordinary()
	h["Link"] = []string{`</style.css>; rel=preload; as=style, <https://third.example>; rel=preconnect, </a.js>; rel=modulepreload`}
	benchmark(b, h, before, true)
}

func BenchmarkReportsTakenBack(b *testing.B) {
	h := ordinary()
	h["Report-To"] = []string{farGroup}
	h["Nel"] = []string{`{"report_to":"far","max_age":5}`}
	benchmark(b, h, before, true)
}

func BenchmarkEveryField(b *testing.B) { benchmark(b, everyField(), before, true) }
