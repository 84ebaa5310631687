#!/usr/bin/env bash
# Prints the name of a virtual environment with the oldest supported ansible-core, which needs Python 3.11, and creates it if
# necessary. Prints nothing if there is no Python 3.11 beside a newer one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
"${VENV:-.venv}/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' || exit 0
python=$(scripts/python.sh | awk '$1 ~ /^3\.11\./ && $3 == "venv" {print $2; exit}')
[ -n "$python" ] || exit 0
PYTHON=$python VENV=.venv-2.19 scripts/setup.sh >&2
echo .venv-2.19
