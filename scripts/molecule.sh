#!/usr/bin/env bash
# Runs the given Molecule scenarios, or all of them, default first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export PATH=$PWD/$venv/bin:$PATH ANSIBLE_CONFIG=$PWD/ansible.cfg
export MOLECULE_GLOB='molecule/*/molecule.yml'
# Plain output for people and for the summary.
export MOLECULE_COMMAND_BORDERS=0 NO_COLOR=1 ANSIBLE_NOCOLOR=1 PY_COLORS=0

if [ $# = 0 ]; then
  [ ! -f molecule/default/molecule.yml ] || set -- default
  for file in molecule/*/molecule.yml; do
    scenario=$(basename "$(dirname "$file")")
    [ "$scenario" = default ] || [ ! -f "$file" ] || set -- "$@" "$scenario"
  done
fi

mkdir -p .cache/test
for scenario; do
  echo "==> Scenario $scenario"
  export MOLECULE_EPHEMERAL_DIRECTORY=$PWD/.cache/molecule/$scenario
  run() { molecule --base-config .config/molecule/config.yml "$1" --scenario-name "$scenario"; }
  { run destroy && run test; } 2>&1 | tee ".cache/test/molecule-$scenario.log"
done
