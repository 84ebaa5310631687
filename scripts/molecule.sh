#!/usr/bin/env bash
# Runs the given Molecule scenarios, or all of them, the longest ones first. LANES (2) run at the same time.
# With one lane the output is shown as it comes, with more when a scenario has ended. The scenarios in OLDER run on the oldest
# supported ansible-core, if there is a Python for it (OLDER= for none).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export PATH=$PWD/$venv/bin:$PATH ANSIBLE_CONFIG=$PWD/ansible.cfg
export MOLECULE_GLOB='molecule/*/molecule.yml'
# Plain output for people and for the summary.
export MOLECULE_COMMAND_BORDERS=0 NO_COLOR=1 ANSIBLE_NOCOLOR=1 PY_COLORS=0

if [ $# = 0 ]; then
  # One that takes twenty minutes must not be the last one, alone.
  set -- default preflight
  for file in molecule/*/molecule.yml; do
    scenario=$(basename "$(dirname "$file")")
    case " $* " in *" $scenario "*) ;; *) set -- "$@" "$scenario" ;; esac
  done
fi
OLDER=${OLDER-default clickhouse_config clickhouse_grow preflight}
# The environment is made before two scenarios need it, and only if one does.
older=
for scenario; do
  case " $OLDER " in
    *" $scenario "*)
      older=$(scripts/older.sh)
      break
      ;;
  esac
done
export LANES=${LANES:-2} OLDER older
[ $# != 1 ] || LANES=1
mkdir -p .cache/test
# Before two scenarios need it at the same time.
[ "$LANES" = 1 ] || scripts/image.sh >/dev/null

scenario() {
  local log=.cache/test/molecule-$1.log status=0
  export MOLECULE_EPHEMERAL_DIRECTORY=$PWD/.cache/molecule/$1
  case " $OLDER " in *" $1 "*) [ -z "$older" ] || export PATH=$PWD/$older/bin:$PATH ;; esac
  run() { molecule --base-config .config/molecule/config.yml "$2" --scenario-name "$1"; }
  echo "==> Scenario $1 with $(ansible --version | head -n 1)"
  if [ "$LANES" = 1 ]; then
    { run "$1" destroy && run "$1" test; } 2>&1 | tee "$log" || status=1
  else
    { run "$1" destroy && run "$1" test; } >"$log" 2>&1 || status=1
    cat "$log"
  fi
  return $status
}
export -f scenario
# The status 255 keeps xargs from beginning another one.
# shellcheck disable=SC2016  # $0 is the scenario that xargs passes
printf '%s\n' "$@" | xargs -P "$LANES" -n 1 bash -euo pipefail -c 'scenario "$0" || exit 255'
