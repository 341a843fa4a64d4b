package transfer

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func tableOf(list string) (*table, error) {
	var b builder
	err := readList(&b, []byte(list))
	return b.table(), err
}

func TestListsOfEveryMakerAreRead(t *testing.T) {
	for maker, list := range map[string]string{
		"ip-location-db":         "192.0.2.0,192.0.2.127,FR\n192.0.2.128,192.0.2.255,DE\n2001:db8::,2001:db8::ffff,SE\n",
		"DB-IP":                  "\"192.0.2.0\",\"192.0.2.127\",\"FR\"\r\n\"192.0.2.128\",\"192.0.2.255\",\"DE\"\r\n\"2001:db8::\",\"2001:db8::ffff\",\"SE\"\r\n",
		"IP2Location":            "\"0\",\"3221225983\",\"-\",\"-\"\n\"3221225984\",\"3221226111\",\"FR\",\"France\"\n\"3221226112\",\"3221226239\",\"DE\",\"Germany\"\n2001:db8::,2001:db8::ffff,SE,x",
		"IPinfo":                 "network,country,country_code,continent\n192.0.2.0/25,France,FR,Europe\n192.0.2.128/25,\"Germany, Republic\",DE,Europe\n2001:db8::/112,Sweden,SE,Europe\n",
		"Tor":                    "# made of\n# other data\n3221225984,3221226111,FR\n3221226112,3221226239,DE\n# and\n2001:db8::,2001:db8::ffff,SE\n3221226240,3221226240,??\n",
		"with a network at once": "start,end,code\n192.0.2.0/25,FR\n192.0.2.128/25,DE\n2001:db8::/112,SE",
	} {
		table, err := tableOf(list)
		if err != nil {
			t.Errorf("%s: %v", maker, err)
			continue
		}
		for text, want := range map[string]Country{
			"192.0.1.255": "", "192.0.2.0": "FR", "192.0.2.127": "FR", "192.0.2.128": "DE", "192.0.2.255": "DE", "192.0.3.0": "", "0.0.0.0": "", "255.255.255.255": "",
			"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff": "", "2001:db8::": "SE", "2001:db8::ffff": "SE", "2001:db8::1:0": "", "::": "", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": "",
		} {
			if got := table.country(netip.MustParseAddr(text)); got != want {
				t.Errorf("%s: %s in %q, want %q", maker, text, got, want)
			}
		}
		checkTable(t, table)
	}
}

func TestDamagedListsAreRefusedWithTheirLine(t *testing.T) {
	const good = "192.0.2.0,192.0.2.255,FR\n"
	for list, want := range map[string]string{
		good + "192.0.3.0,192.0.3":                          "line 2: no range",
		good + "192.0.3.0,192.0.3.255":                      "line 2: no country",
		good + "192.0.3.0,192.0.3.255,":                     "",
		good + "192.0.3.0,192.0.3.255,France":               "line 2: no country",
		good + "192.0.3.0,192.0.3.255,fr":                   "line 2: no country",
		good + "192.0.3.255,192.0.3.0,FR":                   "line 2: the range",
		good + "192.0.3.0,2001:db8::,FR":                    "line 2: the range",
		good + "192.0.2.255,192.0.3.0,FR":                   "line 2: ranges overlap",
		good + "192.0.1.0,192.0.1.255,FR":                   "line 2: ranges overlap",
		good + good:                                         "line 2: ranges overlap",
		good + "192.0.3.0/33,FR":                            "line 2: no range",
		good + "fe80::1%eth0,fe80::2%eth0,FR":               "line 2: no range",
		good + "42540766411282592856903984951653826560,1,S": "line 2: no range",
		good + "4294967296,4294967297,FR":                   "line 2: no range",
		good + "\"192.0.3.0":                                "line 2",
		good + "\x00\x01\x02":                               "line 2: no range",
		"first,last,code\nfirst,last,code":                  "line 2: no range",
		good + "255.255.255.255,255.255.255.255,FR\n255.255.255.255,255.255.255.255,FR":                                                         "line 3: ranges",
		"ffff::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,FR\nffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,DE": "line 2: ranges",
	} {
		_, err := tableOf(list)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", list, err, want)
		}
	}
}

func TestListsSayWhenTheyWereMade(t *testing.T) {
	at := time.Date(2026, time.June, 25, 4, 33, 59, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"# Tor\n#\n# Generated: Thu, 25 Jun 2026 04:33:59 GMT\r\n1,2,FR\n": at,
		"1,2,FR\n# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n":             {},
		"# Generated: today\n": {}, "#": {}, "": {},
	} {
		if got := generated([]byte(text)); !got.Equal(want) {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestRangesAreBounded(t *testing.T) {
	var b builder
	b.v4.begin = make([]position, maxRanges)
	addr := netip.MustParseAddr("192.0.2.1")
	if err := b.add(addr, addr, "FR"); err != errSize {
		t.Error(err)
	}
}

// checkTable holds a table to what look-ups rely on.
func checkTable(t testing.TB, table *table) {
	t.Helper()
	if !slices.IsSorted(table.v4) || !slices.IsSortedFunc(table.v6, func(a, b position) int {
		if a.less(b) {
			return -1
		}
		return 1
	}) {
		t.Error("not in order")
	}
	if len(table.v4) != len(table.codes4) || len(table.v6) != len(table.codes6) {
		t.Error("countries and ranges differ in number")
	}
	for _, text := range []string{"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"} {
		if c := table.country(netip.MustParseAddr(text)); c != "" && codeOf(c) == 0 {
			t.Errorf("%s in %q", text, c)
		}
	}
}

func FuzzList(f *testing.F) {
	for _, seed := range []string{
		"192.0.2.0,192.0.2.127,FR\n192.0.2.128,192.0.2.255,DE\n", "network,country\n192.0.2.0/25,FR\n", "# x\n1,2,??\n2001:db8::,2001:db8::1,US\n",
		"0.0.0.0/0,FR\n::/0,DE", "\"a", "::ffff:1.2.3.4,::ffff:1.2.3.5,FR",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		generated([]byte(list))
		table, err := tableOf(list)
		if err != nil {
			return
		}
		checkTable(t, table)
		// Each line is found again, with what may be unknown or of another family aside.
		for line := range strings.Lines(list) {
			var b builder
			if readList(&b, []byte("1.1.1.1,1.1.1.1,ZZ\n"+line)) != nil || len(b.v4.begin)+len(b.v6.begin) == 0 {
				continue
			}
			fields := strings.Split(strings.TrimSpace(line), ",")
			if first, err := netip.ParseAddr(fields[0]); err == nil && len(fields) == 3 && codeOf(Country(fields[2])) != 0 {
				if got := table.country(first.Unmap()); got != Country(fields[2]) {
					t.Errorf("%q: %s in %q", list, first, got)
				}
			}
		}
	})
}
