package fields

import (
	"net/http"
	"testing"
)

const (
	farGroup = `{"group":"far","max_age":86400,"endpoints":[{"url":"https://third.example/r"}]}`
	ownGroup = `{ "group": "own", "max_age": 86400, "endpoints": [ {"url": "https://www.example.fr/r"} ] }`
	forgot   = `{"group":"far","max_age":0,"endpoints":[]}`
)

func TestReportToKeepsNoRefusedEndpoint(t *testing.T) {
	check(t, "Report-To", []row{
		{"own", line(ownGroup), line(ownGroup)},
		{"taken back, not just left out", line(farGroup), line(forgot)},
		{"one of two groups", line(ownGroup + "," + farGroup), line(ownGroup + ", " + forgot)},
		{"over two lines", []string{farGroup, ownGroup}, line(forgot + ", " + ownGroup)},
		{
			"one of two endpoints",
			line(`{"group":"g","max_age":5,"include_subdomains":true,"endpoints":[{"url":"https://third.example/","priority":1},{"url":"/r","priority":2,"weight":3}]}`),
			line(`{"group":"g","max_age":5,"include_subdomains":true,"endpoints":[{"url":"/r","priority":2,"weight":3}]}`),
		},
		{
			"mirrored",
			line(`{"max_age":5,"endpoints":[{"url":"https://cdn.example/r"}]}`),
			line(`{"max_age":5,"endpoints":[{"url":"/.privacy/mirror/cdn.example/r"}]}`),
		},
		{"escaped", line(`{"group":"far","max_age":5,"endpoints":[{"u\u0072l":"https:\/\/th\u0069rd.example"}]}`), line(forgot)},
		{
			"endpoints twice",
			line(`{"max_age":5,"endpoints":[{"url":"https://third.example"}],"endpoints":[{"url":"/r"}]}`),
			line(`{"max_age":5,"endpoints":[{"url":"/r"}]}`),
		},
		{"not a group", line(`[{"url":"https://third.example"}]`), line(forgetGroup)},
		{"unreadable", line(`{"group":"far","endpoints":[{"url":"https:\x2f\x2fthird.example"}]}`), line(forgetGroup)},
		{"empty", []string{""}, []string{""}},
	})
}

func TestErrorsAreReportedOnlyToAGroupThatIsLeft(t *testing.T) {
	const far, own = `{"report_to":"far","max_age":5,"success_fraction":1}`, `{"report_to":"own","max_age":5}`
	for _, c := range []struct{ name, reportTo, nel, want string }{
		{"group taken back", farGroup, far, forgetErrors},
		{"group left", ownGroup, own, own},
		{"one of two groups left", ownGroup + "," + farGroup, own, own},
		{"other group left", ownGroup, far, forgetErrors},
		{"group of an earlier answer", "", own, forgetErrors},
		{"default group", `{"max_age":5,"endpoints":[{"url":"/r"}]}`, `{"report_to":"default","max_age":5}`, `{"report_to":"default","max_age":5}`},
		{"group without endpoints", `{"group":"own","max_age":5,"endpoints":[]}`, own, forgetErrors},
		{"taken back by the site", "", `{"max_age":0}`, `{"max_age":0}`},
		{"unreadable", ownGroup, `{"report_to":"own"`, forgetErrors},
		{"second policy", ownGroup, own + "," + far, forgetErrors},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.Header{"Report-To": line(c.reportTo), "Nel": {c.nel}}
			Govern(h, before)
			if got := h["Nel"]; len(got) != 1 || got[0] != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			h = http.Header{"Report-To": line(c.reportTo), "Nel": {c.nel}}
			if removed := Govern(h, everything); removed != 0 || h["Nel"][0] != c.nel {
				t.Errorf("allowed: %d removed, %q", removed, h["Nel"])
			}
		})
	}
}
