#!/usr/bin/env bash
# Creates the lab, or removes it with "destroy". LAB_ARGS are passed to every ansible-playbook.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export PATH=$PWD/$venv/bin:$PATH ANSIBLE_CONFIG=$PWD/ansible.cfg
read -ra args <<<"${LAB_ARGS:-}"
step=0 steps=6

play() { ansible-playbook -i inventories/lab "${args[@]}" "$1"; }
run() {
  local title=$1 start=$SECONDS
  step=$((step + 1))
  echo "==> [$step/$steps] $title"
  # A plain call, not part of a condition, so that set -e holds within.
  "${@:2}"
  echo "==> [$step/$steps] $title: $((SECONDS - start)) s"
}
trap '[ $? = 0 ] || echo "==> The lab stopped at step $step of $steps" >&2' EXIT

hosts() {
  # Here rather than in the play, which would show nothing while it builds.
  scripts/image.sh >/dev/null
  play molecule/shared/create.yml
}
summary() {
  local log=.cache/lab/summary.log
  play molecule/shared/summary.yml >"$log" 2>&1 || { cat "$log" >&2; return 1; }
}

if [ "${1:-up}" = destroy ]; then
  steps=2
  run "Virtual environment" scripts/setup.sh
  run "Removing the lab" play molecule/shared/destroy.yml
  rm -rf .cache/facts
  exit
fi

run "Virtual environment" scripts/setup.sh
run "Docker Engine" scripts/docker.sh
run "Hosts" hosts
run "Cluster" play playbooks/site.yml
run "Health" play playbooks/health.yml
run "Summary" summary
echo "==> The lab is up after $SECONDS s; \"make lab-destroy\" removes it"
sed 's/^/    /' ".cache/lab/${LAB_NAME:-zoohouse-lab}.txt"
