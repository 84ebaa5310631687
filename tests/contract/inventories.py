# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Inventories whose configuration every engine must load: variables of each host, and of all of them.

Most hosts are named by their address, because the engine resolves every name before it shows a cluster.
"""

from dataclasses import dataclass, field, replace
from typing import Any

# Nothing listens there.
CLOSED_PORT = 1
OTHER_REPLICA = {"host": "10.9.9.9", "port": 9440, "secure": True}
PASSWORDS = {"clickhouse_admin_password": "open sesame", "clickhouse_cluster_password": "between replicas"}


@dataclass(frozen=True)
class Inventory:
    """host: the replica whose configuration is loaded. members, replicas: variables by host. common: of all hosts."""

    host: str
    members: dict[str, dict[str, Any]]
    replicas: dict[str, dict[str, Any]]
    common: dict[str, Any] = field(default_factory=dict)


def members(count: int, **variables: Any) -> dict[str, dict[str, Any]]:
    return {
        f"127.0.0.{n}": {"zookeeper_id": n, "zookeeper_client_port": CLOSED_PORT, **variables}
        for n in range(1, count + 1)
    }


SMALL = Inventory(
    "10.0.0.1",
    members(1),
    {"10.0.0.1": {"clickhouse_shard": "01"}},
    {"topology_allow_unsafe_size": True},
)
INVENTORIES = {
    # As few variables as possible.
    "small": SMALL,
    # Every variable that changes the configuration has another value than its default.
    "large": Inventory(
        "10.1.1.1",
        members(5, zookeeper_previous_client_port=CLOSED_PORT + 1),
        {
            f"10.1.{shard}.{replica}": {
                "clickhouse_shard": f"s{shard}",
                "clickhouse_replica": f"r{replica}",
                "clickhouse_http_port": 18123,
                "clickhouse_tcp_port": 19000,
                "clickhouse_interserver_port": 19009,
            }
            for shard in range(1, 13)
            for replica in range(1, 4)
        },
        {
            "clickhouse_admin_user": "operator",
            "clickhouse_admin_password": "<&>'\" ]]> ß",
            "clickhouse_admin_networks": ["10.0.0.0/8", "192.168.7.9", "2001:db8::/32"],
            "clickhouse_cluster_user": "peer",
            "clickhouse_cluster_password": "<&>'\" ]]> ß",
            "clickhouse_log_level": "warning",
            "clickhouse_zookeeper_root": "/tenants/a & b",
            "clickhouse_zookeeper_session_timeout_ms": 12000,
            "clickhouse_ddl_path": "/queues/ddl",
            "topology_cluster": "metrics",
        },
    ),
    # Shards in an order of their own, with and without a peer; hosts by address of both families and by name.
    "shards": Inventory(
        "2001:db8::22",
        members(3),
        {
            "10.0.0.21": {"clickhouse_shard": "east", "clickhouse_replica": "r1"},
            "2001:db8::22": {"clickhouse_shard": "east", "clickhouse_replica": "r2"},
            "10.0.0.23": {"clickhouse_shard": "west"},
            "ch4": {"ansible_host": "ch4.invalid", "clickhouse_shard": "north"},
        },
        {"topology_shards": ["west", "east", "north"]},
    ),
}

# For tests of their own.
OTHERS = {
    "extra": replace(
        SMALL,
        common={
            **SMALL.common,
            "clickhouse_extra_config": {
                "max_connections": 77,
                "keep_alive_timeout": 11,
                "default_replica_path": "/a & b/{uuid}",
                "macros": {"layer": "<l1>"},
                "remote_servers": {"other": {"shard": [{"replica": OTHER_REPLICA}, {"replica": [OTHER_REPLICA] * 2}]}},
                "merge_tree": {"parts_to_throw_insert": 601},
                "storage_configuration": {"policies": {"cold": {"volumes": {"only": {"disk": "default"}}}}},
            },
            "clickhouse_extra_users": {
                "profiles": {"limited": {"max_memory_usage": 1000000000, "readonly": 2}},
                "quotas": {"hourly": {"interval": [{"duration": 3600, "queries": 100}, {"duration": 86400}]}},
                "users": {
                    "reader": {
                        "password_sha256_hex": "0" * 64,
                        "networks": {"ip": ["10.0.0.0/255.0.0.0", "fd00::/8"]},
                        "profile": "limited",
                        "quota": "hourly",
                        "grants": {"query": ["GRANT SELECT ON demo.*", "GRANT SHOW ON *.*"]},
                    },
                    "default": {"profile": "limited"},
                },
            },
        },
    ),
}
