package disclosure

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// How many bits of an address are left of it: half of one of IPv4, as the CNIL asks of
// audience measurement without consent, and of IPv6 the network of a customer of a provider.
const (
	bitsV4 = 16
	bitsV6 = 48
)

// addressFields hold addresses of visitors, by convention or by the custom of one
// vendor, in one value or in a list with commas.
var addressFields = []string{
	"X-Forwarded-For", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Original-Forwarded-For", "X-Originating-Ip",
	"X-Remote-Ip", "X-Remote-Addr", "X-Forwarded", "Forwarded-For", "Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Cf-Connecting-Ipv6",
	"Cf-Pseudo-Ipv4", "Fastly-Client-Ip", "Fly-Client-Ip", "Do-Connecting-Ip", "X-Envoy-External-Address", "X-Appengine-User-Ip",
	"X-Appengine-Remote-Addr", "X-Azure-Clientip", "X-Azure-Socketip", "X-Vercel-Forwarded-For", "X-Nf-Client-Connection-Ip",
	"X-Sucuri-Clientip", "X-Arr-Clientip", "Cloudfront-Viewer-Address", "Ali-Cdn-Real-Ip", "Cdn-Src-Ip", "X-Coming-From", "Wl-Proxy-Client-Ip", "Proxy-Client-Ip",
}

// placeFields say where visitors are, more exactly than their network does.
var placeFields = []string{
	"Cf-Ipcity", "Cf-Iplatitude", "Cf-Iplongitude", "Cf-Postal-Code", "Cf-Metro-Code", "Cloudfront-Viewer-City", "Cloudfront-Viewer-Latitude",
	"Cloudfront-Viewer-Longitude", "Cloudfront-Viewer-Postal-Code", "Cloudfront-Viewer-Metro-Code", "X-Appengine-City", "X-Appengine-Citylatlong",
	"X-Vercel-Ip-City", "X-Vercel-Ip-Latitude", "X-Vercel-Ip-Longitude", "X-Vercel-Ip-Postal-Code", "X-Nf-Geo", "X-Client-Geo-Location",
}

func dropAddresses(h http.Header) {
	for _, list := range [][]string{addressFields, placeFields, {"Forwarded"}} {
		for _, name := range list {
			delete(h, name)
		}
	}
}

func truncateAddresses(h http.Header) {
	for _, name := range placeFields {
		delete(h, name)
	}
	for _, name := range addressFields {
		replaceAll(h, name, truncatedList)
	}
	replaceAll(h, "Forwarded", truncatedForwarded)
}

// replaceAll puts other values in a field's place; without any it goes.
func replaceAll(h http.Header, name string, change func(string) string) {
	values := h[name]
	if len(values) == 0 {
		return
	}
	var changed []string
	for _, value := range values {
		if value = change(value); value != "" {
			changed = append(changed, value)
		}
	}
	if len(changed) == 0 {
		delete(h, name)
		return
	}
	h[name] = changed
}

// truncatedList truncates each address of a list with commas. What is none goes.
func truncatedList(list string) string {
	var kept []string
	for text := range strings.SplitSeq(list, ",") {
		if short := truncated(strings.TrimSpace(text)); short != "" {
			kept = append(kept, short)
		}
	}
	return strings.Join(kept, ", ")
}

// truncated is the network of an address that may have brackets, a port and a zone;
// nothing for what is no address.
func truncated(text string) string {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	bits := bitsV6
	if addr.Is4() {
		bits = bitsV4
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.Addr().String()
}

// truncatedForwarded does the same within a Forwarded field (RFC 7239, section 4).
// Pairs other than host and proto may hold anything, so they go.
func truncatedForwarded(field string) string {
	var elements []string
	for element := range strings.SplitSeq(field, ",") {
		var pairs []string
		for pair := range strings.SplitSeq(element, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			switch strings.ToLower(name) {
			case "for":
				short := truncated(strings.Trim(value, `"`))
				switch {
				case short == "":
					short = "unknown" // section 6.2
				case strings.Contains(short, ":"):
					short = `"[` + short + `]"`
				}
				pairs = append(pairs, "for="+short)
			case "host", "proto":
				pairs = append(pairs, strings.TrimSpace(pair))
			}
		}
		if len(pairs) > 0 {
			elements = append(elements, strings.Join(pairs, ";"))
		}
	}
	return strings.Join(elements, ", ")
}
