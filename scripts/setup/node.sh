# Node 24 and the npm packages.

major_of() { "$1" -p 'process.versions.node.split(".")[0]' 2> /dev/null || echo 0; }

# Sets $node to the first Node that is new enough: this checkout's own, else the machine's.
node_ready() {
  node=$toolchain/node/bin/node
  [ -x "$node" ] && return 0
  node=$(command -v node) && [ "$(major_of "$node")" -ge 24 ]
}

install_node() {
  local platform
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-arm64 ;;
    *) fail "Node 24 or newer is needed, and this machine's is older." "Install it from https://nodejs.org and run the same command again." ;;
  esac
  command -v npm > /dev/null || fail "npm is missing." "Install Node.js 24 or newer with npm and run the same command again."
  say "Node $node_release"
  local work=$toolchain/node.new
  rm -rf "$work" && mkdir -p "$work"
  quietly "Fetching Node $node_release" npm pack "node-$platform@$node_release" --pack-destination "$work" --ignore-scripts
  quietly "Unpacking Node" tar -xzf "$work"/*.tgz -C "$work" --strip-components=1
  rm -f "$work"/*.tgz
  [ "$(major_of "$work/bin/node")" -ge 24 ] || fail "Node $node_release does not run on this machine." "Install Node.js 24 or newer yourself and run the same command again."
  rm -rf "$toolchain/node" && mv "$work" "$toolchain/node"
  node=$toolchain/node/bin/node
}

packages_ready() { [ -f node_modules/.package-lock.json ] && "$node" scripts/setup/installed.ts; }

# npm runs on Node 24 too: on an older one it would choose older packages.
install_packages() {
  say "npm packages"
  quietly "npm ci" env PATH="$(dirname "$node"):$PATH" npm ci --no-audit --no-fund --no-update-notifier
  "$node" scripts/setup/installed.ts || fail "npm left packages out." "Delete node_modules and run the same command again."
}
