package cli

import (
	"fmt"
	"strconv"
	"strings"

	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// effectWord says in one line what a fault does: "answer 503 after". What is as
// usual goes without saying.
func effectWord(f *pb.Fault) string {
	switch {
	case f.GetAnswer() != nil:
		return words("answer", numberWord(uint64(f.GetAnswer().GetStatus())), f.GetAnswer().GetErrorCode(), sideWord(f.GetAnswer().GetAt()))
	case f.GetSoftError() != nil:
		return softErrorWord(f.GetSoftError())
	case f.GetDelay() != nil:
		return words("delay", sideWord(f.GetDelay().GetAt()))
	case f.GetBreak() != nil:
		return words("break", f.GetBreak().GetHow(), strings.ReplaceAll(sideWord(f.GetBreak().GetAt()), "_", " "))
	case f.GetThrottle() != nil:
		return fmt.Sprintf("throttle %d B/s", f.GetThrottle().GetBytesPerSecond())
	case f.GetTruncate() != nil:
		return truncateWord(f.GetTruncate())
	case f.GetCorrupt() != nil:
		return words("corrupt", f.GetCorrupt().GetHow())
	default:
		return "answer 429" // A quota alone: no other fault goes without an effect.
	}
}

func softErrorWord(e *pb.SoftError) string {
	items := ""
	if e.Items != nil {
		items = words(percent(e.GetItems()), "of items", e.GetItemCode())
	}
	return words("soft error", e.GetErrorCode(), items)
}

func truncateWord(t *pb.Truncate) string {
	if t.Share != nil {
		return "truncate at " + percent(t.GetShare())
	}
	return fmt.Sprintf("truncate at %d B", t.GetBytes())
}

// words joins those that are not empty.
func words(all ...string) string {
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}

// sideWord leaves out where an effect lies if it does not say.
func sideWord(at string) string {
	if at == "before" {
		return ""
	}
	return at
}

func numberWord(n uint64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(n, 10)
}

// percent writes a share as a percentage.
func percent(share float64) string { return strconv.FormatFloat(share*100, 'g', 4, 64) + "%" }
