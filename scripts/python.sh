#!/usr/bin/env bash
# Lists the usable Pythons (3.11 or later that really run), newest first: "version path venv|bare" a line. Of one minor version,
# that of the distribution comes first: it is built with profile-guided optimization, and runs Ansible in two thirds of the time.
set -euo pipefail

candidates() {
  local name
  for name in python3.14 python3.13 python3.12 python3.11 python3; do command -v "$name" || true; done
  if command -v pyenv >/dev/null; then printf '%s\n' "$(pyenv root)"/versions/*/bin/python3; fi
  echo /usr/bin/python3
}

# A pyenv shim may exist without an interpreter behind it.
probe='
import importlib.util, sys
if sys.version_info < (3, 11): sys.exit(1)
able = "venv" if importlib.util.find_spec("ensurepip") else "bare"
print("%d.%d" % sys.version_info[:2], int(sys.executable.startswith("/usr/bin/")),
      "%d.%d.%d" % sys.version_info[:3], sys.executable, able)'

candidates | while read -r python; do
  "$python" -c "$probe" 2>/dev/null || true
done | sort -rVu | cut -d' ' -f3-
