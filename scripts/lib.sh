# shellcheck shell=bash
# Functions that the scripts of this folder share. Sourced, never run.

# shellcheck disable=SC2034  # used by the scripts that source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034
logs=$root/build/logs
started=${PODIUM_SCRIPT_STARTED:-$(date +%s)}
export PODIUM_SCRIPT_STARTED=$started  # so that nested scripts count from the same moment

# say TEXT…: one line on what is under way, with the time since the first script started.
say() {
  local seconds=$(($(date +%s) - started))
  printf '[%2d:%02d] %s\n' $((seconds / 60)) $((seconds % 60)) "$*"
}

# fail WHAT [MEND]: ends the script with a sentence on what was wrong and one on what mends it.
fail() {
  printf 'error: %s\n' "$1" >&2
  [[ -z ${2:-} ]] || printf '  mend: %s\n' "$2" >&2
  exit 1
}

# as_root COMMAND…: as it is for root, by sudo for others; never asks for a password.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && sudo --non-interactive true 2>/dev/null; then
    sudo --non-interactive --preserve-env=DEBIAN_FRONTEND "$@"
  else
    fail "root's rights are needed for: $*" "run that command as root once, then this script again"
  fi
}

# logged LOG COMMAND…: runs a command with its output in a log; shows the log's end where the command fails.
logged() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    fail "this command failed: $*" "see $log"
  fi
}

# missing_packages NAME…: those of the named Debian packages that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || printf '%s\n' "$name"
  done
}

# interpreter_path PYTHON: where the interpreter really is, however it was named (a word on PATH, a relative path, a version manager's shim).
interpreter_path() {
  "$1" -c 'import sys; print(sys.executable)' 2>/dev/null || fail "there is no Python interpreter '$1'" "give the path of one that has PyTorch to --python"
}
