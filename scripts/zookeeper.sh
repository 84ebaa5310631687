#!/usr/bin/env bash
# Makes sure that tests can start a ZooKeeper of their own: installs the packages of the distribution if necessary.
set -euo pipefail

if command -v java >/dev/null && [ -f /usr/share/java/zookeeper.jar ] && [ -f /usr/share/java/slf4j-log4j12.jar ]; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "zookeeper: install a Java runtime and, of Debian or Ubuntu, libzookeeper-java and libslf4j-java" >&2
  exit 1
fi
echo "==> Installing ZooKeeper"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
  default-jre-headless libzookeeper-java libslf4j-java >/dev/null
