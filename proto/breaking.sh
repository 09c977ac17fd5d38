#!/usr/bin/env bash
# Holds the protos against those of an older commit: whoever speaks the API as it
# was then must still be understood. AGAINST names the commit. Without it that is
# the last tag, else where this branch left origin/main, else the commit before;
# a clone that has none of these is told so, and passes.
set -euo pipefail
cd "$(dirname "$0")/.."
. proto/workspace.sh

older() {
  local here found
  here=$(git rev-parse HEAD)
  for found in "$(git describe --tags --abbrev=0 HEAD 2>/dev/null)" "$(git merge-base HEAD origin/main 2>/dev/null)" HEAD~1; do
    found=$(git rev-parse -q --verify "${found:-none}^{commit}" 2>/dev/null) || continue
    [ "$found" = "$here" ] || { echo "$found"; return; }
  done
}

against=${AGAINST:-$(older)}
if [ -z "$against" ]; then
  echo "skipped: this clone has no older commit (is it shallow?), so nothing to hold the protos against"
  exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/old"
git archive "$against" proto/groovechaos/v1 | tar -x -C "$work/old"
workspace "$work/before" "$work/old/proto/groovechaos/v1"
workspace "$work/now" proto/groovechaos/v1
buf=${BUF:-$(go tool -n -modfile=.tools/go.mod buf)}
cd "$work/now"
"$buf" breaking --against "$work/before" --exclude-imports
echo "nothing breaks what was understood at $against"
