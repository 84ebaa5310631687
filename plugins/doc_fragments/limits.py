# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Limits of the checks of a health check; the argument spec is module_utils/limits.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  limits:
    description:
      - Other limits of checks, by the name of the check; null or V(false) disables a check.
      - The checks with their units and defaults are in C(docs/health-checks.md).
    type: dict
    default: {}
"""
