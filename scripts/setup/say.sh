# Words for people, and commands whose own words go to the log.

say() { printf 'set-up (%d s): %s\n' "$SECONDS" "$*"; }

# fail SENTENCE [WAY-OUT]
fail() {
  printf 'set-up failed: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '%s\n' "$2" >&2
  exit 1
}

# quietly WHAT COMMAND…: runs it with its output in the log; when it fails, one sentence and its last words.
quietly() {
  local what=$1 own status=0
  shift
  own=$(mktemp)
  "$@" > "$own" 2>&1 < /dev/null || status=$?
  { printf -- '--- %s\n' "$*"; cat "$own"; } >> "$log"
  local words
  words=$(grep -iE '(^E: |error|fatal|failed|unable)' "$own" | grep -v 'npm error A complete log' | tail -1 || true)
  [ -n "$words" ] || words=$(grep -v '^[[:space:]]*$' "$own" | tail -1 || true)
  rm -f "$own"
  [ "$status" = 0 ] || fail "$what failed (${words:-no message})." "All it printed is in ${log#"$PWD"/}; once the cause is gone, run the same command again."
}

# Runs as root: ourselves, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

can_be_root() { [ "$(id -u)" = 0 ] || command -v sudo > /dev/null; }
