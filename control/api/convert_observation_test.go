package api

import (
	"reflect"
	"testing"
	"time"

	"github.com/groovechaos/groovechaos/faults"
	"github.com/groovechaos/groovechaos/faults/observe"
)

// TestAttemptsAreToldWhole holds that a message has every field set when the
// attempt has: none of them is forgotten on the way.
func TestAttemptsAreToldWhole(t *testing.T) {
	t.Parallel()
	a := observe.Attempt{Break: faults.BreakReset, BreakAt: faults.BreakAfter, SpoiledBy: []string{"noise"}, DelayedBy: []string{"slow"}}
	fields := reflect.ValueOf(&a).Elem()
	for i := range fields.NumField() {
		switch field := fields.Field(i); field.Kind() {
		case reflect.Uint64:
			field.SetUint(uint64(i) + 1)
		case reflect.Int, reflect.Int64:
			field.SetInt(int64(i) + 1)
		case reflect.Bool:
			field.SetBool(true)
		case reflect.String:
			if field.String() == "" {
				field.SetString("x")
			}
		case reflect.Slice:
		default:
			field.Set(reflect.ValueOf(time.Unix(1, 0)))
		}
	}
	message := attemptMessage(&a)
	told := message.ProtoReflect()
	known := told.Descriptor().Fields()
	for i := range known.Len() {
		if !told.Has(known.Get(i)) {
			t.Errorf("%s is not told", known.Get(i).Name())
		}
	}
	if known.Len() != fields.NumField() {
		t.Errorf("an attempt has %d fields, its message %d", fields.NumField(), known.Len())
	}
	if message.GetBreak() != "reset" || message.GetBreakAt() != "after" || message.GetSpoiledBy()[0] != "noise" || !message.GetForwarded() {
		t.Errorf("got %v, want the break, what spoiled it and that it was forwarded", message)
	}
	if want := uint32(a.UpstreamStatus); message.GetUpstreamStatus() != want || message.GetStatus() != uint32(a.Status) {
		t.Errorf("upstream status is %d and status %d, want %d and %d", message.GetUpstreamStatus(), message.GetStatus(), want, a.Status)
	}
}
