#!/usr/bin/env bash
# Generates the Go code and the OpenAPI document beside the protos, and checks
# the protos' style. google/api comes from the module cache; the generators are
# the `tool` lines of go.mod. BUF names another buf than the pinned one.
set -euo pipefail
cd "$(dirname "$0")/.."
top=$PWD
googleapis=github.com/grpc-ecosystem/grpc-gateway@v1.16.0 # its third_party folder

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
field() { sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}$/\1/p"; }
google=$(cd "$work" && go mod download -json "$googleapis" | field Dir)
mkdir -p "$work/protos/groovechaos/v1" "$work/google/google/api" "$work/bin"
cp proto/groovechaos/v1/*.proto "$work/protos/groovechaos/v1/"
cp "$google"/third_party/googleapis/google/api/{annotations,http}.proto "$work/google/google/api/"
chmod -R u+w "$work/google"
cp proto/buf.yaml proto/openapi.yaml "$work/"

for plugin in protoc-gen-go protoc-gen-go-grpc protoc-gen-grpc-gateway protoc-gen-openapiv2; do
  ln -s "$(go tool -n "$plugin")" "$work/bin/$plugin"
done

buf=${BUF:-$(go tool -n -modfile=.tools/go.mod buf)}
cd "$work"
PATH=$work/bin:$PATH
"$buf" lint
"$buf" generate --template "$top/proto/buf.gen.yaml" --output "$top/proto" --path protos/groovechaos
