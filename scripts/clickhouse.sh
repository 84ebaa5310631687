#!/usr/bin/env bash
# Fetches the ClickHouse server of Debian 12 for the unit tests, with its libraries. It is unpacked, not installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
place=$PWD/.cache/clickhouse-server

if [ -x "$place/usr/sbin/clickhouse-server" ]; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "clickhouse: run this as root on Debian 12" >&2
  exit 1
fi
apt-get update -qq
if ! apt-cache madison clickhouse-server | grep -q '| 18\.16\.'; then
  echo "==> This distribution has no ClickHouse 18.16: its tests are skipped"
  exit 0
fi
echo "==> Fetching ClickHouse 18.16"
rm -rf "$place" "$place.new"
mkdir -p "$place.new/archives/partial"
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends --download-only \
  -o Dir::Cache::archives="$place.new/archives" 'clickhouse-server=18.16.*' >/dev/null
for package in "$place.new"/archives/*.deb; do
  dpkg -x "$package" "$place.new"
done
rm -rf "$place.new/archives"
mv "$place.new" "$place"
