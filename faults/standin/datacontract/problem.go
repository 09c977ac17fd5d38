package datacontract

import (
	"fmt"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// Problem is a documented error with what is particular to the request.
type Problem struct {
	Code    groove.ErrorCode
	Message string
}

// Refuse makes a problem.
func Refuse(code groove.ErrorCode, format string, args ...any) *Problem {
	return &Problem{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Status is the HTTP status that belongs to the problem's code.
func (p *Problem) Status() int { return p.info().Status }

func (p *Problem) info() groove.ErrorCodeInfo {
	info, _ := groove.ErrorCodeByName(string(p.Code))
	return info
}

// Object is the problem as part of an answer.
func (p *Problem) Object() *Error {
	return &Error{Description: p.info().Description, ErrorCode: string(p.Code), Message: p.Message}
}
