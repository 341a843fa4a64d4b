package cookie

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// requests are places from which every kind of scope is visible.
var requests = []origin{
	{"example.fr", "/", true},
	{"www.example.fr", "/a/b/c", true},
	{"www.example.fr", "/a/b/", false},
	{"a.b.c.example.co.uk", "/x//y/%2F", true},
	{"me.github.io", "/page.html", true},
	{"github.io", "/a", true},
	{"localhost", "/a/b", false},
	{"intranet", "/a/b", true},
	{"127.0.0.1", "/a/b", false},
	{"2001:db8::1", "/a", true},
}

// written is the host as a request has it.
func (o origin) written() string {
	if strings.Contains(o.host, ":") {
		return "[" + o.host + "]:8443"
	}
	return strings.ToUpper(o.host) + ":8080"
}

// fill puts a cookie of that name in every scope that is visible to a request,
// trying every parent domain and every prefix of its path.
func (j *jar) fill(name string, to origin) {
	domains := []string{""}
	for d := to.host; d != ""; _, d, _ = strings.Cut(d, ".") {
		domains = append(domains, d)
	}
	for _, d := range domains {
		for end := 1; end <= len(to.path); end++ {
			line := name + "=full; Path=" + to.path[:end]
			if d != "" {
				line += "; Domain=" + d
			}
			if !to.secure {
				j.store(line, to, day)
				continue
			}
			j.store(line+"; Secure; HttpOnly", to, day)
			j.store(line+"; Secure; HttpOnly; Partitioned", to, day)
		}
	}
	j.cookies = slices.DeleteFunc(j.cookies, func(c stored) bool { return !j.visible(c, to, day) })
}

func TestWithdrawalDeletesTheCookieWhereverItLives(t *testing.T) {
	for _, to := range requests {
		for _, name := range []string{"_ga", "", "é {}", "__Secure-x", "__HOST-x", "__Http-x", "__Host-Http-x"} {
			var j jar
			j.fill(name, to)
			if len(j.cookies) == 0 && (to.secure || prefixOf(name)&securePrefix == 0) {
				t.Fatalf("%v: nothing to delete for %q", to, name)
			}
			j.fill("other", to)
			others := strings.Count(j.send(to, day), "other=")
			for line := range Deletions(name, to.written(), to.path, to.secure) {
				if _, ok := Parse(line, day); !ok || !j.store(line, to, day) {
					t.Errorf("%v: the browser ignores %q", to, line)
				}
			}
			if left := j.send(to, day); strings.Count(left, "=full") != others || strings.Count(left, "other=") != others {
				t.Errorf("%v: deleting %q leaves %q", to, name, left)
			}
		}
	}
}

