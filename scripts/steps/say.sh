# shellcheck shell=sh
# Words for the person at the terminal. All of them go to stderr: stdout belongs to the program that is started.

say() {
  printf 'glasshouse: %s\n' "$*" >&2
}

fail() {
  say "$*"
  exit 1
}

# quietly COMMAND…: its output is shown only when it fails, and then only the end of it.
quietly() {
  output=$(mktemp)
  if "$@" >"$output" 2>&1 </dev/null; then
    rm -f -- "$output"
  else
    tail -n 15 -- "$output" >&2
    rm -f -- "$output"
    return 1
  fi
}

# bounded SECONDS COMMAND…: a command that hangs must not hang the start.
bounded() {
  if command -v timeout >/dev/null; then
    timeout -k 5 "$@"
  else
    shift
    "$@"
  fi
}

# take_turn FILE: two starts at once prepare one after the other. The lock lives on descriptor 9, which the commands
# started meanwhile inherit, so a pip or apt that outlives a killed script still keeps the next start waiting.
take_turn() {
  (: >>"$1") 2>/dev/null || return 1
  exec 9>>"$1"
  "$system_python" - <<'PYTHON'
import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("glasshouse: another start is preparing; waiting for it", file=sys.stderr)
    fcntl.flock(9, fcntl.LOCK_EX)
PYTHON
}

end_turn() {
  exec 9>&-
}
