#!/usr/bin/env bash
# Runs the linters named (yaml python shell ansible syntax), or all of them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export PATH=$PWD/$venv/bin:$PATH ANSIBLE_CONFIG=$PWD/ansible.cfg
shopt -s nullglob

yaml() { yamllint --strict .; }
python() { ruff check . && ruff format --check .; }
shell() { shellcheck scripts/*.sh .ci/run molecule/shared/image/*.sh; }
ansible() { ansible-lint --offline; }
syntax() {
  local playbooks=(playbooks/*.yml)
  [ ${#playbooks[@]} = 0 ] || ansible-playbook --syntax-check -i inventories/lab "${playbooks[@]}"
}

[ $# != 0 ] || set -- yaml python shell ansible syntax
for linter; do
  case $linter in
    yaml | python | shell | ansible | syntax) echo "==> $linter" ;;
    *) echo "lint: no such linter: $linter" >&2; exit 2 ;;
  esac
  "$linter"
done
