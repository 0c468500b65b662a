# gdal-async's native binding. Its own install script would, where the prebuilt binary can't be had, compile the GDAL it bundles: an hour.
# Here: the per-user cache, else the prebuilt binary, else a build against the system's GDAL (2 min), which is then cached.

binding_file() {
  echo "node_modules/gdal-async/lib/binding/$("$node" -p '`node-v${process.versions.modules}-${process.platform}-${process.arch}`')/gdal.node"
}

# Loading it is the proof: the file may be for another Node, or its libgdal gone.
binding_ready() { "$node" -e 'require("gdal-async")' > /dev/null 2>&1; }

# gdal-async-VERSION-node-vABI-PLATFORM-ARCH
binding_key() {
  "$node" -p '`gdal-async-${require("./node_modules/gdal-async/package.json").version}-node-v${process.versions.modules}-${process.platform}-${process.arch}`'
}

# The folder whose include/ has Node's headers.
node_home() { dirname "$(dirname "$(readlink -f "$node")")"; }

# pre_gyp SECONDS ARGUMENT…: runs gdal-async's own build tool in its folder, for so long at most (macOS has no `timeout`; --foreground lets Ctrl-C through).
pre_gyp() {
  local limit=(timeout --foreground "$1") tool
  shift
  command -v timeout > /dev/null || limit=(env)
  for tool in node_modules/gdal-async/node_modules/.bin/node-pre-gyp node_modules/.bin/node-pre-gyp; do [ ! -e $tool ] || break; done
  # A nodedir in the person's .npmrc reaches us through `npm start` and would win over --nodedir: headers of another Node.
  (cd node_modules/gdal-async && PATH="$(dirname "$node"):$PATH" npm_config_nodedir="$(node_home)" "${limit[@]}" "$node" "$OLDPWD/$tool" "$@")
}

# From the cache, else prebuilt. Fails when neither is to be had.
bring_binding() {
  binding_ready && return
  restore_binding && return
  say "GDAL binding: looking for the prebuilt one"
  # --fallback-to-build is what must not be here.
  if pre_gyp 180 install >> "$log" 2>&1 < /dev/null && binding_ready; then
    keep_binding bundled
    return
  fi
  rm -rf node_modules/gdal-async/lib/binding
  return 1
}

# Tries every cached binding of this gdal-async and Node, whatever libgdal it was made for.
restore_binding() {
  local cached file
  file=$(binding_file)
  for cached in "$cache/gdal/$(binding_key)"-*/gdal.node; do
    [ -f "$cached" ] || continue
    mkdir -p "$(dirname "$file")"
    cp "$cached" "$file"
    binding_ready && return
  done
  rm -f "$file"
  return 1
}

# keep_binding GDAL-VERSION
keep_binding() {
  local folder
  folder=$cache/gdal/$(binding_key)-libgdal-$1
  mkdir -p "$folder"
  cp "$(binding_file)" "$folder/gdal.node.$$"
  mv "$folder/gdal.node.$$" "$folder/gdal.node"
}

# Its build ends with a step for its own documentation, which may fail without harm: that the binding loads is what counts.
build_binding() { pre_gyp 3600 install --build-from-source --shared_gdal -j max || binding_ready; }

# The cached one again (libgdal may have come with the system packages meanwhile), else a build against the system's GDAL.
make_binding() {
  restore_binding && return
  local needed=()
  command -v gdal-config > /dev/null || needed+=(libgdal-dev)
  command -v g++ > /dev/null || needed+=(g++)
  command -v make > /dev/null || needed+=(make)
  if [ ${#needed[@]} -gt 0 ]; then
    command -v apt-get > /dev/null || fail "gdal-async's prebuilt binary could not be had, and ${needed[*]} to build it are missing." "Install GDAL 3.6 or newer with its headers, a C++ compiler and make, then run the same command again."
    (apt_install "${needed[@]}")
  fi
  # Node's headers come with the npm package of Node; a Node of the machine may not have any.
  [ -d "$(node_home)/include/node" ] || install_node
  local gdal
  gdal=$(gdal-config --version)
  say "GDAL binding: building it against the system's GDAL $gdal (about 2 min; only once, it is kept in ~/.cache/tilepress)"
  quietly "Building gdal-async against GDAL $gdal" build_binding
  rm -rf node_modules/gdal-async/build
  binding_ready || fail "gdal-async was built but does not load ($("$node" -e 'require("gdal-async")' 2>&1 | grep -m1 Error || true))."
  keep_binding "$gdal"
}
