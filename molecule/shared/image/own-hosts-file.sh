#!/bin/sh
# Docker mounts an /etc/hosts of its own at every start; a host owns its file and keeps what is written to it.
set -eu
if grep -q ' /etc/hosts ' /proc/self/mountinfo; then umount /etc/hosts; fi
if ! grep -q localhost /etc/hosts; then
  printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n' >>/etc/hosts
fi