func TestLikeliestScopesComeFirst(t *testing.T) {
	var got []string
	for line := range Deletions("_ga", "www.shop.example.fr", "/a/b", true) {
		line = strings.Replace(line, "; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure", "", 1)
		got = append(got, strings.TrimPrefix(line, "_ga=; "))
	}
	want := []string{
		"Path=/", "Path=/; Domain=example.fr", "Path=/; Domain=www.shop.example.fr", "Path=/; Domain=shop.example.fr",
		"Path=/a", "Path=/a; Domain=example.fr", "Path=/a; Domain=www.shop.example.fr", "Path=/a; Domain=shop.example.fr",
		"Path=/a/", "Path=/a/; Domain=example.fr", "Path=/a/; Domain=www.shop.example.fr", "Path=/a/; Domain=shop.example.fr",
		"Path=/a/b", "Path=/a/b; Domain=example.fr", "Path=/a/b; Domain=www.shop.example.fr", "Path=/a/b; Domain=shop.example.fr",
	}
	for _, line := range slices.Clip(want) {
		want = append(want, line+"; SameSite=None; Partitioned")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestNamesThatNoLineCanCarryAreLeftOut(t *testing.T) {
	for _, name := range []string{"a;b", "a=b", "a\x00", "a\r\nSet-Cookie: b", " a", "a\t", strings.Repeat("x", 257)} {
		for line := range Deletions(name, "example.fr", "/", true) {
			t.Errorf("%q: %q", name, line)
		}
		if lines := Sweep([]string{name}, "example.fr", "/", true, 0, 30); len(lines) != 0 {
			t.Errorf("%q: %q", name, lines)
		}
	}
	for _, name := range []string{"__Secure-a", "__host-a"} {
		for line := range Deletions(name, "example.fr", "/", false) {
			t.Errorf("over http: %q", line)
		}
	}
}

func TestRequestCannotMakeTheResponseGrowWithoutEnd(t *testing.T) {
	host := strings.Repeat("a.", 100) + "example.fr"
	path := strings.Repeat("/x", 5000)
	n := 0
	for range Deletions("_ga", host, path, true) {
		n++
	}
	if most := 2 * maxDepth * 2 * maxDepth; n > most {
		t.Errorf("%d lines, at most %d are meant", n, most)
	}
	for _, host := range []string{"exa mple.fr", "a;b.fr", "a\r\n.fr", "", "[", "[::1", "..", ".fr", "é.fr"} {
		for line := range Deletions("_ga", host, "/", true) {
			if strings.Contains(line, "Domain") {
				t.Errorf("host %q: %q", host, line)
			}
		}
	}
	for _, path := range []string{"", "*", "/\r\n", "/a b", "a"} {
		for line := range Deletions("_ga", "localhost", path, false) {
			if !strings.HasPrefix(line, "_ga=; Path=/; ") {
				t.Errorf("path %q: %q", path, line)
			}
		}
	}
}

func TestSweepWorksThroughEveryScopeWithinItsBudget(t *testing.T) {
	to := origin{"www.shop.example.fr", "/a/b", true}
	scopes := len(slices.Collect(Deletions("n", to.host, to.path, to.secure)))
	for _, size := range []int{1, 4, 16} {
		for _, budget := range []int{2, 5, 30} {
			var j jar
			var names []string
			for i := range size {
				names = append(names, fmt.Sprintf("n%d", i))
				j.fill(names[i], to)
			}
			names = append(names, "__Host-n")
			j.fill("__Host-n", to)
			groups := (len(names) + budget - 1) / budget
			turns := groups * (min(len(names), budget)*scopes/((budget+2)/3) + 1)
			for turn := range turns {
				lines := Sweep(names, to.written(), to.path, true, uint(turn), budget)
				if len(lines) > budget || len(lines) == 0 {
					t.Fatalf("%d names: %d lines, budget %d", size, len(lines), budget)
				}
				for _, line := range lines {
					j.store(line, to, day)
				}
			}
			if len(j.cookies) > 0 {
				t.Errorf("%d names, budget %d: %d cookies left after %d turns, as %v",
					size, budget, len(j.cookies), turns, j.cookies[0].key)
			}
		}
	}
}

func TestSweepBeginsWithTheLikeliestScopesOfEveryName(t *testing.T) {
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprintf("n%d", i))
	}
	for turn := range uint(12) {
		var likely int
		seen := map[string]bool{}
		for _, line := range Sweep(names, "www.example.fr", "/a", true, turn, 31) {
			if seen[line] {
				t.Errorf("turn %d repeats %q", turn, line)
			}
			seen[line] = true
			if strings.Contains(line, "; Path=/; ") && !strings.Contains(line, "Partitioned") && !strings.Contains(line, "www") {
				likely++
			}
		}
		if likely != 20 || len(seen) != 31 {
			t.Errorf("turn %d: %d lines, %d of them likely", turn, len(seen), likely)
		}
	}
	for _, budget := range []int{1, 0, -1} {
		if lines := Sweep(names, "example.fr", "/", true, 0, budget); lines != nil {
			t.Errorf("budget %d: %q", budget, lines)
		}
	}
}

func FuzzDeletions(f *testing.F) {
	f.Add("_ga", "www.example.fr:8080", "/a/b", true)
	f.Add("", "[::1]:80", "//", true)
	f.Add("__Host-x", "a.b.co.uk", "/%00/;/x", true)
	f.Add("a;b\r\n", "x;y", "/a\r\nb", false)
	f.Add("__http-", "example.fr.", "/é/\x7f", false)
	f.Fuzz(func(t *testing.T, name, host, path string, secure bool) {
		for line := range Deletions(name, host, path, secure) {
			to := origin{hostname(host), path, secure}
			var j jar
			r, ok := j.read(line, day)
			if !ok || r.name != name || !r.persistent || r.expiry.After(day) || !j.keep(r, to, day) {
				t.Fatalf("Deletions(%q, %q, %q) yields %q", name, host, path, line)
			}
			if c, ok := Parse(line, day); !ok || !c.Deletes() || c.Name != name {
				t.Fatalf("Deletions(%q, %q, %q) yields %q", name, host, path, line)
			}
		}
	})
}

func BenchmarkSweep(b *testing.B) {
	names := []string{"_ga", "_ga_ABC", "_fbp", "_gcl_au", "_clck", "_uetvid"}
	b.ReportAllocs()
	for b.Loop() {
		Sweep(names, "www.example.fr", "/2026/11/article", true, 3, 30)
	}
}
