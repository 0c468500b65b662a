# PostgreSQL with PostGIS, Redis and small tools, by apt on Debian and Ubuntu; elsewhere by the person.

# The newest installed PostgreSQL server from 15 on, or nothing.
postgres_major() {
  local path major best=
  for path in /usr/lib/postgresql/*/bin/postgres; do
    major=${path#/usr/lib/postgresql/} major=${major%%/*}
    [ -x "$path" ] && [ "$major" -ge 15 ] && [ "$major" -gt "${best:-0}" ] && best=$major
  done
  echo "$best"
}

# The packages that lack, by the program or file that shows it; empty when nothing does.
missing_system_packages() {
  local missing=() major
  major=$(postgres_major)
  [ -n "$major" ] || missing+=(postgresql)
  [ -n "$major" ] && [ -f "/usr/share/postgresql/$major/extension/postgis.control" ] || missing+=(postgis)
  command -v redis-server > /dev/null || missing+=(redis-server)
  command -v openssl > /dev/null || missing+=(openssl)
  pgstac_ready || has_pip || missing+=(python3-pip)
  [ "$purpose" != test ] || command -v chromium > /dev/null || missing+=(chromium)
  echo "${missing[*]:-}"
}

has_pip() { python3 -m pip --version > /dev/null 2>&1; }

install_system_packages() { [ -z "$missing" ] || apt_install $missing; }

# assert_installable NAME…: says at once what to install where we can't.
assert_installable() {
  if ! command -v apt-get > /dev/null; then
    fail "this machine lacks: $*." "Install PostgreSQL 15 or newer with PostGIS 3, Redis 7, OpenSSL, and Python 3 with pip (for the tests Chromium too), then run the same command again."
  fi
  local names=" $* "
  names=${names/ postgis / postgresql-postgis }
  can_be_root || fail "this machine lacks: $*." "As root: apt-get install${names% }
Then run the same command again."
}

# apt_install NAME…: `postgis` stands for the package of the PostgreSQL that is or will be there.
apt_install() {
  assert_installable "$@"
  quietly "apt-get update" as_root apt-get update -q
  local names=() name major
  major=$(postgres_major)
  [ -n "$major" ] || major=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -1)
  [ "${major:-0}" -ge 15 ] || fail "this system's PostgreSQL is ${major:-unknown}, and pgSTAC needs 15 or newer." "Add the PostgreSQL project's apt repository (package postgresql-common, script apt.postgresql.org.sh) and run the same command again."
  for name in "$@"; do
    case $name in
      postgresql) names+=("postgresql-$major") ;;
      postgis) names+=("postgresql-$major-postgis-3") ;;
      *) names+=("$name") ;;
    esac
  done
  say "system packages: ${names[*]}"
  without_starting_services quietly "apt-get install ${names[*]}" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${names[@]}"
}

# Debian starts the servers it installs, now and at every boot. The stack starts its own, so they stay off; what ran before goes on.
without_starting_services() (
  local policy=/usr/sbin/policy-rc.d unit new=()
  for unit in redis-server postgresql; do
    [ -e "/lib/systemd/system/$unit.service" ] || new+=("$unit")
  done
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy > /dev/null
    as_root chmod 755 $policy
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  "$@"
  for unit in "${new[@]}"; do
    [ -e "/lib/systemd/system/$unit.service" ] || continue
    if command -v systemctl > /dev/null; then as_root systemctl disable "$unit.service"; else as_root update-rc.d "$unit" disable; fi >> "$log" 2>&1 || true
  done
)
