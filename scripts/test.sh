#!/usr/bin/env bash
# Runs all checks in order, stops at the first failure, and ends with the closing line of each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
logs=.cache/test
mkdir -p "$logs"
rm -f "$logs"/*.log
report=()

# The closing line of the test runner, such as "12 passed in 3.45s", for each run in the log.
closing() { grep -hoE '[0-9]+ (passed|failed|error).* in [0-9.]+m?s.*' "$@" | sed 's/[ =]*$//' || true; }

note() {
  report+=("$(printf '%-10s %-7s %5d s' "$1" "$2" "$3")")
  local log line
  for log in "$logs/$1.log" "$logs/$1"-*.log; do
    [ -f "$log" ] || continue
    # Each Molecule scenario has its own log.
    [ "$1" != molecule ] || [ "$log" != "$logs/molecule.log" ] || continue
    while read -r line; do report+=("           $(basename "$log" .log): $line"); done < <(closing "$log")
  done
}

finish() {
  printf '\n==> Tests: %s after %d s\n' "$1" "$SECONDS"
  printf '    %s\n' "${report[@]}"
}

for step in setup lint unit contract browser docker molecule; do
  echo "==> [$step]"
  start=$SECONDS
  if scripts/$step.sh 2>&1 | tee "$logs/$step.log"; then
    note "$step" passed $((SECONDS - start))
  else
    note "$step" FAILED $((SECONDS - start))
    finish "failed at $step"
    exit 1
  fi
done
finish "all passed"
