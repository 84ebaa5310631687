#!/usr/bin/env bash
# Runs the given linters (yaml python types shell ansible sanity syntax), or all of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export PATH=$PWD/$venv/bin:$PATH ANSIBLE_CONFIG=$PWD/ansible.cfg
shopt -s nullglob

yaml() { yamllint --strict .; }
python() { ruff check . && ruff format --check .; }
# From the tree of collections, in which the imports resolve.
types() { (cd .ansible/collections && mypy --config-file "$OLDPWD/pyproject.toml" ansible_collections/zoohouse/cluster/plugins); }
shell() { shellcheck scripts/*.sh .ci/run molecule/shared/image/*.sh; }
ansible() { ansible-lint --offline; }
sanity() { scripts/sanity.sh; }
syntax() {
  local playbooks=(playbooks/*.yml)
  [ ${#playbooks[@]} = 0 ] || ansible-playbook --syntax-check -i inventories/lab "${playbooks[@]}"
}

if [ $# = 0 ]; then
  # sanity takes longer than all others together, and mostly one core.
  mkdir -p .cache/test
  log=.cache/test/lint-sanity.txt status=0
  scripts/lint.sh sanity >"$log" 2>&1 &
  scripts/lint.sh yaml python types shell ansible syntax || status=1
  wait $! || status=1
  cat "$log"
  exit "$status"
fi
for linter; do
  case $linter in
    yaml | python | types | shell | ansible | sanity | syntax) echo "==> $linter" ;;
    *) echo "lint: no such linter: $linter" >&2; exit 2 ;;
  esac
  "$linter"
done
