// Package structural holds the API's contract, openapi.yaml, which everything else is made from or held to.
package structural

import _ "embed"

// OpenAPI is the contract, byte for byte.
//
//go:embed openapi.yaml
var OpenAPI []byte
