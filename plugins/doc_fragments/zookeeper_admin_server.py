# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the AdminServer of members is; the argument spec is zookeeper/transport.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  admin_port:
    description:
      - Port of the AdminServer of the members, over HTTP; V(0) does not ask it.
      - It is asked for what the four-letter words do not say, at C(http://HOST:PORT/commands). This is everything if a
        member does not answer them in half of O(connect_timeout), or allows none of them.
    type: int
    default: 0
"""
