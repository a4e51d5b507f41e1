# shellcheck shell=bash
# shellcheck disable=SC2154  # root and logs come from lib.sh
# The Python environment that the engines come from. Sourced by scripts/setup after lib.sh.

pip=(-m pip install --disable-pip-version-check --no-input --progress-bar off)

# make_environment FOLDER: a virtual environment of the distribution's own Python, whose headers torch.compile needs.
make_environment() {
  local folder=$1 system=/usr/bin/python3
  "$system" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$system is older than Python 3.11" "use Debian 12, Debian 13 or Ubuntu 24.04"
  if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    say "Python: making ${folder#"$root"/}"
    logged "$logs/venv.log" "$system" -m venv --clear "$folder"
  fi
}

# requirements_digest FOLDER NAME: what was asked for, and of which interpreter.
requirements_digest() {
  { "$1/bin/python" --version && cat "$root/requirements/constraints.txt" "$root/requirements/$2.txt"; } | sha256sum
}

is_installed() { [[ "$(cat "$1/.installed-$2" 2>/dev/null)" == "$(requirements_digest "$1" "$2")" ]]; }
mark_installed() { requirements_digest "$1" "$2" >"$1/.installed-$2"; }

# install_requirements FOLDER NAME [FLAG…]: installs requirements/NAME.txt, unless that was done before.
install_requirements() {
  local folder=$1 name=$2
  shift 2
  ! is_installed "$folder" "$name" || return 0
  say "Python: installing requirements/$name.txt"
  logged "$logs/pip-$name.log" "$folder/bin/python" "${pip[@]}" "$@" -r "$root/requirements/$name.txt"
  mark_installed "$folder" "$name"
}

# start_installing FOLDER TESTS: what most of the C++ code is built without, PyTorch (5.7 GB) above all, is installed in the background; sets
# installing_pid where there is something to do. In a process group of its own, so that pip ends with this script.
start_installing() {
  local folder=$1 tests=$2
  if is_installed "$folder" engines && is_installed "$folder" samples && { [[ $tests == no ]] || is_installed "$folder" test; }; then
    return 0
  fi
  set -m
  {
    install_requirements "$folder" engines
    install_requirements "$folder" samples --no-deps
    [[ $tests == no ]] || install_requirements "$folder" test
  } </dev/null &
  installing_pid=$!
  set +m
  trap 'kill -- "-$installing_pid" 2>/dev/null || true' EXIT
}

# finish_installing: waits for start_installing and says now and then how far it is.
finish_installing() {
  local ticks=0 log
  while kill -0 "$installing_pid" 2>/dev/null; do
    log=$(find "$logs" -name 'pip-*.log' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
    ((ticks++ % 15 != 0)) || say "Python: $(tail -n 1 "$log" | cut -c 1-100)"
    sleep 2
  done
  trap - EXIT
  wait "$installing_pid" || fail "PyTorch or what the tests need could not be installed" "see $logs/pip-*.log; scripts/demo --light does without PyTorch"
}

# check_interpreter PATH TESTS: says what an existing interpreter lacks; ends the script where Podium cannot do without.
check_interpreter() {
  local interpreter=$1 tests=$2 wanted=(torch torchao torchvision onnx onnxscript onnxruntime openvino onnx2torch safetensors numpy pillow)
  [[ $tests == no ]] || wanted+=(pytest)
  say "Python: looking at $interpreter"
  "$interpreter" "$root/scripts/check_packages.py" "$root/requirements/constraints.txt" "${wanted[@]}" ||
    fail "$interpreter lacks what Podium cannot do without" "run the command above, or leave --python out"
}
