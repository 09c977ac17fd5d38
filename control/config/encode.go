package config

import (
	"fmt"
	"io"

	"github.com/BurntSushi/toml"

	"github.com/groovechaos/groovechaos/faults"
)

// Encode writes faults as [[faults]] tables, such that Parse reads them back as they
// were. ExpiresAt is left out: a lifetime begins anew with whoever reads it.
func Encode(w io.Writer, set []faults.Fault) error {
	var document struct {
		Faults []faultTable `toml:"faults,omitempty"`
	}
	for i := range set {
		document.Faults = append(document.Faults, tableOf(&set[i]))
	}
	encoder := toml.NewEncoder(w)
	encoder.Indent = ""
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write faults as TOML: %w", err)
	}
	return nil
}
