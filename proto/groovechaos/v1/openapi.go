// Package groovechaosv1 is the control API: messages, services, clients and the
// REST gateway, generated from the protos beside it, and the OpenAPI document of
// the same.
package groovechaosv1

import _ "embed"

// OpenAPI is the OpenAPI 2.0 document of the REST form of the API.
//
//go:embed groovechaos.swagger.json
var OpenAPI []byte
