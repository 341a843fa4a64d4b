package transfer

import (
	"errors"
	"fmt"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// readMMDB adds the networks of a MaxMind DB file to a table, and says when the
// file was built. MaxMind, DB-IP, IPinfo and ip-location-db are understood.
func readMMDB(b *builder, data []byte) (built time.Time, err error) {
	db, err := maxminddb.OpenBytes(data)
	if err != nil {
		return built, fmt.Errorf("no MaxMind DB file, or a part of one: %w", err)
	}
	if err := db.Verify(); err != nil {
		return built, fmt.Errorf("the file is damaged: %w", err)
	}
	known := make(map[uintptr]Country) // by where the record is: few are used by many
	networks := 0
	for result := range db.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if err := result.Err(); err != nil {
			return built, fmt.Errorf("the file is damaged: %w", err)
		}
		if networks++; networks > maxNetworks {
			return built, errSize
		}
		if !result.Found() {
			continue
		}
		country, ok := known[result.Offset()]
		if !ok {
			country = decode(result)
			if len(known) < maxRecords {
				known[result.Offset()] = country
			}
		}
		network := result.Prefix()
		if err := b.add(network.Addr(), lastOf(network), country); err != nil {
			return built, err
		}
	}
	if len(known) == 0 {
		return built, errors.New("the file holds no networks")
	}
	return db.Metadata.BuildTime(), nil
}

// maxNetworks bounds how long a file can be read: a small one whose tree leads back
// into itself has more networks than there is time. City databases have 5
// million. Networks without data are counted too, or they would be walked in
// silence.
const maxNetworks = 16 << 20

// maxRecords bounds what is remembered while a file is read.
const maxRecords = 1 << 16

// decode reads the country of a record, wherever its maker writes it. Where a
// record says nothing, or who registered the address only, it is unknown.
func decode(record maxminddb.Result) Country {
	for _, path := range [][]any{{"country", "iso_code"}, {"country_code"}, {"country"}} {
		var text string
		if err := record.DecodePath(&text, path...); err != nil {
			continue
		}
		if c := Country(text); codeOf(c) != 0 {
			return c
		}
	}
	return ""
}
