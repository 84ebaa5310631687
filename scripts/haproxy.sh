#!/usr/bin/env bash
# Makes sure that tests can start an HAProxy of their own: installs the package of the distribution if necessary.
set -euo pipefail

if command -v haproxy >/dev/null; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "haproxy: install HAProxy 2.6 or later" >&2
  exit 1
fi
echo "==> Installing HAProxy"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends haproxy >/dev/null
