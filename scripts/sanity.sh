#!/usr/bin/env bash
# Runs ansible-test sanity on a copy of the collection, which ansible-test needs in a tree of collections.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=$PWD/${VENV:-.venv}
export PATH=$venv/bin:$PATH
target=.cache/sanity/ansible_collections/zoohouse/cluster
python=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

rm -rf "$target"
mkdir -p "$target"
# What the collection contains, and the ignore files. Not what build_ignore of galaxy.yml leaves out.
git ls-files -z --cached --others --exclude-standard -- plugins roles playbooks meta changelogs docs galaxy.yml README.md LICENSE tests/sanity |
  while IFS= read -r -d '' file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done |
  tar --create --files-from=- | tar --extract --directory="$target"

# ansible-test would download this script, to put pip into its virtual environments; Python brings its own pip.
version=$("$venv/bin/python" - "$python" <<'PYTHON'
import sys, types
from ansible_test._internal.python_requirements import get_venv_packages
print(get_venv_packages(types.SimpleNamespace(version=sys.argv[1]))["pip"])
PYTHON
)
bootstrap=$HOME/.ansible/test/cache/get_pip_${version//./_}.py
if [ ! -f "$bootstrap" ]; then
  mkdir -p "${bootstrap%/*}"
  printf 'import ensurepip\n\nensurepip.bootstrap()\n' >"$bootstrap"
fi
# ansible-test takes the files of a collection from git.
cd "$target"
git init --quiet
git add --all
ansible-test sanity --python "$python" --requirements
