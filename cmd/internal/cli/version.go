package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build says which groovechaos this is.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(r *root) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print which groovechaos this is",
		Args:  wants(),
		RunE: func(*cobra.Command, []string) error {
			b := readBuild()
			if r.json {
				return r.printJSON(b)
			}
			_, err := fmt.Fprintf(r.Out, "groovechaos %s\n", b)
			return err
		},
	}
}

// String says it for people: "v1.2.0 (0123456789ab, modified), go1.26.8, linux/amd64".
func (b build) String() string {
	revision := ""
	if b.Revision != "" {
		revision = " (" + b.Revision[:min(12, len(b.Revision))]
		if b.Modified {
			revision += ", modified"
		}
		revision += ")"
	}
	return fmt.Sprintf("%s%s, %s, %s", b.Version, revision, b.Go, b.Platform)
}

func readBuild() build {
	b := build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Revision = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}
