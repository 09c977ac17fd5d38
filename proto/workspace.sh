# What buf reads, as the scripts beside this one lay it out.

googleapis=github.com/grpc-ecosystem/grpc-gateway@v1.16.0 # its third_party folder

# workspace lays out in folder $1 the protos of folder $2, and those of
# google/api from the module cache.
workspace() {
  local google
  mkdir -p "$1/protos/groovechaos/v1" "$1/google/google/api"
  google=$(cd "$1" && go mod download -json "$googleapis" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
  cp "$2"/*.proto "$1/protos/groovechaos/v1/"
  cp "$google"/third_party/googleapis/google/api/{annotations,http}.proto "$1/google/google/api/"
  chmod -R u+w "$1/google"
  cp proto/buf.yaml proto/openapi.yaml "$1/"
}
