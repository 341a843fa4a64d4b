//go:build unix

package binary

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestExampleIsValid(t *testing.T) {
	command(t, t.TempDir(), "validate", "--config", filepath.Join(root(t), "Caddyfile.example"), "--adapter", "caddyfile").
		succeeds(t).says(t, "Valid configuration")
}

// root is the folder of the sources.
func root(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMistakeIsRefusedWithFileLineAndWhatToWrite(t *testing.T) {
	for name, mistake := range map[string]struct {
		options string // of the privacy block, which begins in line 2
		line    int
		says    string
	}{
		"UnknownOption":          {"mode enforce\ncolour blue", 4, "privacy knows mode, consent_lifetime,"},
		"LongerThanThirteen":     {"consent_lifetime 394d", 3, "write at most 393d"},
		"PurposeThatIsNone":      {"mode enforce\nlanguage fr\ncookie my_cart shopping", 5, "write one of necessary, functional, statistics, marketing"},
		"RulesThatContradict":    {"cookie my_cart necessary\ncookie other functional\ncookie my_cart marketing", 5, "keep one line"},
		"PurposeMissing":         {"cookie my_cart", 3, "as in: cookie my_cart necessary"},
		"LanguageNobodySpeaksIn": {"language tlh", 3, "write the two-letter code of an official language"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file := write(t, folder, "Sitefile", ":8080 {\nprivacy {\n"+mistake.options+"\n}\n}\n")
			command(t, folder, "validate", "--config", file, "--adapter", "caddyfile").
				fails(t).says(t, fmt.Sprintf("Sitefile:%d", mistake.line), mistake.says)
		})
	}
}

func TestMistakeInJSONIsRefusedWithWhatToWrite(t *testing.T) {
	for name, mistake := range map[string]struct{ fields, says string }{
		"UnknownField":        {`"consent_lifetyme": "10d"`, "consent_lifetyme"},
		"LongerThanThirteen":  {`"consent_lifetime": "394d"`, "write at most 393d"},
		"PurposeThatIsNone":   {`"cookies": [{"name": "a", "purpose": "shopping"}]`, "write one of necessary"},
		"RulesThatContradict": {`"cookies": [{"name": "a", "purpose": "necessary"}, {"name": "a", "purpose": "marketing"}]`, "keep one line"},
		"ModeThatIsNone":      {`"mode": "relax"`, "write enforce or observe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file := write(t, folder, "site.json", `{"apps": {"http": {"servers": {"s": {"listen": [":8080"], "routes": [{"handle": [{"handler": "privacy", `+
				mistake.fields+`}]}]}}}}}`)
			command(t, folder, "validate", "--config", file).fails(t).says(t, mistake.says)
		})
	}
}

func TestValidateWorksBesideARunningGateway(t *testing.T) {
	t.Parallel()
	g := startGateway(t, inFrontOf(newOrigin(t)))
	before := newVisitor(g).accept(t)
	for range 2 {
		g.caddy(t, "validate", "--config", "Caddyfile", "--adapter", "caddyfile").succeeds(t).says(t, "Valid configuration")
	}
	if err := before.accepted(); err != nil {
		t.Error(err)
	}
	newVisitor(g).accept(t).wantReceipts(t)
}

func TestValidateLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := write(t, folder, "Caddyfile", ":8080 {\nprivacy\n}\n")
	command(t, folder, "validate", "--config", file).succeeds(t)
	if found, err := filepath.Glob(filepath.Join(folder, "data", "caddy", "privacy", "*")); err != nil || len(found) > 0 {
		t.Errorf("validate made %s (%v)", strings.Join(found, ", "), err)
	}
}
