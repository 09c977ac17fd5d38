package standin

import (
	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// problem is a documented error with what is particular to the request.
type problem = datacontract.Problem

// refuse makes a problem.
func refuse(code groove.ErrorCode, format string, args ...any) *problem {
	return datacontract.Refuse(code, format, args...)
}
