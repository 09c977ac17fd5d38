#!/usr/bin/env bash
# Generates the Go code and the OpenAPI document beside the protos, and checks
# the protos' style. The generators are the `tool` lines of go.mod. BUF names
# another buf than the pinned one.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
. proto/workspace.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
workspace "$work" proto/groovechaos/v1
mkdir "$work/bin"
for plugin in protoc-gen-go protoc-gen-go-grpc protoc-gen-grpc-gateway protoc-gen-openapiv2; do
  ln -s "$(go tool -n "$plugin")" "$work/bin/$plugin"
done

buf=${BUF:-$(go tool -n -modfile=.tools/go.mod buf)}
cd "$work"
PATH=$work/bin:$PATH
"$buf" lint
"$buf" generate --template "$top/proto/buf.gen.yaml" --output "$top/proto" --path protos/groovechaos
