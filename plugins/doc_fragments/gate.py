# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Options of every module that waits until something is well."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  timeout:
    description:
      - Seconds to wait until nothing critical is found. V(0) looks once.
    type: float
    default: 60.0
  report_only:
    description:
      - Return the findings and succeed, whatever they are. For reports; a gate leaves it off.
    type: bool
    default: false
"""
