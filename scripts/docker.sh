#!/usr/bin/env bash
# Makes sure that a Docker Engine answers: installs and starts one if necessary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

answers() { timeout 20 docker info >/dev/null 2>&1; }
fail() { echo "docker: $*" >&2; exit 1; }

if answers; then
  echo "==> Docker Engine $(docker info --format '{{.ServerVersion}}') answers"
  exit 0
fi

if ! command -v dockerd >/dev/null; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "no Docker Engine answers: install and start one that this user may use"
  fi
  echo "==> Installing Docker Engine"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    docker.io iptables mmdebstrap ca-certificates >/dev/null
fi
[ "$(id -u)" = 0 ] || fail "Docker Engine is installed but does not answer: start it, or let this user use it"

echo "==> Starting Docker Engine"
log=.cache/dockerd.log
mkdir -p .cache
if [ -d /run/systemd/system ]; then
  systemctl start docker || true
  alive() { ! systemctl --quiet is-failed docker; }
  show_log() { journalctl --no-pager -n 30 -u docker; }
else
  # Detached and without file descriptors of the caller, so that a pipe after this script can end.
  setsid dockerd </dev/null >"$log" 2>&1 &
  engine=$!
  alive() { kill -0 "$engine" 2>/dev/null; }
  show_log() { tail -n 30 "$log"; }
fi

deadline=$((SECONDS + 60))
until answers; do
  if ! alive || [ "$SECONDS" -ge "$deadline" ]; then
    show_log >&2
    fail "Docker Engine did not come up; its log is above"
  fi
  sleep 1
done
echo "==> Docker Engine $(docker info --format '{{.ServerVersion}}') answers"
