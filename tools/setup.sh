#!/usr/bin/env bash
# Installs what the project needs and is missing; says nothing when nothing is.
# With a name also what makes and tests packages (`packaging`) or what runs of several processes need (`mpi`).
# With names of services, `tools/setup.sh gateway hub`, only their environments for the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "setup: $*" >&2
  exit 1
}

# True when version $1 is at least $2.
at_least() {
  [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

check_swift() {
  command -v swift >/dev/null || fail "Swift 6.2 or later is needed and was not found; install it from https://www.swift.org/install and put it on PATH."
  local version
  version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)*).*/\1/p' | head -n 1)
  at_least "${version:-0}" 6.2 || fail "Swift 6.2 or later is needed, and $(command -v swift) is ${version:-of unknown version}; install a newer one from https://www.swift.org/install."
}

check_python() {
  command -v "$python" >/dev/null || fail "Python 3.11 or later is needed and '$python' was not found; install python3, or name one with PYTHON=/path/to/python3."
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or later is needed, and $(command -v "$python") is $("$python" -c 'import platform; print(platform.python_version())'); name a newer one with PYTHON=/path/to/python3."
}

install_debian_packages() {
  local wanted=(libedit-dev libopenblas-dev libzmq3-dev libsodium-dev libsqlite3-dev
    libpng-dev libturbojpeg0-dev libzip-dev zlib1g-dev graphviz tmux chromium)
  [[ $purpose != packaging ]] || wanted+=(dpkg-dev lintian mmdebstrap)
  [[ $purpose != mpi ]] || wanted+=(openmpi-bin libopenmpi-dev iproute2)
  # Debian keeps what `python3 -m venv` needs in a package of its own.
  [[ -x $venv/bin/python ]] || "$python" -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv)

  if ! command -v dpkg-query >/dev/null; then
    [[ -e $venv ]] || echo "setup: this is no Debian system; libedit, OpenBLAS, ZeroMQ, libsodium, SQLite, libpng, libjpeg-turbo, libzip and zlib must be installed with their headers." >&2
    return
  fi
  local missing=() package
  for package in "${wanted[@]}"; do
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "these packages are missing: ${missing[*]}; as root, run apt-get install ${missing[*]}, then start again."
    root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  mkdir -p build
  {
    "${root[@]}" apt-get update -q &&
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
  } >build/apt.log 2>&1 || fail "apt-get could not install ${missing[*]}; its messages are in build/apt.log."
}

# make_environment FOLDER REQUIREMENTS: makes it where it is not complete.
make_environment() {
  local venv=$1 requirements=$2
  if cmp -s "$requirements" "$venv/requirements.txt" && "$venv/bin/python" -c '' 2>/dev/null; then return; fi
  echo "setup: making the Python environment $venv"
  mkdir -p build
  "$python" -m venv --clear "$venv" >build/venv.log 2>&1 || fail "'$python -m venv $venv' failed; its messages are in build/venv.log."
  install_requirements "$venv" "$requirements" requirements.txt
}

# install_requirements FOLDER FILE STAMP: a copy of the file in the environment says that all of it is there.
install_requirements() {
  local venv=$1 file=$2 stamp=$1/$3
  if cmp -s "$file" "$stamp"; then return; fi
  mkdir -p build
  "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --requirement "$file" >build/pip.log 2>&1 ||
    fail "pip could not install $file into $venv; its messages are in build/pip.log."
  cp "$file" "$stamp"
}

purpose=${1:-}
python=${PYTHON:-python3}
venv=.venv
# Services need no compiler.
needs_swift() { [[ $purpose =~ ^(packaging|mpi)?$ ]]; }
! needs_swift || check_swift
check_python
if ! needs_swift; then
  for service; do make_environment ".venv-$service" "Tests/python/requirements-$service.txt"; done
  exit
fi
install_debian_packages
make_environment "$venv" requirements.txt
[[ $purpose != packaging ]] || install_requirements "$venv" packaging/requirements.txt packaging.txt
