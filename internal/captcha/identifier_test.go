package captcha

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestIdentifierTellsFormsApartInWhatProvidersLetThrough(t *testing.T) {
	allowed := regexp.MustCompile(`^[A-Za-z0-9_]{1,32}$`)
	forms := []string{
		"", "/", "/contact", "/Contact", "/contact/", "contact", "/wp-login.php", "/wp_login.php",
		"/comments*", "/comments/*", "/très/long/chemin/vers/un/formulaire", "/très/long/chemin/vers/un/autre",
		"日本", "\x00", strings.Repeat("/", 1000),
	}
	var seen []string
	for _, form := range forms {
		id := Identifier(form)
		if !allowed.MatchString(id) || slices.Contains(seen, id) {
			t.Errorf("%q has the identifier %q", form, id)
		}
		seen = append(seen, id)
	}
	if got := Identifier("/wp-login.php"); !strings.HasPrefix(got, "wp_login_php_") {
		t.Errorf("nobody recognises %q", got)
	}
}
