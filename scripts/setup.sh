#!/usr/bin/env bash
# Creates the virtual environment VENV (default .venv) with PYTHON (default: the newest usable one).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}

fail() { echo "setup: $*" >&2; exit 1; }
root_on_debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
apt_install() {
  echo "==> Installing $*"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}
has_ensurepip() { "$1" -c 'import ensurepip' 2>/dev/null; }

if ! command -v ssh >/dev/null; then
  root_on_debian || fail "ssh is missing: install the OpenSSH client"
  apt_install openssh-client
fi

if [ -n "${PYTHON:-}" ]; then
  python=$PYTHON
else
  found=$(scripts/python.sh)
  if ! grep -q ' venv$' <<<"$found" && root_on_debian; then
    apt_install python3-venv
    found=$(scripts/python.sh)
  fi
  python=$(awk '$3 == "venv" {print $2; exit}' <<<"$found")
  [ -n "$python" ] || fail "no Python 3.11 or later that can make a virtual environment: install python3 and python3-venv"
fi
has_ensurepip "$python" || fail "$python cannot make a virtual environment: install its venv package (Debian: python3-venv)"

# The stamp records what is installed, so that a second run is instant and needs no network.
stamp=$({ "$python" -c 'import sys; print(sys.version)'; cat requirements/*.txt; } | sha256sum | cut -d' ' -f1)
if [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "==> Creating $venv with $("$python" -V)"
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install -qq --disable-pip-version-check -r requirements/dev.txt
  echo "$stamp" >"$venv/.stamp"
fi

# Ansible finds the checkout as the installed collection.
link=.ansible/collections/ansible_collections/zoohouse/cluster
mkdir -p "${link%/*}"
ln -sfn ../../../.. "$link"
versions='import importlib.metadata as m, platform; print("Python", platform.python_version() + ", ansible-core", m.version("ansible-core"))'
echo "==> $venv is ready: $("$venv/bin/python" -c "$versions")"
