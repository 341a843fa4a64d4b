package fields

import "testing"

func TestRefreshNeverLeadsToARefusedAddress(t *testing.T) {
	const far = "https://third.example/"
	for _, value := range []string{
		"5; url=" + far, "5;url=" + far, "0,url=" + far, "5 url=" + far, "5 " + far, "5;" + far, "  5 ;  URL  =  " + far,
		"5; url='" + far + "'x", `5; url="` + far + `"`, "5; '" + far + "'", "1.5.2; url=" + far, ".5; url=" + far,
		"5; uRl" + "='" + far, "5; ur" + far, "5; url" + far, "5;\t//third.example/", "x; url=" + far, "5x; url=" + far, "; url=" + far,
	} {
		check(t, "Refresh", []row{{value, line(value), nil}})
	}
	check(t, "Refresh", []row{
		{"joined by browsers", []string{"5; url=https:", "third.example/"}, nil},
		{"second line, which browsers do not read", []string{"5; url='/a'", "0; url=" + far}, nil},
	})
}

func TestOwnRefreshStays(t *testing.T) {
	for _, value := range []string{"5", "0; url=", "5; url=/next", "300; url=https://www.example.fr/?a=b", "no refresh", "", "5; url='/a'https://third.example/"} {
		check(t, "Refresh", []row{{value, []string{value}, []string{value}}})
	}
	check(t, "Refresh", []row{
		{"two lines", []string{"5", "6"}, []string{"5", "6"}},
		{"mirrored", line("5; url='https://cdn.example/x' "), line("5; url='/.privacy/mirror/cdn.example/x' ")},
	})
}
