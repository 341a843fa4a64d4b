package embedded

import (
	"errors"
	"syscall"

	"github.com/caddy-privacy/caddy-privacy/internal/store"
)

var errDamaged = errors.New("the file does not read as it was written: restart Caddy, which sets it aside and starts a new one")

func classify(err error) store.Trouble {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errDamaged):
		return store.Damaged
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return store.Full
	case errors.Is(err, syscall.EROFS):
		return store.ReadOnly
	}
	return store.Other
}
