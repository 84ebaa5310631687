#!/usr/bin/env bash
# Measures in a separate lab: creating it, running again, and the cost of a run that changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LAB_NAME=${LAB_NAME:-zoohouse-bench} LAB_SUBNET=${LAB_SUBNET:-172.29.69}
export VENV=.cache/bench/venv ANSIBLE_CACHE_PLUGIN_CONNECTION=.cache/bench/facts
export PATH=$PWD/$VENV/bin:$PATH
rm -rf .cache/bench
mkdir -p .cache/bench
trap 'scripts/lab.sh destroy >/dev/null' EXIT

# Images that a running lab uses cannot be removed; then the time does not include building them.
images=$(docker images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null | grep -E '^zoohouse-(host|base):bookworm' || true)
[ -z "$images" ] || xargs docker image rm <<<"$images" >/dev/null 2>&1 || echo "images in use are kept: the time from nothing is without them"

timed() {
  local start=$SECONDS
  scripts/lab.sh >".cache/bench/$1.log" 2>&1 || { tail -n 40 ".cache/bench/$1.log"; exit 1; }
  printf '%-18s %6d s  (%s)\n' "make lab, $1" $((SECONDS - start)) \
    "$(sed -n 's/^==> \[[0-9/]*\] \(.*\): \([0-9]* s\)$/\1 \2/p' ".cache/bench/$1.log" | paste -sd, | sed 's/,/, /g')"
}
timed cold
timed again
"$VENV/bin/python" tests/bench/noop.py
# The walk of a subtree, in the same lab.
PYTHONPATH=.ansible/collections "$VENV/bin/python" tests/bench/walk.py
