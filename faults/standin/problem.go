package standin

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// problem is a documented error with what is particular to the request.
type problem struct {
	code    groove.ErrorCode
	message string
}

// Error implements error.
func (p *problem) Error() string { return string(p.code) + ": " + p.message }

// refuse makes a problem.
func refuse(code groove.ErrorCode, format string, args ...any) *problem {
	return &problem{code: code, message: fmt.Sprintf(format, args...)}
}

// info is what the reference says of the problem's code.
func (p *problem) info() groove.ErrorCodeInfo {
	info, _ := groove.ErrorCodeByName(string(p.code))
	return info
}

// object is the problem as part of an answer.
func (p *problem) object() *errorObject {
	return &errorObject{Description: p.info().Description, ErrorCode: string(p.code), Message: p.message}
}
