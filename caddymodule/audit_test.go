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
func auditOf(t *testing.T, text string) (faults, exceptions []string) {
	t.Helper()
	config, err := adapt("Caddyfile", text)
	if err != nil {
		t.Fatal(err)
	}
	a, err := auditConfig([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range a.Faults {
		faults = append(faults, r.Where+": "+r.What)
	}
	for _, r := range a.Exceptions {
		exceptions = append(exceptions, r.Where+": "+r.What)
	}
	return faults, exceptions
}

func TestAuditFindsExactlyWhatIsWrong(t *testing.T) {
	setClock(t, time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC))
	for _, test := range []struct {
		name, config       string
		faults, exceptions []string // beginnings
	}{
		{"one word", "www.example.fr {\n privacy\n reverse_proxy localhost:8080\n}", nil, nil},
		{"a single site on a rented server", `
			www.example.fr {
				privacy {
					mode observe
				}
				reverse_proxy app.example.fr:8080
			}
			static.example.fr {
				root /srv
				file_server
			}`,
			[]string{
				"static.example.fr: pages are served that the gateway does not govern",
				"www.example.fr: connections to app.example.fr:8080 are made by transport http",
				"www.example.fr: nothing is enforced",
			}, nil},
		{"several sites with a cluster of Redis", `
			{
				privacy {
					store redis 10.0.0.1:6379 redis.cloud.example:6379
					recipient cloud {
						entity "Cloud Inc."
						country IE
						parent US
						hosts redis.cloud.example
						terms "2026" 2026-01-01
					}
				}
			}
			(site) {
				privacy
				reverse_proxy 10.0.0.7:8080 10.0.0.8:8080
			}
			www.example.fr {
				import site
			}
			blog.example.fr {
				handle /api/* {
					reverse_proxy 8.8.8.8:80 {
						transport privacy
					}
				}
				handle {
					import site
				}
			}`,
			[]string{
				"blog.example.fr: no connection to 8.8.8.8: ",
				"blog.example.fr: pages are served that the gateway does not govern",
				"recipient cloud: it brings data to US",
				"store redis: no connection to redis.cloud.example: ",
				"store redis: receipts go to redis.cloud.example:6379 unencrypted",
			}, nil},
		{"behind a content delivery network, with what was agreed on", `
			{
				servers {
					trusted_proxies static 203.0.113.0/24
				}
				privacy {
					transfers eea
					recipient hosting {
						entity "Host AB"
						country SE
						hosts app.host.example
						terms "3" 2026-02-01
					}
					recipient pictures {
						entity "Pictures Inc."
						country US
						hosts img.example.com
						transfer dpf 2026-10-01
						terms "1" 2026-02-01
					}
					recipient old {
						entity "Old SAS"
						country FR
						hosts old.example.com
						terms "1" 2020-02-01 2021-02-01
					}
				}
			}
			www.example.fr {
				privacy {
					pages {
						except /admin/*
					}
					unknown_cookies allow
				}
				reverse_proxy https://app.host.example {
					transport privacy
				}
				reverse_proxy /img/* img.example.com:443 {
					transport privacy
				}
				reverse_proxy /dyn/* {
					dynamic srv _http._tcp.example.fr
				}
			}`,
			[]string{
				"recipient old: its terms",
				"recipient pictures: whether Pictures Inc. is certified under the EU-US Data Privacy Framework was looked up on 2026-10-01",
				"www.example.fr: connections to {dynamic srv} are made by transport http",
			},
			[]string{
				"global option privacy: data may leave the European Union: transfers eea",
				"recipient pictures: data of Pictures Inc. may go outside, on the basis dpf",
				"www.example.fr: cookies that nobody has classified",
				"www.example.fr: pages that pass as the site wrote them: pages except /admin/*",
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			faults, exceptions := auditOf(t, test.config)
			areTheSame(t, "faults", faults, test.faults)
			areTheSame(t, "exceptions", exceptions, test.exceptions)
		})
	}
}

// areTheSame compares without regard to order what was found with how it must begin.
func areTheSame(t *testing.T, what string, found, want []string) {
	t.Helper()
	slices.Sort(found)
	same := len(found) == len(want)
	for i := range min(len(found), len(want)) {
		same = same && strings.HasPrefix(found[i], want[i])
	}
	if !same {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

// TestAuditOfTheDemonstration: the newspaper without the gateway is what there is to find.
func TestAuditOfTheDemonstration(t *testing.T) {
	setClock(t, time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC))
	data, err := os.ReadFile(filepath.Join("..", "Caddyfile.example"))
	if err != nil {
		t.Fatal(err)
	}
	faults, exceptions := auditOf(t, string(data))
	areTheSame(t, "faults", faults, []string{"localhost: pages are served that the gateway does not govern"})
	areTheSame(t, "exceptions", exceptions, []string{
		"recipient google: data of Google", "recipient linkedin: data of LinkedIn", "recipient meta: data of Meta",
		"recipient vimeo: data of Vimeo", "recipient x: data of X ",
	})
}

// FuzzAudit: whatever is written, the audit ends without falling.
func FuzzAudit(f *testing.F) {
	f.Add(`{"apps":{"http":{"servers":{"a":{"listen":[":80"],"routes":[{"handle":[{"handler":"subroute","routes":[{"handle":[{"handler":"reverse_proxy","upstreams":[{"dial":"8.8.8.8:80"}]}]}]}]}]}}}}}`)
	f.Add(`{"apps":{"privacy":{"transfers":{"recipients":[{"name":"a","entity":"b","country":"FR","hosts":["x.example"]}]},"store":{"redis":{"addresses":["unix//x","[::1]:1","{env.X}",""]}}}}}`)
	f.Fuzz(func(t *testing.T, config string) {
		a, err := auditConfig([]byte(config))
		if err == nil && a == nil {
			t.Error("neither an audit nor an error")
		}
	})
}
