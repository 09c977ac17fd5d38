package observe

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestExplicitCall(t *testing.T) {
	t.Parallel()
	key := IdempotencyKey(fields{"Idempotency-Key": "k"})
	tests := map[string]struct {
		header  fields
		id      string
		field   string
		counter int
	}{
		"nothing":                                {nil, "", "", NoCounter},
		"our own":                                {fields{"x-groovechaos-call": " c1 "}, "c1", "X-Groovechaos-Call", NoCounter},
		"our own first":                          {fields{"X-Groovechaos-Call": "c1", "amz-sdk-invocation-id": "a", "Idempotency-Key": "k"}, "c1", "X-Groovechaos-Call", NoCounter},
		"aws":                                    {fields{"amz-sdk-invocation-id": "a", "amz-sdk-request": "attempt=2; max=3"}, "a", "amz-sdk-invocation-id", 2},
		"aws, any order":                         {fields{"amz-sdk-invocation-id": "a", "amz-sdk-request": "ttl=x;max=3; Attempt=1"}, "a", "amz-sdk-invocation-id", 1},
		"aws, no counter":                        {fields{"amz-sdk-invocation-id": "a"}, "a", "amz-sdk-invocation-id", NoCounter},
		"aws counter without an id says nothing": {fields{"amz-sdk-request": "attempt=2"}, "", "", NoCounter},
		"azure's may be made anew":               {fields{"x-ms-client-request-id": "m"}, "", "", NoCounter},
		"a token as an id":                       {fields{"X-Groovechaos-Call": "eyJhbGci.eyJzdWIi.c2ln-_"}, conceal("eyJhbGci.eyJzdWIi.c2ln-_"), "X-Groovechaos-Call", NoCounter},
		"a bearer as an id":                      {fields{"amz-sdk-invocation-id": "Bearer s3cret"}, "Bearer " + conceal("s3cret"), "amz-sdk-invocation-id", NoCounter},
		"an idempotency key":                     {fields{"Idempotency-Key": "k"}, key, "Idempotency-Key", NoCounter},
		"a key with a counter":                   {fields{"Idempotency-Key": "k", "X-Stainless-Retry-Count": "0"}, key, "Idempotency-Key", 0},
		"a counter alone":                        {fields{"Retry-Attempt": "3"}, "", "Retry-Attempt", 3},
		"stainless":                              {fields{"X-Stainless-Retry-Count": "0"}, "", "X-Stainless-Retry-Count", 0},
		"grpc":                                   {fields{"grpc-previous-rpc-attempts": "1"}, "", "grpc-previous-rpc-attempts", 1},
		"a counter that is no number":            {fields{"Retry-Attempt": "one"}, "", "", NoCounter},
		"a negative counter":                     {fields{"Retry-Attempt": "-1"}, "", "", NoCounter},
		"an absurd counter":                      {fields{"Retry-Attempt": "4294967295"}, "", "", NoCounter},
		"a request id is no call id":             {fields{"x-request-id": "r"}, "", "", NoCounter},
		"an empty id":                            {fields{"X-Groovechaos-Call": " ", "amz-sdk-invocation-id": "m"}, "m", "amz-sdk-invocation-id", NoCounter},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, field, counter := ExplicitCall(test.header)
			if id != test.id || field != test.field || counter != test.counter {
				t.Errorf("got %q in %q, %d, want %q in %q, %d", id, field, counter, test.id, test.field, test.counter)
			}
		})
	}
}

func TestIdempotencyKeyIsADigest(t *testing.T) {
	t.Parallel()
	one := IdempotencyKey(fields{"Idempotency-Key": "order-4711"})
	if len(one) != 16 || strings.Contains(one, "4711") {
		t.Errorf("got %q, want 16 digits", one)
	}
	if other := IdempotencyKey(fields{"X-Idempotency-Key": "order-4711"}); other != one {
		t.Errorf("the same key in another field: got %q, want %q", other, one)
	}
	if other := IdempotencyKey(fields{"Idempotency-Key": "order-4712"}); other == one {
		t.Errorf("another key: got %q too", other)
	}
	if none := IdempotencyKey(fields{"Idempotency-Key": " "}); none != "" {
		t.Errorf("no key: got %q", none)
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	if got := RequestID(fields{"X-Correlation-Id": "c", "X-Request-Id": "r"}); got != "r" {
		t.Errorf("got %q, want r", got)
	}
	if got := RequestID(fields{"X-Correlation-Id": "c"}); got != "c" {
		t.Errorf("got %q, want c", got)
	}
	if got := RequestID(fields{"X-Correlation-Id": "c", "X-Ms-Client-Request-Id": "m"}); got != "m" {
		t.Errorf("got %q, want m", got)
	}
	if got, want := RequestID(fields{"X-Request-Id": "eyJhbGci.eyJzdWIi."}), conceal("eyJhbGci.eyJzdWIi."); got != want {
		t.Errorf("a token as an id: got %q, want %q", got, want)
	}
	if got := RequestID(fields{}); got != "" {
		t.Errorf("got %q, want none", got)
	}
}

func FuzzExplicitCall(f *testing.F) {
	f.Add("X-Groovechaos-Call", "c1", "Retry-Attempt", "1")
	f.Add("amz-sdk-invocation-id", "\x00\xff", "amz-sdk-request", "attempt=2; max=3")
	f.Add("Idempotency-Key", strings.Repeat("ü", 100), "grpc-previous-rpc-attempts", "-0")
	f.Fuzz(func(t *testing.T, name, id, counterName, counterValue string) {
		got, field, counter := ExplicitCall(fields{name: id, counterName: counterValue})
		if len(got) > maxText || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("got id %q, want at most %d printable bytes", got, maxText)
		}
		if counter < NoCounter || counter > maxCounter {
			t.Fatalf("got counter %d", counter)
		}
		if known := got != "" || counter != NoCounter; known != (field != "") {
			t.Fatalf("got id %q, counter %d and field %q", got, counter, field)
		}
	})
}
