# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Loads all filters of the collection.

Ansible forks a process for each task and host, and its loader for collections compiles a module again in each of them,
unless the process that forks has it already. That one loads the action plugins: what they import is there for all later
tasks. Without this, more than half of the time of a run that changes nothing is spent on compiling filters.
"""

from __future__ import annotations

import importlib
import pkgutil

from ansible_collections.zoohouse.cluster.plugins import filter as package

FILTERS = tuple(
    importlib.import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)
)
