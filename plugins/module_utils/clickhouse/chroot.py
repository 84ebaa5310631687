# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Whose is a chroot? The role keeps a record in it, with the hosts of its cluster. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..findings import Finding, validation_error

VARIABLE = "clickhouse_zookeeper_root"
# Below the chroot.
DIRECTORY = "zoohouse"
RECORD = "zoohouse/cluster"


def record(cluster: Mapping[str, Any]) -> str:
    """The data of the record. cluster: of the topology model."""
    hosts = sorted(replica["host"] for replica in cluster["replicas"])
    return json.dumps({"cluster": cluster["name"], "hosts": hosts}, separators=(",", ":"))


def validate_chroot(
    root: str, cluster: Mapping[str, Any], whole: Mapping[str, Any], kept: Mapping[str, Any]
) -> Iterator[Finding]:
    """A cluster without tables must not begin in the chroot of another one.

    whole, kept: what zookeeper_layout_info returned for the chroot, and for DIRECTORY in it.
    """
    (first, *_others) = sorted(replica["host"] for replica in cluster["replicas"])
    if error := whole["error"] or kept["error"]:
        yield validation_error(VARIABLE, first, f"{root}, which cannot be read: {error}", "a chroot that can be read")
        return
    owner = _owner(root, kept)
    if owner and set(owner["hosts"]) & {replica["host"] for replica in cluster["replicas"]}:
        return
    others = whole["znodes"] - kept["znodes"] - 1
    if owner:
        found = f"{root}, which is the chroot of {owner['cluster']} with {', '.join(owner['hosts'])}"
    elif others > 0:
        found = f"{root}, which has {others} znodes, although no replica has a replicated table"
    else:
        return
    hint = (
        "Two clusters in one chroot would fetch each other's parts and run each other's statements. If all were "
        "replaced, and it is theirs, set clickhouse_adopt_existing."
    )
    yield validation_error(VARIABLE, first, found, "a chroot of its own", hint)


def _owner(root: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The record; empty when there is none that can be read."""
    try:
        data = json.loads(kept["tree"][f"{root.rstrip('/')}/{RECORD}"]["data"])
        return {"cluster": str(data["cluster"]), "hosts": [str(host) for host in data["hosts"]]}
    except (KeyError, TypeError, ValueError):
        return {}
