package page

import "testing"

func TestScannable(t *testing.T) {
	for contentType, want := range map[string][2]bool{
		"text/html":                                {true, false},
		"Text/HTML ; Charset=UTF-8":                {true, true},
		`text/html; charset="utf-8"`:               {true, true},
		"text/html; charset='windows-1252'":        {true, true},
		"text/html;charset=Shift_JIS;x=y":          {true, true},
		"text/html;charset=gb18030":                {true, true},
		"text/html; charset=":                      {true, false},
		"text/html; charset":                       {true, false},
		"text/html; x=y; charset=big5":             {true, true},
		"text/html; charset=utf-8; charset=utf-16": {true, true},
		"text/html; charset=UTF-16":                {false, true},
		"text/html; charset=utf-16le":              {false, true},
		"text/html; charset=UTF-32":                {false, true},
		"text/html; charset=utf-7":                 {false, true},
		"text/html; charset=ISO-2022-JP":           {false, true},
		"text/html; charset=csISO2022JP":           {false, true},
		"text/html; charset=HZ-GB-2312":            {false, true},
		"text/html; charset=ISO-10646-UCS-2":       {false, true},
		"application/xhtml+xml":                    {false, false},
		"application/xhtml+xml; charset=utf-8":     {false, false},
		"image/svg+xml":                            {false, false},
		"text/htmlx":                               {false, false},
		"text/plain; x=text/html":                  {false, false},
		"application/json":                         {false, false},
		"":                                         {false, false},
	} {
		if ok, declared := Scannable(contentType); ok != want[0] || declared != want[1] {
			t.Errorf("%q: scannable %v, declared %v", contentType, ok, declared)
		}
	}
}

func TestDeclaredCharset(t *testing.T) {
	for markup, want := range map[string]string{
		"<meta charset=utf-8>":           "utf-8",
		"<META CHARSET=' ISO-8859-15 '>": "iso-8859-15",
		"<meta name=x>":                  "",
		"<meta charset='a b'>":           "",
		"<meta charset='\"><script>'>":   "",
		"<meta charset=" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + ">":    "",
		"<meta http-equiv=Content-Type content='text/html;charset=koi8-r;x'>":   "koi8-r",
		"<meta http-equiv=Content-Type content='CharSet = \"x-sjis\"'>":         "x-sjis",
		"<meta http-equiv=Content-Type content='text/html'>":                    "",
		"<meta http-equiv=Content-Type content='text/html; charset'>":           "",
		"<meta http-equiv=Content-Type content='text/html; charset='>":          "",
		"<meta http-equiv=Content-Type>":                                        "",
		"<meta http-equiv=refresh content='0; charset=utf-8'>":                  "",
		"<meta content='text/html; charset=big5' http-equiv=\"content-type\" >": "big5",
	} {
		var s scanner
		s.next([]byte(markup))
		if got := declaredCharset(&s.tag); got != want {
			t.Errorf("%s: got %q, want %q", markup, got, want)
		}
	}
}
