// Package house holds the code to the rules of the house: who may know whom,
// and what nobody may use.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/caddy-privacy/caddy-privacy/"
)

// rooms lists the rooms of internal/, each with those it may know. A room that
// is missing here has no place in the house yet.
var rooms = map[string][]string{
	"cookie":           {},
	"catalogue":        {},
	"weburl":           {},
	"policy":           {"catalogue", "cookie", "weburl"},
	"stylesheet":       {},
	"fields":           {},
	"disclosure":       {},
	"dialect":          {"cookie"},
	"csp":              {"weburl"},
	"page":             {"csp", "dialect", "stylesheet", "weburl"},
	"mirror":           {"stylesheet", "weburl"},
	"ui":               {"dialect"},
	"store":            {},
	"store/embedded":   {"store"},
	"store/redis":      {"store", "store/embedded"},
	"consent":          {"policy", "cookie", "store"},
	"transfer":         {"weburl"},
	"captcha":          {},
	"webhook":          {"store"},
	"captcha/form":     {},
	"captcha/route":    {},
	"captcha/sealed":   {},
	"captcha/client":   {"captcha/form"},
	"captcha/provider": {"captcha"},
	"captcha/work":     {"captcha", "store"},
	"captcha/pass":     {"captcha", "store"},

	"captcha/pressure": {"captcha"},
	"captcha/throttle": {},
}

// ofTests are rooms that tests alone use, kept apart because several suites do.
var ofTests = []string{"internal/store/storetest/", "internal/captcha/work/worktest/", "internal/captcha/captchatest/"}

// source is one Go file that is not a test.
type source struct {
	path string // below the root
	file *ast.File
	set  *token.FileSet
}

func sources(t *testing.T, folder string) []source {
	t.Helper()
	var found []source
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		found = append(found, source{filepath.ToSlash(relative), file, set})
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files in %s, %v", len(found), folder, err)
	}
	return found
}

// ofTests holds for code that tests alone use.
func (s source) ofTests() bool {
	return slices.ContainsFunc(ofTests, func(room string) bool { return strings.HasPrefix(s.path, room) })
}

func (s source) imports() []string {
	var paths []string
	for _, spec := range s.file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// selects lists the uses of package.Name in a file, as "package.Name".
func (s source) selects() map[string]token.Pos {
	uses := make(map[string]token.Pos)
	ast.Inspect(s.file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if of, ok := selector.X.(*ast.Ident); ok {
				uses[of.Name+"."+selector.Sel.Name] = selector.Pos()
			}
			uses["."+selector.Sel.Name] = selector.Pos()
		}
		return true
	})
	return uses
}

func TestNothingInsideKnowsCaddy(t *testing.T) {
	for _, s := range sources(t, "internal") {
		for _, path := range s.imports() {
			if strings.Contains(path, "caddyserver") || strings.HasPrefix(path, module+"caddymodule") {
				t.Errorf("%s imports %s", s.path, path)
			}
		}
	}
}

func TestRoomsKnowOnlyWhomTheyMay(t *testing.T) {
	for _, s := range sources(t, "internal") {
		room := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(s.path)), "internal/")
		if s.ofTests() {
			continue
		}
		may, known := rooms[room]
		if !known {
			t.Errorf("internal/%s is a room without a place in the list", room)
		}
		for _, path := range s.imports() {
			other, inside := strings.CutPrefix(path, module+"internal/")
			if inside && !slices.Contains(may, other) {
				t.Errorf("%s imports internal/%s", s.path, other)
			}
		}
	}
}

func TestClocksAreInjected(t *testing.T) {
	for _, s := range sources(t, "internal") {
		if s.ofTests() {
			continue
		}
		if at, ok := s.selects()["time.Now"]; ok {
			t.Errorf("%s reads the clock by itself", s.set.Position(at))
		}
	}
}

// TestCookiesAreReadAsBrowsersReadThem keeps out net/http's parser, which drops
// what it does not understand and would let it pass unseen.
func TestCookiesAreReadAsBrowsersReadThem(t *testing.T) {
	for _, folder := range []string{"internal", "caddymodule"} {
		for _, s := range sources(t, folder) {
			uses := s.selects()
			for _, name := range []string{"http.SetCookie", "http.ParseCookie", "http.ParseSetCookie", "r.Cookies", "r.Cookie", ".CookiesNamed", ".AddCookie"} {
				if at, ok := uses[name]; ok {
					t.Errorf("%s uses %s", s.set.Position(at), name)
				}
			}
		}
	}
}

// TestEveryConnectionGoesThroughTheGuard: nothing outside the room of transfers makes
// one by itself, so that no data leave unseen.
func TestEveryConnectionGoesThroughTheGuard(t *testing.T) {
	ways := []string{
		"net.Dial", "net.DialTimeout", "net.DialTCP", "net.DialUDP", "net.DialIP", "net.DialUnix", "net.Dialer", "net.ListenUDP", "net.ListenPacket",
		"net.Resolver", "net.DefaultResolver", "net.LookupHost", "net.LookupIP", "net.LookupAddr", "net.LookupCNAME", "net.LookupTXT", "net.LookupMX",
		"http.Get", "http.Head", "http.Post", "http.PostForm", "http.DefaultClient", "http.DefaultTransport", "http.Client", "http.Transport", "http.ProxyFromEnvironment",
		"tls.Dial", "tls.DialWithDialer", "tls.Dialer", "smtp.Dial", "smtp.SendMail", "exec.Command", "exec.CommandContext", "syscall.Socket", "unix.Socket",
	}
	allowed := map[string][]string{
		// Settings that the guard's dialer connects by, and the name servers that the
		// owner writes.
		"caddymodule/transport.go": {"net.Dialer", "net.Resolver"},
		"caddymodule/store.go":     {"net.Dialer"},
		// A proxy that the owner has set for the fetching of libraries; the guard makes
		// the connection to it.
		"caddymodule/mirror.go": {"net.Dialer", "http.Transport", "http.ProxyFromEnvironment"},
	}
	for _, folder := range []string{"internal", "caddymodule"} {
		for _, s := range sources(t, folder) {
			if strings.HasPrefix(s.path, "internal/transfer/") || s.ofTests() {
				continue
			}
			uses := s.selects()
			for _, way := range ways {
				if at, ok := uses[way]; ok && !slices.Contains(allowed[s.path], way) {
					t.Errorf("%s uses %s: connect by a transfer.Dialer", s.set.Position(at), way)
				}
			}
		}
	}
}
