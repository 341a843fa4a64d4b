//go:build unix

package binary

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// spoken is what a command said and how it ended.
type spoken struct {
	stdout, stderr string
	status         int
}

// command runs the program to its end, with folder as its home and place.
func command(t *testing.T, folder string, arguments ...string) spoken {
	t.Helper()
	// Two minutes are never used up, but by a command that hangs.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, arguments...)
	c.Dir, c.Env = folder, environment(folder)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("caddy %s: %v %v\n%s", strings.Join(arguments, " "), err, ctx.Err(), &stderr)
	}
	return spoken{stdout.String(), stderr.String(), c.ProcessState.ExitCode()}
}

// environment keeps everything that Caddy writes in one folder.
func environment(folder string) []string {
	return append(os.Environ(),
		"HOME="+folder,
		"XDG_DATA_HOME="+filepath.Join(folder, "data"),
		"XDG_CONFIG_HOME="+filepath.Join(folder, "config"))
}

func (s spoken) succeeds(t *testing.T) spoken {
	t.Helper()
	if s.status != 0 {
		t.Fatalf("it ended with %d:\n%s", s.status, s.stderr)
	}
	return s
}

func (s spoken) fails(t *testing.T) spoken {
	t.Helper()
	if s.status == 0 {
		t.Fatalf("it succeeded:\n%s", s.stdout)
	}
	return s
}

// says fails the test unless each text stands in what was said.
func (s spoken) says(t *testing.T, texts ...string) spoken {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.stdout+s.stderr, text) {
			t.Errorf("it does not say %q:\n%s%s", text, s.stdout, s.stderr)
		}
	}
	return s
}

// write puts a file into a folder and returns its path.
func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the text of a file.
func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
