package api

import (
	"bytes"
	"encoding/json"
	"strconv"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/groovechaos/groovechaos/faults/verdict"
	pb "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

func lawMessages(laws []verdict.Law) []*pb.ClientLaw {
	var messages []*pb.ClientLaw
	for i := range laws {
		l := &laws[i]
		messages = append(messages, &pb.ClientLaw{
			Status: int32(l.Status), Sentence: l.Sentence, Families: l.Families, Attempts: int32(l.Attempts), //nolint:gosec // A status code and a count.
			RetryAfter: l.RetryAfter, Fit: fitMessage(l),
		})
	}
	return messages
}

// fitMessage is the fit of a law as it is in JSON, nil for one that has no form there. Every number of it stays what it is.
func fitMessage(l *verdict.Law) *structpb.Struct {
	document, err := json.Marshal(l.Fit)
	if err != nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil
	}
	message, err := structpb.NewStruct(eachNumber(fields, toDouble).(map[string]any))
	if err != nil {
		return nil
	}
	return message
}

// toDouble is a number as a double, which is all that a Struct knows, and as a string where that would change it.
func toDouble(value any) any {
	number, ok := value.(json.Number)
	if !ok {
		return value
	}
	double, err := number.Float64()
	if whole, isWhole := number.Int64(); err != nil || isWhole == nil && (whole > 1<<53 || whole < -1<<53) {
		return number.String()
	}
	return double
}

// toNumber is the reverse: no word in a fit looks like a whole number.
func toNumber(value any) any {
	if text, ok := value.(string); ok {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return json.Number(text)
		}
	}
	return value
}

// eachNumber changes what is neither an object nor a list in a document.
func eachNumber(value any, change func(any) any) any {
	switch v := value.(type) {
	case map[string]any:
		for name := range v {
			v[name] = eachNumber(v[name], change)
		}
		return v
	case []any:
		for i := range v {
			v[i] = eachNumber(v[i], change)
		}
		return v
	}
	return change(value)
}

func laws(messages []*pb.ClientLaw) []verdict.Law {
	var all []verdict.Law
	for _, m := range messages {
		l := verdict.Law{
			// Not nil, as the judge has it.
			Status: int(m.GetStatus()), Sentence: m.GetSentence(), Families: append([]string{}, m.GetFamilies()...), Attempts: int(m.GetAttempts()),
			RetryAfter: m.GetRetryAfter(),
		}
		readFit(m.GetFit(), &l)
		all = append(all, l)
	}
	return all
}

// readFit reads a fit back; one of a later version as far as it can.
func readFit(message *structpb.Struct, l *verdict.Law) {
	document, err := json.Marshal(eachNumber(message.AsMap(), toNumber))
	if err == nil {
		_ = json.Unmarshal(document, &l.Fit) // what cannot be read stays empty
	}
}
