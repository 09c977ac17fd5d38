package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults"
)

// share is a part of a whole, written as a number or a percentage.
type share float64

// count is a whole number from 0 on.
type count uint64

// MarshalTOML writes the number, and as a string what TOML's integers cannot hold.
func (c count) MarshalTOML() ([]byte, error) {
	digits := strconv.FormatUint(uint64(c), 10)
	if c > math.MaxInt64 {
		digits = strconv.Quote(digits)
	}
	return []byte(digits), nil
}

// setLeaf takes over a single value and returns what is wrong with it, "" for
// nothing.
func setLeaf(value any, target reflect.Value) (problem string) {
	switch target.Interface().(type) {
	case share:
		return setShare(value, target)
	case time.Duration:
		return setDuration(value, target)
	case uint64, count:
		return setCount(value, target)
	case int:
		return setInt(value, target)
	case float64:
		return setFloat(value, target)
	case bool:
		return set(value, target, "true or false")
	default:
		return set(value, target, "a string")
	}
}

// set takes over a value of just the target's kind.
func set(value any, target reflect.Value, want string) string {
	given := reflect.ValueOf(value)
	if given.Kind() != target.Kind() {
		return fmt.Sprintf("is %s, want %s", describe(value), want)
	}
	target.Set(given.Convert(target.Type()))
	return ""
}

func setShare(value any, target reflect.Value) string {
	text, ok := value.(string)
	if !ok {
		return setFloat(value, target)
	}
	number, err := faults.ParseShare(text)
	if err != nil {
		return err.Error()
	}
	target.SetFloat(number)
	return ""
}

func setDuration(value any, target reflect.Value) string {
	const want = `a duration in quotes such as "250ms", "10s" or "1h30m"`
	text, ok := value.(string)
	if !ok {
		return fmt.Sprintf("is %s, want %s", describe(value), want)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Sprintf("is %s, want %s", quote(text), want)
	}
	target.SetInt(int64(d))
	return ""
}

// setCount accepts a string of digits for what TOML's integers cannot hold, and
// for that alone.
func setCount(value any, target reflect.Value) string {
	switch given := value.(type) {
	case int64:
		if given >= 0 {
			target.SetUint(uint64(given))
			return ""
		}
	case string:
		if n, err := strconv.ParseUint(given, 10, 64); err == nil && n > math.MaxInt64 {
			target.SetUint(n)
			return ""
		}
	}
	return fmt.Sprintf("is %s, want a whole number from 0 on", describe(value))
}

func setInt(value any, target reflect.Value) string {
	given, ok := value.(int64)
	if !ok || target.OverflowInt(given) {
		return fmt.Sprintf("is %s, want a whole number", describe(value))
	}
	target.SetInt(given)
	return ""
}

func setFloat(value any, target reflect.Value) string {
	switch given := value.(type) {
	case float64:
		target.SetFloat(given)
	case int64:
		target.SetFloat(float64(given))
	default:
		want := "a number"
		if target.Type() == reflect.TypeFor[share]() {
			want = `a number from 0 to 1 or a percentage such as "20%"`
		}
		return fmt.Sprintf("is %s, want %s", describe(value), want)
	}
	return ""
}

// describe says what stands in place of what is wanted.
func describe(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if v == math.Trunc(v) && !strings.ContainsAny(text, "eIN") {
			text += ".0"
		}
		return text
	case int64, bool:
		return fmt.Sprint(v)
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	default:
		return "a list"
	}
}
