package auth

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a caller may do. Each role may do all that those before it may.
type Role string

// The roles in the order of their power.
const (
	// Anyone is no role: who calls is not asked.
	Anyone Role = ""
	// Viewer looks.
	Viewer Role = "viewer"
	// Operator switches faults and the brake.
	Operator Role = "operator"
	// Admin gives out tokens and reloads the configuration.
	Admin Role = "admin"
)

var roles = []Role{Anyone, Viewer, Operator, Admin}

// ParseRole reads viewer, operator or admin.
func ParseRole(word string) (Role, error) {
	if role := Role(word); role != Anyone && slices.Contains(roles, role) {
		return role, nil
	}
	return Anyone, fmt.Errorf("is %.80q, want %s", word, strings.Join(RoleNames(), ", "))
}

// RoleNames returns the roles that a caller can have, the weakest first.
func RoleNames() []string {
	var names []string
	for _, role := range roles[1:] {
		names = append(names, string(role))
	}
	return names
}

// Includes reports whether a caller with this role may do what takes the other.
func (r Role) Includes(other Role) bool {
	return slices.Index(roles, r) >= slices.Index(roles, other)
}
