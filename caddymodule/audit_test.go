package caddymodule

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// auditOf looks through a Caddyfile, and writes what it finds a line each.
func auditOf(t *testing.T, text string) (found []string) {
	t.Helper()
	config, err := adapt("Caddyfile", text)
	if err != nil {
		t.Fatal(err)
	}
	a, err := auditConfig([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	for kind, remarks := range map[string][]remark{"fault": a.Faults, "exception": a.Exceptions, "unchecked": a.Unchecked} {
		for _, r := range remarks {
			found = append(found, kind+" "+r.Where+": "+r.What)
		}
	}
	return found
}

// TestAuditFindsExactlyWhatIsWrong in testdata/audit: Caddyfiles, a line of hyphens, and
// the beginnings of all that there is to find.
func TestAuditFindsExactlyWhatIsWrong(t *testing.T) {
	setClock(t, time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC))
	files, err := filepath.Glob(filepath.Join("testdata", "audit", "*.caddyfiletest"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfiletest"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			config, want, _ := strings.Cut(string(data), separator)
			areTheSame(t, auditOf(t, config), slices.Collect(strings.FieldsFuncSeq(want, func(c rune) bool { return c == '\n' })))
		})
	}
}

// areTheSame compares without regard to order what was found with how it must begin.
func areTheSame(t *testing.T, found, want []string) {
	t.Helper()
	slices.Sort(found)
	slices.Sort(want)
	if !slices.EqualFunc(found, want, strings.HasPrefix) {
		t.Errorf("%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

// TestAuditOfTheDemonstration: the newspaper without the gateway is what there is to find.
func TestAuditOfTheDemonstration(t *testing.T) {
	setClock(t, time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC))
	data, err := os.ReadFile(filepath.Join("..", "Caddyfile.example"))
	if err != nil {
		t.Fatal(err)
	}
	areTheSame(t, auditOf(t, string(data)), []string{
		"fault localhost: pages are served that the gateway does not govern",
		"exception recipient google: data of Google", "exception recipient linkedin: data of LinkedIn", "exception recipient meta: data of Meta",
		"exception recipient vimeo: data of Vimeo", "exception recipient x: data of X ",
	})
}

// TestAuditKnowsGatewaysOfRoutesBefore: one without a matcher governs all routes after it.
func TestAuditKnowsGatewaysOfRoutesBefore(t *testing.T) {
	const (
		page    = `{"handle":[{"handler":"file_server"}]}`
		gateway = `{"handle":[{"handler":"privacy"}]}`
	)
	for routes, governed := range map[string]bool{
		gateway + "," + page: true,
		page + "," + gateway: false,
		`{"match":[{"path":["/a"]}],"handle":[{"handler":"privacy"}]},` + page:        false,
		`{"handle":[{"handler":"subroute","routes":[` + gateway + `]}]},` + page:      true,
		`{"group":"a","handle":[{"handler":"privacy"}]},` + page:                      false,
		`{"handle":[{"handler":"subroute","routes":[` + gateway + `,` + page + `]}]}`: true,
	} {
		a, err := auditConfig([]byte(`{"apps":{"http":{"servers":{"a":{"listen":[":80"],"routes":[` + routes + `]}}}}}`))
		if err != nil || (len(a.Faults) == 0) != governed {
			t.Errorf("%s: %+v, %v", routes, a.Faults, err)
		}
	}
}

// TestAuditNamesWhatOtherPluginsMayConnectTo: what they do, nobody here can know.
func TestAuditNamesWhatOtherPluginsMayConnectTo(t *testing.T) {
	a, err := auditConfig([]byte(`{"storage":{"module":"redis"},"apps":{"layer4":{},"pki":{},
		"events":{"subscriptions":[{"handlers":[{"handler":"exec"}]}]},
		"caddy.filesystems":{"filesystems":[{"name":"pictures","file_system":{"backend":"s3"}}]},
		"tls":{"automation":{"policies":[{"issuers":[{"module":"acme","challenges":{"dns":{"provider":{"name":"route53"}}}}],"get_certificate":[{"via":"tailscale"}]}]}},
		"http":{"servers":{"a":{"routes":[{"handle":[{"handler":"crowdsec"},{"handler":"subroute","routes":[{"handle":[{"handler":"vars"}]}]}]}]}}}},
		"logging":{"logs":{"default":{"writer":{"output":"loki"}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, r := range a.Unchecked {
		found = append(found, r.Where+": "+r.What)
	}
	areTheSame(t, found, []string{
		": handler crowdsec belongs to another plugin", "app layer4: it belongs", "events: they are given to exec", "filesystem pictures: files come from s3",
		"log default: lines are written by loki", "storage: certificates and their keys are kept by redis",
		"tls: certificates are got from Let's Encrypt", "tls: certificates are got from tailscale", "tls: entries of the DNS are set at route53",
	})
	if len(a.Faults) != 0 {
		t.Errorf("%+v", a.Faults)
	}
}

// FuzzAudit: whatever is written, the audit ends without falling.
func FuzzAudit(f *testing.F) {
	f.Add(`{"apps":{"http":{"servers":{"a":{"listen":[":80"],"routes":[{"handle":[{"handler":"subroute","routes":[{"handle":[{"handler":"reverse_proxy","upstreams":[{"dial":"8.8.8.8:80"}]}]}]}]}]}}}}}`)
	f.Add(`{"logging":{"logs":{"a":{"writer":{"output":"net","address":"{x"}}}},"apps":{"tls":{"automation":{"policies":[{"issuers":[{"module":"acme","ca":"::"}]}],"on_demand":{"permission":{"endpoint":"%"}}}},"http":{"servers":{"a":{"errors":{"routes":[{}]}}}}}}`)
	f.Add(`{"apps":{"privacy":{"transfers":{"recipients":[{"name":"a","entity":"b","country":"FR","hosts":["x.example"]}]},"store":{"redis":{"addresses":["unix//x","[::1]:1","{env.X}",""]}}}}}`)
	f.Fuzz(func(t *testing.T, config string) {
		a, err := auditConfig([]byte(config))
		if err == nil && a == nil {
			t.Error("neither an audit nor an error")
		}
	})
}
