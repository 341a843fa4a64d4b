package caddymodule

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

const separator = "----------"

var update = flag.Bool("update", false, "write the JSON of testdata/adapt anew")

// adapt turns a Caddyfile into indented JSON.
func adapt(name, text string) (string, error) {
	adapter := caddyfile.Adapter{ServerType: httpcaddyfile.ServerType{}}
	result, _, err := adapter.Adapt([]byte(text), map[string]any{"filename": name})
	if err != nil {
		return "", err
	}
	var tree any
	if err := json.Unmarshal(result, &tree); err != nil {
		return "", err
	}
	indented, err := json.MarshalIndent(tree, "", "\t")
	return string(indented), err
}

// TestCaddyfileOptions holds every option and every error of the Caddyfile
// against testdata/adapt: a Caddyfile, a line of hyphens, and the JSON or a part
// of the error that it must give, parts on lines of their own. With -update the
// JSON is written anew.
func TestCaddyfileOptions(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "adapt", "*.caddyfiletest"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfiletest"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, ok := strings.Cut(string(data), "\n"+separator+"\n")
			if !ok {
				t.Fatal("no separator line")
			}
			want = strings.TrimSpace(want)
			got, err := adapt("Caddyfile", input)
			if *update && err == nil {
				want = got
				if err := os.WriteFile(file, []byte(input+"\n"+separator+"\n"+got+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			switch {
			case want == "":
				t.Error("nothing is wanted of it")
			case !strings.HasPrefix(want, "{"):
				for part := range strings.Lines(want) {
					if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(part)) {
						t.Errorf("error %v\nwant %s", err, part)
					}
				}
			case err != nil:
				t.Error(err)
			case got != want:
				t.Errorf("adapted to\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestExampleAdaptsAndIsFormatted(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "Caddyfile.example"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := adapt("Caddyfile.example", string(data)); err != nil {
		t.Error(err)
	}
	if string(caddyfile.Format(data)) != string(data) {
		t.Error("Caddyfile.example is not as `caddy fmt` writes it")
	}
}

// TestUnknownFieldsOfJSONAreRefused keeps a misspelt option from silently
// leaving a promise unkept.
func TestUnknownFieldsOfJSONAreRefused(t *testing.T) {
	for _, value := range []any{new(Gateway), new(App)} {
		decoder := json.NewDecoder(strings.NewReader(`{"consent_lifetyme": "10d"}`))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(value); err == nil {
			t.Errorf("%T took a field that it does not have", value)
		}
	}
}
