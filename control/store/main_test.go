package store

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if options := os.Getenv(natsVariable); options != "" {
		os.Exit(natsMain(options))
	}
	goleak.VerifyTestMain(m)
}
