package work

import (
	"errors"
	"fmt"
	"strings"
)

// Difficulty says how much work a challenge is: each try costs the browser and the
// check costs the gateway Cost rounds of the algorithm; each digit of the prefix makes
// sixteen times as many tries.
type Difficulty struct {
	Algorithm string // one of Algorithms
	Cost      int    // rounds of the hash for one try, 1 to MaxCost
	Prefix    string // of the derived key, 1 to 8 hexadecimal digits in lower case
}

// DefaultDifficulty takes a desktop some 50 ms, a cheap phone less than a second. (256
// tries are the mean; one visitor in a hundred needs more than 1,200.)
var DefaultDifficulty = Difficulty{Algorithm: "PBKDF2/SHA-256", Cost: 1000, Prefix: "00"}

const (
	// MaxCost bounds what one check may cost the gateway.
	MaxCost = 100_000
	// MaxLevel is sixteen times the work: a cheap phone takes ten seconds.
	MaxLevel = 4

	maxPrefix = 8
	keyLength = 32 // bytes of the derived key
)

func (d Difficulty) check() error {
	switch {
	case algorithms[d.Algorithm].hash == nil:
		return fmt.Errorf("algorithm %q is unknown: write one of %s", d.Algorithm, strings.Join(Algorithms(), ", "))
	case d.Cost < 1 || d.Cost > MaxCost:
		return fmt.Errorf("a cost of %d is out of bounds: write 1 to %d", d.Cost, MaxCost)
	case !hexadecimal(d.Prefix) || len(d.Prefix) > maxPrefix:
		return errors.New("the prefix must be 1 to 8 hexadecimal digits in lower case, such as 00")
	}
	return nil
}

// raised doubles the work once per level. By the fourth, tries take the place of cost:
// sixteen times as many are one more digit, and checking costs no more than before.
func (d Difficulty) raised(level int) Difficulty {
	level = min(max(level, 0), MaxLevel)
	if level == MaxLevel && len(d.Prefix) < maxPrefix {
		d.Prefix += "0"
		return d
	}
	d.Cost = min(d.Cost<<level, MaxCost)
	return d
}

// parameters makes those of a challenge that asks for this much.
func (d Difficulty) parameters() parameters {
	return parameters{Algorithm: d.Algorithm, Cost: d.Cost, KeyPrefix: d.Prefix, KeyLength: keyLength}
}
