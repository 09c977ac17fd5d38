# The steps of .ci/run that are more than one command.

# packages installs what is missing, on Debian and its kin.
packages() {
	local missing=()
	command -v git >/dev/null || missing+=(git)
	command -v curl >/dev/null || missing+=(curl ca-certificates)
	command -v gcc >/dev/null || missing+=(gcc libc6-dev) # for the race detector
	command -v wget >/dev/null || missing+=(wget)
	# Callers that are intercepted, and what redirects them.
	command -v javac >/dev/null || missing+=(default-jdk-headless)
	command -v node >/dev/null || missing+=(nodejs)
	command -v npm >/dev/null || missing+=(npm)
	python3 -c 'import requests' 2>/dev/null || /usr/bin/python3 -c 'import requests' 2>/dev/null || missing+=(python3-requests)
	command -v ip >/dev/null || missing+=(iproute2)
	command -v nft >/dev/null || missing+=(nftables)
	command -v iptables >/dev/null || missing+=(iptables)
	# The peers that cmd/peerbench measures us beside, and its load.
	PATH="$PATH:/usr/sbin" command -v haproxy >/dev/null || missing+=(haproxy)
	PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing+=(nginx-light)
	command -v wrk >/dev/null || missing+=(wrk)
	if [ ${#missing[@]} -gt 0 ]; then
		local as=()
		[ "$(id -u)" = 0 ] || as=(sudo)
		"${as[@]}" apt-get update -qq
		"${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
	fi
	go version
}

readme_test() {
	grep -qxE '(\$ )?go test \./\.\.\.' README.md
	go test ./...
}

format() {
	local unformatted
	unformatted=$(tool gofumpt -l .)
	[ -z "$unformatted" ] || { echo "gofumpt would change: $unformatted"; return 1; }
}

modules() {
	go mod tidy -diff
	go mod verify
	go -C .tools mod verify
	local foreign
	for foreign in cmd/peerbench/foreign cmd/groovechaos/testdata/zoo/go cmd/groovechaos/examples/go; do
		go -C "$foreign" mod tidy -diff
		go -C "$foreign" mod verify
		go -C "$foreign" vet ./...
	done
}

# generated makes the code anew in a copy without it and compares; it also lints
# the protos. The tree may hold changes, and is not touched.
generated() {
	mkdir "$scratch/anew"
	cp -R go.mod go.sum .tools proto "$scratch/anew/"
	find "$scratch/anew/proto" -name '*.pb*.go' -delete -o -name '*.swagger.json' -delete
	bash "$scratch/anew/proto/generate.sh"
	diff -r "$scratch/anew/proto" proto
}

# cross builds for each system, and for arm64 on two of them: what differs between
# architectures does so on one system already.
cross() {
	local target
	for target in linux/arm64 darwin/arm64 windows/amd64; do
		echo "$target"
		CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null ./cmd/groovechaos
	done
}

# fuzz runs every target there is for 5 s, or less each if there are many. Before
# Go 1.27 the end of that time is sometimes reported as a failure (golang/go#75804),
# hence the second run: a real failure has been written to testdata and recurs.
fuzz() {
	local targets seconds file name
	targets=$(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' cmd control faults | sed 's/:func /:/')
	seconds=$((100 / $(wc -l <<<"$targets") + 1))
	[ "$seconds" -le 5 ] || seconds=5
	while IFS=: read -r file name; do
		set -- go test -run='^$' -fuzz="^$name\$" -fuzztime="${seconds}s" "./$(dirname "$file")"
		"$@" || "$@"
	done <<<"$targets"
}

# zoo sends the known clients through the binary while nothing else runs: on a quiet machine the verdicts are held strictly.
zoo() {
	CGO_ENABLED=0 go build -o "$scratch/bin/" ./cmd/groovechaos
	PATH="$scratch/bin:$PATH" go test -count=1 -tags=e2e -run='^TestZoo$' ./cmd/groovechaos
}

# examples plays the chaos stages of the example services, alone too: gaps that a busy machine makes are none of the callers'.
examples() {
	PATH="$scratch/bin:$PATH" go test -count=1 -tags=e2e -run='^TestExample' ./cmd/groovechaos
}

# e2e puts the binary and grpcurl on the path of the tests that run them.
e2e() {
	local packages
	packages=$(grep -rlxE --include='*_test.go' '//go:build e2e( .*)?' cmd control | xargs -n 1 dirname | sort -u | sed 's|^|./|')
	CGO_ENABLED=0 go build -o "$scratch/bin/" ./cmd/groovechaos
	go build -modfile=.tools/go.mod -o "$scratch/bin/" github.com/fullstorydev/grpcurl/cmd/grpcurl
	PATH="$scratch/bin:$PATH" go test -count=1 -tags=e2e -skip='^Test(Zoo$|Example)' $packages
}

# ours reports whether a process was started here and has not ended.
ours() { grep -qsz "^GROOVECHAOS_CI=$GROOVECHAOS_CI\$" "/proc/$1/environ"; }

# leftover fails if a process or a network namespace that was started here is
# still there; with "kill" it ends it. Who was killed may take a while to go.
leftover() {
	local environ pid line space until=$((SECONDS + 10)) found=0
	for environ in /proc/[0-9]*/environ; do
		pid=${environ//[^0-9]/}
		ours "$pid" || continue
		while [ "${1:-}" != kill ] && [ "$SECONDS" -lt "$until" ] && ours "$pid"; do sleep 0.1; done
		ours "$pid" || continue
		line=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || continue # it has ended meanwhile
		echo "process $pid still runs: $line"
		[ "${1:-}" != kill ] || kill "$pid" || true
		found=1
	done
	while read -r space _; do
		[[ $space == groovechaos-"$GROOVECHAOS_CI"-* ]] || continue
		echo "network namespace $space is still there"
		[ "${1:-}" != kill ] || { ip netns delete "$space" && rm -rf "/etc/netns/$space"; } || true
		found=1
	done < <(ip netns list 2>/dev/null || true)
	[ "$found" = 0 ] || [ "${1:-}" = kill ]
}
