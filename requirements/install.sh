#!/bin/sh
# Installs Steward and all that it needs into a virtual environment: install.sh DIRECTORY
set -eu
venv=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.14; do
        if new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

as_root_with_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_venv_module() {
    package="$("$1" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
    if ! as_root_with_apt; then
        fail "$1 cannot make virtual environments. Install what is missing, then run make again:
    sudo apt-get install $package"
    fi
    say "Installing $package …"
    apt-get update -qq >"$log" 2>&1 && apt-get install -qq -y "$package" >"$log" 2>&1 || {
        cat "$log" >&2
        fail "apt-get could not install $package."
    }
}

python=$(find_python) || fail "Steward needs Python 3.11 or newer; ${PYTHON:-python3} is $(
    "${PYTHON:-python3}" --version 2>/dev/null || echo not there). Install one, for example:
    sudo apt-get install python3.11 python3.11-venv
or name it: make PYTHON=/path/to/python3.11"

can_make_venv "$python" || install_venv_module "$python"

if ! [ -x "$venv/bin/pip" ] || ! new_enough "$venv/bin/python"; then
    say "Making $venv with $("$python" --version) …"
    "$python" -m venv --clear "$venv"
fi
say "Installing the pinned requirements (about 200 MB the first time) …"
pip="$venv/bin/python -m pip --disable-pip-version-check --quiet"
$pip install --require-hashes -r requirements/dev.txt
$pip install --no-deps --no-build-isolation --editable .
say "Ready: $venv/bin/steward"
