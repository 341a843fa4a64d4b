package catalogue

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// stamp finds the creation time inside a cookie value, which the visitor's browser may have forged.
type stamp func(value string) (time.Time, bool)

// stamps knows which names carry their creation time, and where. Formats as written by the services'
// own scripts.
var stamps = NewIndex(map[string]stamp{
	"_ga":                 last('.', seconds),       // GA1.2.<random>.<s>
	"_gid":                last('.', seconds),       // GA1.2.<random>.<s>
	"_gcl_au":             field('.', 3, seconds),   // 1.1.<random>.<s>, later versions append fields
	"_fbp":                field('.', 2, millis),    // fb.1.<ms>.<random>
	"_fbc":                field('.', 2, millis),    // fb.1.<ms>.<click>
	"_pk_id*":             field('.', 1, seconds),   // <id>.<s>.
	"_sp_id.*":            field('.', 1, seconds),   // <id>.<s>.<visits>.…
	"__utma":              field('.', 2, seconds),   // <site>.<visitor>.<s>.<previous>.<now>.<visits>
	"__hstc":              field('.', 2, millis),    // <site>.<visitor>.<ms>.<previous>.<now>.<visits>
	"__qca":               field('-', 2, millis),    // P0-<random>-<ms>
	"__gads":              after(":T=", seconds),    // ID=<id>:T=<s>:RT=<s>:S=<signature>
	"__gpi":               after(":T=", seconds),    // UID=<id>:T=<s>:RT=<s>:S=<signature>
	"__eoi":               after(":T=", seconds),    // ID=<id>:T=<s>:RT=<s>:S=<signature>
	"_rdt_uuid":           field('.', 0, millis),    // <ms>.<id>
	"_ym_d":               field('.', 0, seconds),   // <s>
	"ai_user":             field('|', 1, timestamp), // <id>|2026-01-31T10:20:30.400Z
	"optimizelyEndUserId": after("oeu", millis),     // oeu<ms>r<random>
	"_hjSessionUser_*":    hotjar,
})

// earliest is the first year a creation time is believed in: none of these cookies is older.
var earliest = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

// slack is how far ahead of ours a visitor's clock may be.
const slack = 24 * time.Hour

// maxValue is the most that browsers store in one cookie (RFC 6265bis, section 5.6).
const maxValue = 4096

// Created returns the time at which a cookie was first deposited, when its value tells. It is
// evidence only, and only for an earlier date than the one on record: a visitor or a script can write
// any value. Times before 2010 or more than a day after now are not believed.
func Created(name, value string, now time.Time) (time.Time, bool) {
	read, ok := stamps.Longest(name)
	if !ok || len(value) > maxValue {
		return time.Time{}, false
	}
	created, ok := read(value)
	if !ok || created.Before(earliest) || created.After(now.Add(slack)) {
		return time.Time{}, false
	}
	return created, true
}

// unit turns the text of a time into the time.
type unit func(text string) (time.Time, bool)

func seconds(text string) (time.Time, bool) {
	n, err := strconv.ParseUint(text, 10, 33)
	return time.Unix(int64(n), 0), err == nil
}

func millis(text string) (time.Time, bool) {
	n, err := strconv.ParseUint(text, 10, 43)
	return time.UnixMilli(int64(n)), err == nil
}

func timestamp(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}

// field reads field n, counted from 0, between separators.
func field(separator byte, n int, read unit) stamp {
	return func(value string) (time.Time, bool) {
		for range n {
			i := strings.IndexByte(value, separator)
			if i < 0 {
				return time.Time{}, false
			}
			value = value[i+1:]
		}
		if i := strings.IndexByte(value, separator); i >= 0 {
			value = value[:i]
		}
		return read(value)
	}
}

// last reads the last of several fields.
func last(separator byte, read unit) stamp {
	return func(value string) (time.Time, bool) {
		i := strings.LastIndexByte(value, separator)
		if i < 0 {
			return time.Time{}, false
		}
		return read(value[i+1:])
	}
}

// after reads the digits that follow a mark.
func after(mark string, read unit) stamp {
	return func(value string) (time.Time, bool) {
		_, rest, ok := strings.Cut(value, mark)
		if !ok {
			return time.Time{}, false
		}
		end := 0
		for end < len(rest) && '0' <= rest[end] && rest[end] <= '9' {
			end++
		}
		return read(rest[:end])
	}
}

// hotjar reads base64 of {"id":…,"created":<ms>,…}, perhaps percent-encoded.
func hotjar(value string) (time.Time, bool) {
	plain, err := url.PathUnescape(value)
	if err != nil {
		return time.Time{}, false
	}
	text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(plain, "="))
	if err != nil {
		return time.Time{}, false
	}
	var user struct {
		Created int64 `json:"created"`
	}
	if json.Unmarshal(text, &user) != nil || user.Created <= 0 || user.Created >= 1<<43 {
		return time.Time{}, false
	}
	return time.UnixMilli(user.Created), true
}
