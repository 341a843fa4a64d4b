package weburl

import "strings"

// cutScheme takes the scheme off text and returns it in lower case.
func cutScheme(text string) (scheme, rest string, ok bool) {
	if text == "" || !isLetter(text[0]) {
		return "", text, false
	}
	end := 1
	for end < len(text) && isSchemeByte(text[end]) {
		end++
	}
	if end == len(text) || text[end] != ':' {
		return "", text, false
	}
	return strings.ToLower(text[:end]), text[end+1:], true
}

// special reports whether the standard knows how addresses of the scheme are
// built.
func special(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp", "file":
		return true
	}
	return false
}

// defaultPort returns the port that need not be written.
func defaultPort(scheme string) string {
	switch scheme {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	case "ftp":
		return "21"
	}
	return ""
}

func isSchemeByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
