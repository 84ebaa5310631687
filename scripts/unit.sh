#!/usr/bin/env bash
# Runs the unit tests on the newest Python, and at the same time on Python 3.11 with the older ansible-core if there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export ANSIBLE_CONFIG=$PWD/ansible.cfg

unit() {
  local PATH=$PWD/$1/bin:$PATH
  pytest tests/unit -p no:cacheprovider "${@:2}"
}

scripts/zookeeper.sh
scripts/haproxy.sh
scripts/clickhouse.sh
older=$(scripts/older.sh)
if [ -z "$older" ]; then
  echo "==> No Python 3.11 beside a newer one: ansible-core 2.19 is not tried"
  unit "$venv"
  exit 0
fi
mkdir -p .cache/test
log=.cache/test/unit-2.19.txt
unit "$older" >"$log" 2>&1 &
status=0
# The services of the hosts run with their Python, which the older one is.
unit "$venv" -m "not services" || status=1
wait $! || status=1
echo "==> Python 3.11 with ansible-core 2.19"
cat "$log"
[ "$status" = 0 ]
VENV=$older scripts/lint.sh syntax
