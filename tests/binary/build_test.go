//go:build unix

// Package binary holds the real program to its promises: Caddy is built with
// this module as xcaddy builds it, started, reloaded and killed, and spoken to
// over the network alone.
package binary

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// program is the path of the Caddy under test.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (status int) {
	if program = os.Getenv("BINARY_ISLAND"); program != "" {
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "privacy-binary-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if program, err = build(folder); err != nil {
		fmt.Fprintln(os.Stderr, "building Caddy as xcaddy does:", err)
		return 1
	}
	return m.Run()
}

// mainFile is what xcaddy writes for one plugin.
const mainFile = `package main

import (
	_ "time/tzdata"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	// plug in Caddy modules here
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	_ "%s/caddymodule"
)

func main() {
	caddycmd.Main()
}
`

// build takes the steps of `xcaddy build VERSION --with MODULE/caddymodule
// --replace MODULE=ROOT` in an empty folder, but for a `go get` without
// arguments, which has nothing left to resolve and would ask the network.
func build(folder string) (string, error) {
	described, err := exec.Command("go", "list", "-m", "-f", "{{.Path}}\n{{.Version}}\n{{.Dir}}",
		"github.com/caddy-privacy/caddy-privacy", caddyPath).Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	lines := strings.Split(string(described), "\n")
	module, root, version := lines[0], lines[2], lines[4]
	if err := os.WriteFile(filepath.Join(folder, "main.go"), fmt.Appendf(nil, mainFile, module), 0o600); err != nil {
		return "", err
	}
	binary := filepath.Join(folder, "caddy-privacy")
	for _, step := range [][]string{
		{"mod", "init", "caddy"},
		{"mod", "edit", "-replace", module + "=" + root},
		{"get", caddyPath + "@" + version},
		{"mod", "tidy", "-e"},
		{"build", "-o", binary, "-ldflags", "-w -s", "-trimpath", "-tags", "nobadger,nomysql,nopgx"},
	} {
		command := exec.Command("go", step...)
		command.Dir = folder
		command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go %s: %w\n%s", strings.Join(step, " "), err, output)
		}
	}
	return binary, nil
}

const caddyPath = "github.com/caddyserver/caddy/v2"

func TestBuiltAsXcaddyBuildsItCaddyListsTheModules(t *testing.T) {
	listed := strings.Fields(command(t, t.TempDir(), "list-modules").succeeds(t).stdout)
	for _, module := range []string{"privacy", "http.handlers.privacy", "admin.api.privacy"} {
		if !slices.Contains(listed, module) {
			t.Errorf("list-modules does not name %s", module)
		}
	}
}

func TestBuiltBinaryKnowsWhatItIsMadeOf(t *testing.T) {
	folder := t.TempDir()
	command(t, folder, "version").succeeds(t).says(t, "v2.")
	command(t, folder, "build-info").succeeds(t).says(t, "github.com/caddy-privacy/caddy-privacy", "CGO_ENABLED=0", "-trimpath")
}
