package observe

import "strings"

// HeaderDigest is the digest that Attempt.Headers has of a field with that value, in a request with no other; "" for a field that is not recorded.
func HeaderDigest(name, value string) string {
	var k knownHeaders
	_, digest, _ := strings.Cut(k.of(loneField{name, value}), "=")
	return digest
}

// loneField is a header section of one field.
type loneField struct{ name, value string }

func (f loneField) Len() int { return 1 }

func (f loneField) At(int) (name, value string) { return f.name, f.value }
