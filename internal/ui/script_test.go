package ui

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/caddy-privacy/caddy-privacy/internal/dialect"
)

// runs tests a script as browsers get it; the cases are in the file.
func runs(t *testing.T, script, cases string) {
	t.Helper()
	node := exec.Command("node", cases)
	node.Stdin = strings.NewReader(script)
	if out, err := node.CombinedOutput(); err != nil {
		t.Fatalf("node (needed for this test): %v\n%s", err, out)
	}
}

func TestPanelSendsTheChoiceAndPassesItOn(t *testing.T) { runs(t, panelText, "testdata/panel.js") }

func TestLinkKnowsOtherLinksAndNewerChoices(t *testing.T) { runs(t, linkText, "testdata/link.js") }

func TestScriptsAndStyleStayUnder12KilobytesCompressed(t *testing.T) {
	n := 0
	for _, text := range []string{guardText, panelText, linkText, entriesText, askStyle} {
		n += gzipped(t, []byte(text))
	}
	if n > 12<<10 {
		t.Errorf("they take %d bytes compressed, %d at most", n, 12<<10)
	}
}

func TestEntriesAreToldByNameAndOnlyWhereTheBrowserAgrees(t *testing.T) {
	runs(t, entriesText, "testdata/entries.js")
}

// TestEveryInsertedScriptIsHashedAsSent reads them as a browser does.
func TestEveryInsertedScriptIsHashedAsSent(t *testing.T) {
	text := AppendGuard(nil, NewRules("_ga", "", "session", nil, nil), "example.fr", 1)
	text = append(Banner("en", samplePurposes()).Append(text, "/", true), Link("en", true)...)
	var hashes []string
	tokens := html.NewTokenizer(strings.NewReader(string(text)))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		if name, _ := tokens.TagName(); kind == html.StartTagToken && string(name) == "script" {
			tokens.Next()
			hashes = append(hashes, sourceHash(string(tokens.Raw())))
		}
	}
	if !slices.Equal(hashes, Scripts()) {
		t.Errorf("sent %v, allowed %v", hashes, Scripts())
	}
}

func TestLinkKnowsTheSettingsOfOtherTools(t *testing.T) {
	scripts := elements(t, Link("en", false), "script")
	if len(scripts) != 1 || attribute(scripts[0], "data-settings") != dialect.Settings {
		t.Errorf("got %v", scripts)
	}
}

func TestOnlyWhoIsAskedGetsTheScriptThatAsks(t *testing.T) {
	for _, lang := range Languages() {
		if quiet, asks := string(Link(lang, false)), string(Link(lang, true)); asks != quiet+"<script data-entries>"+entriesText+"</script>" {
			t.Errorf("%s: %s", lang, asks)
		}
	}
}

func TestPanelIsTheSameButForTheMark(t *testing.T) {
	panel := Banner("en", samplePurposes())
	lacking, whole := string(panel.Append(nil, "/a", true)), string(panel.Append(nil, "/a", false))
	if lacking != whole+"<template data-held></template>" {
		t.Errorf("the mark is not all that differs: %.200s", strings.TrimPrefix(lacking, whole))
	}
}

func TestAnswerReadsAsThePanelExpects(t *testing.T) {
	rules := NewRules("", "", "session", []string{"necessary"}, nil)
	text, err := json.Marshal(Answer{State: "refused", Reload: true, Signals: rules.Signals})
	want := `{"state":"refused","reload":true,"signals":` + string(appendSignals(nil, []string{"necessary"}, nil)) + `}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}
