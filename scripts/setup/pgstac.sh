# pgSTAC's schema, from the Python package that carries it: nothing of it is copied into this repository.

pgstac_ready() {
  local version
  for version in $pgstac_versions; do [ -s "$cache/pgstac/pgstac.$version.sql" ] || return 1; done
}

fetch_pgstac() {
  pgstac_ready && return
  say "pgSTAC $pgstac_release"
  local work version
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  quietly "Fetching pypgstac $pgstac_release" python3 -m pip download --no-deps --only-binary :all: --disable-pip-version-check -d "$work" "pypgstac==$pgstac_release"
  quietly "Unpacking pypgstac" python3 -m zipfile -e "$work"/*.whl "$work"
  mkdir -p "$cache/pgstac"
  for version in $pgstac_versions; do
    cp "$work/pypgstac/migrations/pgstac.$version.sql" "$cache/pgstac/.$version.$$"
    mv "$cache/pgstac/.$version.$$" "$cache/pgstac/pgstac.$version.sql"
  done
}
