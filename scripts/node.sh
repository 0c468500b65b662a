#!/usr/bin/env bash
# Runs Node 24 with the arguments given: this checkout's own when scripts/setup.sh brought one, else the machine's.
set -euo pipefail
own=$(dirname "${BASH_SOURCE[0]}")/../.toolchain/node/bin
[ ! -x "$own/node" ] || PATH=$(cd "$own" && pwd):$PATH
exec node "$@"
