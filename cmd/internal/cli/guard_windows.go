package cli

// guard is nobody: on Windows a workload goes on if we are killed.
type guard struct{}

func newGuard(group) *guard { return nil }

func (*guard) dismiss() {}
