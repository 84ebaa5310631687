# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Filters for the chroot of a cluster."""

from __future__ import annotations

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.chroot import record, validate_chroot


def clickhouse_chroot_errors(subtrees, cluster, root):
    """Why a cluster must not begin in this chroot, as dicts."""
    whole, kept = subtrees
    return [error.as_dict() for error in validate_chroot(str(root), cluster, whole, kept)]


class FilterModule:
    def filters(self):
        return {"clickhouse_chroot_errors": clickhouse_chroot_errors, "clickhouse_chroot_record": record}
