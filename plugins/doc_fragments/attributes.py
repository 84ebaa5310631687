# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Attributes of every module."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return whether it would change something, without changing it.
  diff_mode:
    description: Returns details of what has changed (or would change, in C(check_mode)) when in diff mode.
"""

    # Modules that only read.
    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not change anything.
  diff_mode:
    support: N/A
    details:
      - This module does not change anything.
"""
