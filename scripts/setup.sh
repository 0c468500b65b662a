#!/usr/bin/env bash
# Makes this checkout ready to run: Node 24, system packages, npm packages, the GDAL binding, pgSTAC's SQL.
# Silent and quick when there is nothing to do. `setup.sh test` also sees to the browser that the tests drive.
#
# What it makes stays in .toolchain/ and node_modules/ (this checkout) and in ~/.cache/tilepress (every checkout of this user).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

node_release=24.21.0
pgstac_release=0.10.0                  # of the PyPI package pypgstac, which also carries the older migrations
pgstac_versions='0.8.6 0.9.11 0.10.0'  # those in use; the tests run on each
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tilepress
toolchain=$PWD/.toolchain
log=$toolchain/setup.log
purpose=${1:-${npm_lifecycle_event:-start}}

source scripts/setup/say.sh
source scripts/setup/node.sh
source scripts/setup/system.sh
source scripts/setup/gdal.sh
source scripts/setup/pgstac.sh

ready() {
  node_ready && packages_ready && binding_ready && pgstac_ready && [ -z "$(missing_system_packages)" ]
}

ready && exit 0

mkdir -p "$toolchain" "$cache"
# One set-up at a time: a second one waits and then finds everything done.
if command -v flock > /dev/null; then
  exec 9> "$toolchain/lock"
  flock 9
  ready && exit 0
fi
: > "$log"
say "getting ready (what the tools print goes to ${log#"$PWD"/})"

missing=$(missing_system_packages)
[ -z "$missing" ] || assert_installable $missing
install_system_packages &
system=$!
# apt is never cut off half-way, nor left running behind a set-up that has ended.
trap '[ -z "$(jobs -rp)" ] || say "waiting for apt to finish what it began"; wait' EXIT
node_ready || install_node
packages_ready || install_packages
bring_binding || true
wait "$system" || exit 1

fetch_pgstac &
pgstac=$!
binding_ready || make_binding
wait "$pgstac" || exit 1
say "ready"
