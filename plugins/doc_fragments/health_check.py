# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Options of every health check; their argument spec is module_utils/health_check.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  timeout:
    description:
      - Seconds to wait until nothing critical is found. V(0) checks once.
    type: float
    default: 60.0
  report_only:
    description:
      - Return the findings and succeed even when some are critical. For reports.
    type: bool
    default: false
"""
