package caddymodule

import (
	"context"

	"go.uber.org/zap"
)

// recallRegister takes over the register of transfers that was saved. Whatever is
// wrong with it, the site is served, and connections are counted anew.
func (s *shared) recallRegister() {
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	saved, err := s.local.Register(ctx)
	switch {
	case err != nil:
		s.logger().Warn("where connections went cannot be read: it is counted anew", zap.Error(err))
		return
	case saved == nil:
		return
	}
	if err := s.border.register.Load(saved); err != nil {
		s.logger().Warn("where connections went cannot be read: it is set aside in the store and counted anew",
			zap.Error(err), zap.NamedError("aside", s.local.SetRegisterAside(ctx)))
	}
}

// saveRegister saves the register of transfers if it has new lines, or, with counts,
// if anything was counted. With counts, old lines are forgotten. Nobody who connects
// waits for it.
func (s *shared) saveRegister(counts bool) {
	register := &s.border.register
	if counts {
		register.Forget(now())
	}
	if !register.Unsaved(counts) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	if err := s.local.SaveRegister(ctx, register.Save()); err != nil {
		register.SaveAgain()
		s.logger().Warn("where connections went is not saved", zap.Error(err))
	}
}
