#!/usr/bin/env bash
# Runs the tests of the health page in a headless Chromium, and installs one if necessary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}
export PATH=$PWD/$venv/bin:$PATH ANSIBLE_CONFIG=$PWD/ansible.cfg

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

if ! browser >/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "browser: no Chromium is installed: install the package chromium" >&2
    exit 1
  fi
  echo "==> Installing chromium"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi
echo "==> $("$(browser)" --version --no-sandbox 2>/dev/null)"
# Screenshots and PDFs are in .cache/test/browser.
pytest tests/browser
