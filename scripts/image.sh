#!/usr/bin/env bash
# Prints the name of the host image of a Debian release (default bookworm), and builds it if necessary. With "bare" as second
# argument, nothing that the packages of the roles depend on is installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
release=${1:-bookworm}
bare=${2:-}
context=molecule/shared/image
base=zoohouse-base:$release
image=zoohouse-host:$release-$(cat "$context"/* scripts/image.sh | sha256sum | cut -c1-12)${bare:+-bare}

have() { docker image inspect "$1" >/dev/null 2>&1; }
say() { echo "==> $*" >&2; }

bootstrap() {
  local work
  if ! command -v mmdebstrap >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      say "No image debian:$release to pull: install mmdebstrap to make one"
      return 1
    fi
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends mmdebstrap; } >&2
  fi
  mkdir -p .cache
  work=$(mktemp -d -p .cache image.XXXXXX)
  # shellcheck disable=SC2064  # expand now
  trap "rm -rf '$work'" EXIT
  mmdebstrap --quiet --variant=minbase "$release" "$work/base.tar" >&2
  docker import "$work/base.tar" "$base" >/dev/null
}

if ! have "$image"; then
  if ! have "$base"; then
    say "Fetching or making the base image of $release"
    if timeout 60 docker pull --quiet "debian:$release" >/dev/null 2>&1; then
      docker tag "debian:$release" "$base"
    else
      bootstrap
    fi
  fi
  say "Building $image"
  log=$(mktemp)
  DOCKER_BUILDKIT=0 docker build --build-arg BASE="$base" --build-arg BARE="$bare" --tag "$image" "$context" >"$log" 2>&1 ||
    { tail -n 40 "$log" >&2; rm -f "$log"; exit 1; }
  rm -f "$log"
fi
echo "$image"
