package api

import (
	"fmt"
	"math"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/groove"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func (r *reader) answer(a *pb.Answer) *faults.Answer {
	if a == nil {
		return nil
	}
	answer := &faults.Answer{
		At:         faults.Side(a.GetAt()),
		Status:     r.status(a.GetStatus()),
		ErrorCode:  groove.ErrorCode(a.GetErrorCode()),
		Message:    a.GetMessage(),
		Headers:    a.GetHeaders(),
		RetryAfter: r.retryAfter(a.GetRetryAfter()),
	}
	if a.Body != nil {
		answer.Body = new(a.GetBody())
	}
	return answer
}

func (r *reader) retryAfter(a *pb.RetryAfter) *faults.RetryAfter {
	if a == nil {
		return nil
	}
	after := &faults.RetryAfter{DateIn: r.optional("answer.retry_after.date_in", a.GetDateIn())}
	if a.Seconds != nil {
		after.Seconds = new(a.GetSeconds())
	}
	if a.Raw != nil {
		after.Raw = new(a.GetRaw())
	}
	return after
}

// status reads a status, of which an int may have no room for all.
func (r *reader) status(status uint32) int {
	if status > math.MaxInt32 {
		r.problems = append(r.problems, faults.Problem{Field: "answer.status", Text: fmt.Sprintf("is %d, want one that the API documents", status)})
		return math.MaxInt32
	}
	return int(status)
}

func answerMessage(a *faults.Answer) *pb.Answer {
	if a == nil {
		return nil
	}
	answer := &pb.Answer{
		At:        string(a.At),
		Status:    uint32(a.Status), //nolint:gosec // A documented status.
		ErrorCode: string(a.ErrorCode),
		Message:   a.Message,
		Headers:   a.Headers,
		Body:      copied(a.Body),
	}
	if after := a.RetryAfter; after != nil {
		answer.RetryAfter = &pb.RetryAfter{Seconds: copied(after.Seconds), DateIn: optional(after.DateIn), Raw: copied(after.Raw)}
	}
	return answer
}

func softErrorOf(e *pb.SoftError) *faults.SoftError {
	if e == nil {
		return nil
	}
	soft := &faults.SoftError{
		ErrorCode: groove.ErrorCode(e.GetErrorCode()), Message: e.GetMessage(), ItemCode: groove.ErrorCode(e.GetItemCode()),
	}
	if e.Items != nil {
		soft.Items = new(e.GetItems())
	}
	return soft
}

func softErrorMessage(e *faults.SoftError) *pb.SoftError {
	if e == nil {
		return nil
	}
	return &pb.SoftError{ErrorCode: string(e.ErrorCode), Message: e.Message, Items: copied(e.Items), ItemCode: string(e.ItemCode)}
}

func breakOf(b *pb.Break) *faults.Break {
	if b == nil {
		return nil
	}
	return &faults.Break{How: faults.BreakKind(b.GetHow()), At: faults.BreakPoint(b.GetAt())}
}

func breakMessage(b *faults.Break) *pb.Break {
	if b == nil {
		return nil
	}
	return &pb.Break{How: string(b.How), At: string(b.At)}
}

func throttleOf(t *pb.Throttle) *faults.Throttle {
	if t == nil {
		return nil
	}
	return &faults.Throttle{BytesPerSecond: t.GetBytesPerSecond(), Chunk: t.GetChunk()}
}

func throttleMessage(t *faults.Throttle) *pb.Throttle {
	if t == nil {
		return nil
	}
	return &pb.Throttle{BytesPerSecond: t.BytesPerSecond, Chunk: t.Chunk}
}

func truncateOf(t *pb.Truncate) *faults.Truncate {
	if t == nil {
		return nil
	}
	var truncate faults.Truncate
	if t.Bytes != nil {
		truncate.Bytes = new(t.GetBytes())
	}
	if t.Share != nil {
		truncate.Share = new(t.GetShare())
	}
	return &truncate
}

func truncateMessage(t *faults.Truncate) *pb.Truncate {
	if t == nil {
		return nil
	}
	return &pb.Truncate{Bytes: copied(t.Bytes), Share: copied(t.Share)}
}

func corruptOf(c *pb.Corrupt) *faults.Corrupt {
	if c == nil {
		return nil
	}
	return &faults.Corrupt{How: faults.CorruptKind(c.GetHow()), Share: c.GetShare()}
}

func corruptMessage(c *faults.Corrupt) *pb.Corrupt {
	if c == nil {
		return nil
	}
	return &pb.Corrupt{How: string(c.How), Share: c.Share}
}
