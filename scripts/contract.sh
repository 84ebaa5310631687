#!/usr/bin/env bash
# Loads what the role clickhouse renders into real ClickHouse engines, some of it with a real ZooKeeper. Each engine has a
# virtual environment, made once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export PATH=$PWD/$venv/bin:$PATH ANSIBLE_CONFIG=$PWD/ansible.cfg

# The oldest engine is not packaged for later Pythons.
python=$(scripts/python.sh | awk '{split($1, version, "."); if (version[2] <= 13) {print $2; exit}}')
if [ -z "$python" ]; then
  echo "contract: no Python from 3.11 to 3.13: install one for the engines" >&2
  exit 1
fi

scripts/zookeeper.sh

for requirements in requirements/engines/*.txt; do
  engine=.cache/contract/$(basename "$requirements" .txt)
  stamp=$({ "$python" -V; cat "$requirements"; } | sha256sum | cut -d' ' -f1)
  if [ "$(cat "$engine/.stamp" 2>/dev/null)" != "$stamp" ]; then
    echo "==> Installing ClickHouse $(basename "$engine") as a library"
    "$python" -m venv --clear --without-pip "$engine"
    # Its other requirements serve formats of results that no test asks for.
    "$venv/bin/python" -m pip --python "$engine/bin/python" install -qq --disable-pip-version-check --no-deps -r "$requirements"
    echo "$stamp" >"$engine/.stamp"
  fi
done

# With arguments for pytest, for example to choose tests, there is one run.
if [ $# != 0 ]; then
  pytest tests/contract "$@"
  exit 0
fi
# A run waits while its engine works, so two of them, each with its versions and its ZooKeeper, need less time than one.
mkdir -p .cache/test
log=.cache/test/contract-2.txt
pytest tests/contract -p no:cacheprovider --lane 2/2 >"$log" 2>&1 &
status=0
pytest tests/contract -p no:cacheprovider --lane 1/2 || status=1
wait $! || status=1
echo "==> The other versions"
cat "$log"
[ "$status" = 0 ]
