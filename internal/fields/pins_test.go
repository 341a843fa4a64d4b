package fields

import "testing"

func TestCertificatesAreReportedToNobodyRefused(t *testing.T) {
	for _, field := range []string{"Expect-Ct", "Public-Key-Pins", "Public-Key-Pins-Report-Only"} {
		check(t, field, []row{
			{"own", line(`max-age=5, enforce, report-uri="/r"`), line(`max-age=5, enforce, report-uri="/r"`)},
			{"quoted", line(`max-age=5, enforce, report-uri="https://third.example/r"`), nil},
			{"not quoted", line(`pin-sha256="x"; Report-URI = https://third.example/r; max-age=5`), nil},
			{"second", line(`report-uri="/r", report-uri="https://third.example/r"`), nil},
			{"quote left open", line(`report-uri="https://third.example/r`), nil},
			{"no address", line(`max-age=5; report-uri`), line(`max-age=5; report-uri`)},
			{"none", line(`max-age=5`), line(`max-age=5`)},
		})
	}
}
