# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that restart a service; their argument spec is module_utils/restart.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  config:
    description:
      - Name of the files of M(zoohouse.cluster.config_tree) whose restart is pending. If no restart is pending any
        more, because another run has performed it, nothing is restarted.
      - Without it the service is always restarted.
    type: str
    default: ""
  request:
    description:
      - Path of a znode that stands for a restart that somebody asked for. The service is restarted once for it, also
        when no restart is pending for O(config); the znode records that it was.
    type: str
    default: ""
  holder:
    description:
      - Who restarts. Other runs that wait for the lock show it when their time is over.
    type: str
    default: a run without a name
  timeout:
    description:
      - Seconds to wait for the lock, and for each of the checks before and after the restart.
    type: float
    default: 120.0
attributes:
  check_mode:
    description:
      - In check mode nothing is restarted. The module reports a change when a restart is pending, or asked for with
        O(request).
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
"""
