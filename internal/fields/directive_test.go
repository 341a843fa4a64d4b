package fields

import "testing"

func TestPolicyReportsToNobodyRefused(t *testing.T) {
	for _, field := range []string{"Content-Security-Policy", "Content-Security-Policy-Report-Only"} {
		check(t, field, []row{
			{"own", line("default-src *; report-uri /r; report-to x"), line("default-src *; report-uri /r; report-to x")},
			{"last", line("default-src 'self'; report-uri https://third.example/r"), line("default-src 'self'")},
			{"first", line("Report-URI https://third.example/r;default-src 'self';"), line("default-src 'self'")},
			{"middle", line("img-src *; report-uri https://third.example/r; report-to x"), line("img-src *; report-to x")},
			{"one of two", line("img-src *;  report-uri  https://third.example/r   /r ; a b"), line("img-src *;  report-uri  /r ; a b")},
			{"two policies", line("img-src *; report-uri //third.example/r, report-uri /r; a b"), line("img-src *;, report-uri /r; a b")},
			{"alone", line("report-uri https://third.example/r"), nil},
			{"twice", line("report-uri /r; report-uri https://third.example/r; a b"), line("report-uri /r; a b")},
			{"mirrored", line("report-uri https://cdn.example/r; a b"), line("report-uri /.privacy/mirror/cdn.example/r; a b")},
			{"sources are no reports", line("img-src https://third.example; script-src https://third.example"), line("img-src https://third.example; script-src https://third.example")},
			{"no address", line("report-uri; a b"), line("report-uri; a b")},
			{"empty", line(" ;, ;"), line(" ;, ;")},
			{"two lines", []string{"report-uri //third.example/r", "a b"}, line("a b")},
		})
	}
}

func TestFeaturePolicyPassesNoHintsToThoseRefused(t *testing.T) {
	check(t, "Feature-Policy", []row{
		{"refused", line("ch-dpr 'self' https://third.example; camera https://third.example"), line("ch-dpr 'self'; camera https://third.example")},
		{"everybody", line("CH-DPR *; camera *, ch-width 'none'"), line("CH-DPR 'self'; camera *, ch-width 'none'")},
		{"two", line("ch-dpr https://third.example 'self' //third.example"), line("ch-dpr 'self'")},
	})
}
