# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that read a subtree of ZooKeeper."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  path:
    description:
      - Absolute path of the subtree.
    type: str
    required: true
  followers_only:
    description:
      - Spread the requests over the followers, so that the leader serves none of them. A follower may be slightly
        behind.
      - Without followers that serve, all of O(hosts) are used.
    type: bool
    default: false
"""
