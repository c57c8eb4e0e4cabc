# shellcheck shell=sh
# A virtual environment with what pyproject.toml asks for, at the versions of constraints.txt. Needs say.sh, debian.sh, driver.sh, $root.
# The project itself is not installed: server.py stands beside its packages, and a clone stays free of build folders.

venv=${GLASSHOUSE_VENV:-$root/.venv}
case $venv in /*) ;; *) venv=$PWD/$venv ;; esac
python=$venv/bin/python
stamp=$venv/.glasshouse-installed       # what was installed: the set, and the fingerprint of what asked for it
unfinished=$venv/.glasshouse-unfinished # lies there while pip works: found at a start, pip was killed half-way

# prepare_python run|dev: sets $python. A second start costs one short run of the interpreter.
prepare_python() {
  set_wanted=$1
  if ! is_prepared; then
    find_python
    claim_venv
    is_prepared || build_venv
    end_turn
  fi
  use_lent_node
}

is_prepared() {
  [ -x "$python" ] && [ -f "$stamp" ] && [ ! -e "$unfinished" ] || return 1
  wanted=$(fingerprint) || return 1
  case $(cat "$stamp") in
    "dev $wanted" | "$set_wanted $wanted") return 0 ;; # dev holds all that run needs
    *) return 1 ;;
  esac
}

fingerprint() {
  version=$("$python" -c 'import sys; print(sys.version)' 2>/dev/null) || return 1
  { cat "$root/pyproject.toml" "$root/constraints.txt" && printf '%s' "$version"; } | cksum
}

# Sets $system_python to the machine's Python.
find_python() {
  if [ -n "${GLASSHOUSE_PYTHON:-}" ]; then
    is_new_enough "$GLASSHOUSE_PYTHON" || fail "GLASSHOUSE_PYTHON is not Python 3.11 or newer: $GLASSHOUSE_PYTHON"
    system_python=$GLASSHOUSE_PYTHON
  elif ! search_python && ! { debian_install python3 && search_python; }; then
    fail "Python 3.11 or newer was not found. Install it, or set GLASSHOUSE_PYTHON to its path, and start again."
  fi
}

search_python() {
  for system_python in python3 python3.11 python3.12 python3.13 python3.14; do
    is_new_enough "$system_python" && return
  done
  return 1
}

is_new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Waits for our turn on the folder, and refuses one that holds something else.
claim_venv() {
  if [ -d "$venv" ] && [ ! -e "$venv/pyvenv.cfg" ] && [ ! -e "$venv/.lock" ] && [ -n "$(ls -A -- "$venv")" ]; then
    fail "$venv is not a Python environment. Set GLASSHOUSE_VENV to another folder, and start again."
  fi
  { mkdir -p -- "$venv" 2>/dev/null && take_turn "$venv/.lock"; } ||
    fail "$venv cannot be written. Set GLASSHOUSE_VENV to a folder of your own, and start again."
}

build_venv() {
  was_whole=yes
  if [ -e "$unfinished" ] || ! "$python" -m pip --version >/dev/null 2>&1; then
    was_whole=no
    find "$venv" -mindepth 1 -maxdepth 1 ! -name .lock -exec rm -rf -- {} +
  fi
  : >"$unfinished"
  [ -x "$python" ] || make_venv
  if ! install_requirements; then
    # pip changes nothing before it has everything, so an environment that was whole still is.
    [ "$was_whole" = no ] || rm -f -- "$unfinished"
    fail "the Python packages could not be installed. See pip's words above; check the network and pip's settings, and start again."
  fi
  prepare_driver
  printf '%s %s\n' "$set_wanted" "$(fingerprint)" >"$stamp"
  rm -f -- "$unfinished"
}

make_venv() {
  say "making a Python environment in $venv"
  minor=$("$system_python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  # Debian ships Python without ensurepip; its package python3.X-venv brings it.
  if has_ensurepip || { debian_install "python$minor-venv" && has_ensurepip; }; then
    quietly "$system_python" -m venv "$venv" || fail "$system_python could not make an environment in $venv."
  else
    quietly "$system_python" -m venv --without-pip "$venv" || fail "Python's venv module is missing. Install python$minor-venv, and start again."
    lend_pip || fail "pip is missing and could not be fetched. Install python$minor-venv, and start again."
  fi
}

has_ensurepip() {
  "$system_python" -c 'import ensurepip, venv' 2>/dev/null
}

# Without ensurepip and without root: the machine's own pip puts one into the environment, or else the one in Debian's package.
lend_pip() {
  "$system_python" -m pip --python "$python" -qq install pip >/dev/null 2>&1 </dev/null && return
  borrowed=$(mktemp -d)
  debian_unpack "$borrowed" python3-pip-whl &&
    for wheel in "$borrowed"/root/usr/share/python-wheels/pip-*.whl; do
      "$python" "$wheel/pip" -qq install --no-index "$wheel" # a wheel of pip runs in place
    done
  rm -rf -- "$borrowed"
  "$python" -m pip --version >/dev/null 2>&1
}

install_requirements() {
  say "installing the Python packages into $venv (once; about a minute)"
  requirements=$(mktemp)
  status=0
  requirements_of "$set_wanted" >"$requirements" &&
    pip_install --constraint "$root/constraints.txt" --requirement "$requirements" || status=1
  rm -f -- "$requirements"
  return "$status"
}

# PIP_USER=0, as a `user = true` in someone's pip.conf would make every installation into an environment fail.
pip_install() {
  quietly env PIP_USER=0 \
    "$python" -m pip install --no-input --disable-pip-version-check --progress-bar off "$@"
}

requirements_of() {
  "$python" - "$root/pyproject.toml" "$1" <<'PYTHON'
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
extra = project["optional-dependencies"].get(sys.argv[2], [])
print(*project["dependencies"], *extra, sep="\n")
PYTHON
}
