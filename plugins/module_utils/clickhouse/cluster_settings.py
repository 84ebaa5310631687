# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates what replicas use among themselves: addresses, secrets and the weights of shards. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..findings import Finding, validation_error
from .features import missing
from .settings import Setting
from .xml import FORBIDDEN

WEIGHT = Setting("remote_servers", minimum=1, maximum=2**31 - 1)
INTERSERVER = ("clickhouse_interserver_user", "clickhouse_interserver_password")
SECRETS = (*INTERSERVER, "clickhouse_cluster_secret")


def validate_cluster_settings(
    host: str, version: str, variables: Mapping[str, Any], shards: Sequence[str]
) -> Iterator[Finding]:
    """version: one that is valid. shards: names of all shards."""
    for shard, weight in (variables.get("clickhouse_shard_weights") or {}).items():
        if shard not in shards:
            found = f"the shard {shard}" + ("" if isinstance(shard, str) else ", which is a number; put it in quotes")
            yield validation_error("clickhouse_shard_weights", host, found, f"one of {', '.join(shards)}")
        elif expected := WEIGHT.problem(weight):
            hint = "A shard that should get no rows keeps its weight; write to the other shards' tables instead."
            yield validation_error("clickhouse_shard_weights", host, f"{shard}: {weight}", expected, hint)
    for address in variables.get("clickhouse_listen_hosts") or ():
        if not address or FORBIDDEN.search(str(address)):
            yield validation_error("clickhouse_listen_hosts", host, "an empty address", "an address of the host, or ::")
    for variable in SECRETS:
        if FORBIDDEN.search(str(variables.get(variable) or "")):
            found = "a character that XML cannot contain"
            yield validation_error(variable, host, found, "text without control characters")
    unset = [variable for variable in INTERSERVER if not variables.get(variable)]
    if len(unset) == 1:
        yield validation_error(unset[0], host, "nothing", "a value, because the other one of the pair is set")
    if variables.get("clickhouse_cluster_secret") and (reason := missing(version, "cluster_secret")):
        yield validation_error("clickhouse_cluster_secret", host, f"a secret, which {reason}")
