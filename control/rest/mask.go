package rest

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// updateMask is the field, and the parameter, that names what an update changes.
const updateMask = "update_mask"

// completeMask names in the query what an update changes, if the request does
// not: the members of the body, each as a whole. The gateway's own mask would
// name their leaves, null members included, and so could not replace a part.
func (b *binding) completeMask(query url.Values, content map[string]any) {
	if b.input.Fields().ByName(updateMask) == nil || b.body == "*" || query.Has(updateMask) {
		return
	}
	// What identifies the resource and its state is no change to it.
	identity := map[string]bool{"revision": true}
	for _, name := range b.variables {
		identity[b.memberName(name)] = true
	}
	names := make(map[string]bool, len(content))
	for key := range content {
		if name := string(fieldByKey(b.bodyMessage(), key).Name()); !identity[name] {
			names[name] = true
		}
	}
	// Set even to nothing, for the gateway would otherwise make its own.
	query.Set(updateMask, strings.Join(slices.Sorted(maps.Keys(names)), ","))
}
