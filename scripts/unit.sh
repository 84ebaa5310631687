#!/usr/bin/env bash
# Runs the unit tests on the newest Python, and at the same time on Python 3.11 with the older ansible-core if there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export ANSIBLE_CONFIG=$PWD/ansible.cfg

unit() { PATH=$PWD/$1/bin:$PATH pytest tests/unit -p no:cacheprovider; }

scripts/zookeeper.sh
scripts/haproxy.sh
scripts/clickhouse.sh
older=
if "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then
  older=$(scripts/python.sh | awk '$1 ~ /^3\.11\./ && $3 == "venv" {print $2; exit}')
fi
if [ -z "$older" ]; then
  echo "==> No Python 3.11 beside a newer one: ansible-core 2.19 is not tried"
  unit "$venv"
  exit 0
fi
PYTHON=$older VENV=.venv-2.19 scripts/setup.sh
mkdir -p .cache/test
log=.cache/test/unit-2.19.txt
unit .venv-2.19 >"$log" 2>&1 &
status=0
unit "$venv" || status=1
wait $! || status=1
echo "==> Python 3.11 with ansible-core 2.19"
cat "$log"
[ "$status" = 0 ]
VENV=.venv-2.19 scripts/lint.sh syntax
