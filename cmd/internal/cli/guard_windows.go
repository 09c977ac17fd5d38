package cli

// guard is nobody: on Windows a workload goes on if we are killed.
type guard struct{}

func newGuard(group, *orphans) *guard { return nil }

func (*guard) dismiss(*orphans) {}
