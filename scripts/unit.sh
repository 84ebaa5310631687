#!/usr/bin/env bash
# Runs the unit tests on the newest Python, and on Python 3.11 with the older ansible-core if there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export ANSIBLE_CONFIG=$PWD/ansible.cfg

unit() { PATH=$PWD/$1/bin:$PATH pytest tests/unit; }

unit "$venv"
"$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' || exit 0

older=$(scripts/python.sh | awk '$1 ~ /^3\.11\./ && $3 == "venv" {print $2; exit}')
if [ -z "$older" ]; then
  echo "==> No Python 3.11 here: ansible-core 2.19 is not tried"
  exit 0
fi
PYTHON=$older VENV=.venv-2.19 scripts/setup.sh
unit .venv-2.19
VENV=.venv-2.19 scripts/lint.sh syntax
