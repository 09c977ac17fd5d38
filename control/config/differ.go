package config

import (
	"reflect"
	"slices"
)

// Differences returns the keys, sorted, in which two configurations differ, as in "proxy.listen". Lists and tables in
// lists are compared as a whole. Faults are left out.
func Differences(a, b *Config) []string {
	keys := differing(reflect.ValueOf(*a), reflect.ValueOf(*b), "")
	slices.Sort(keys)
	return keys
}

func differing(a, b reflect.Value, path string) (keys []string) {
	if a.Kind() != reflect.Struct {
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			keys = append(keys, path)
		}
		return keys
	}
	for key, field := range keysOf(a.Type()) {
		keys = append(keys, differing(a.FieldByIndex(field.Index), b.FieldByIndex(field.Index), join(path, key))...)
	}
	return keys
}
