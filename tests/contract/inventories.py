# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Inventories whose configuration every engine must load: variables of each host, and of all of them.

Most hosts are named by their address, because the engine resolves every name before it shows a cluster.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from access import ACCESS

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.metadata.stores import STORES

# Nothing listens there.
CLOSED_PORT = 1
OTHER_REPLICA = {"host": "10.9.9.9", "port": 9440, "secure": True}
COLLECTIONS_KEY = "0123456789abcdef" * 4
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
            "clickhouse_macros": {"layer": "<l1> & ß", "rack": "{layer}-7", "number": 8},
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

SECURE_PORTS = {"clickhouse_https_port": 18443, "clickhouse_tcp_secure_port": 19440}
# Every named setting of the server has another value than ClickHouse's default.
EVERYTHING = {
    "clickhouse_storage": {
        "disks": {
            "cold": {"type": "local", "path": "/tmp/zoohouse-contract/cold/", "keep_free_space_bytes": 1024},
            "saved": {"type": "local", "path": "/tmp/zoohouse-contract/saved/"},
            "bucket": {
                "type": "s3",
                "endpoint": f"http://127.0.0.1:{CLOSED_PORT}/bucket/r1/",
                "access_key_id": "key",
                "secret_access_key": "<&>'\" ß",
                "skip_access_check": True,
            },
        },
        "policies": {
            "tiered": {
                "volumes": {
                    "hot": {"disk": "default", "max_data_part_size_bytes": 1000000},
                    "cold": {"disk": ["cold", "bucket"], "prefer_not_to_merge": True},
                },
                "move_factor": 0.25,
            }
        },
    },
    # The engine has a data directory of its own; test_paths tries another one.
    "clickhouse_paths": {
        "tmp": "/tmp/zoohouse-contract/tmp/",
        "user_files": "/tmp/zoohouse-contract/files/",
        "format_schemas": "/tmp/zoohouse-contract/schemas/",
    },
    "clickhouse_prometheus": {
        "port": 9363,
        "endpoint": "/own",
        "metrics": False,
        "events": False,
        "asynchronous_metrics": False,
    },
    "clickhouse_system_logs": {
        "query_log": {"ttl_days": 30, "partition_by": "toMonday(event_date)"},
        "part_log": {"ttl_days": 7, "flush_interval_milliseconds": 500},
        "trace_log": {"enabled": False},
    },
    "clickhouse_merge_tree": {"parts_to_throw_insert": 601, "max_replicated_merges_in_queue": 17},
    "clickhouse_backups": {"allowed_disk": ["saved", "cold"], "allowed_path": "/tmp/zoohouse-contract/backups/"},
    "clickhouse_cluster_secret": "<&>'\" ß",
    "clickhouse_openssl": {
        "server": {
            "certificateFile": "/etc/own/server.pem",
            "privateKeyFile": "/etc/own/server.key",
            "caConfig": "/etc/own/ca.pem",
            "loadDefaultCAFile": False,
            "verificationMode": "strict",
            "verificationDepth": 5,
            "extendedVerification": True,
            "cipherList": "HIGH:!aNULL",
            "disableProtocols": "sslv2,sslv3,tlsv1",
            "preferServerCiphers": True,
            "cacheSessions": True,
            "sessionIdContext": "own",
            "sessionTimeout": 7,
        },
        "client": {
            "caConfig": "/etc/own/",
            "verificationMode": "once",
            "invalidCertificateHandler": "AcceptCertificateHandler",
        },
    },
    "clickhouse_named_collections": {
        "mirror": {"url": "file://never", "format": "CSV", "password": "<&>'\" ß", "header": False},
    },
    "clickhouse_shard_weights": {"01": 3},
    "clickhouse_extra_clusters": {
        "everybody": {"shards": "all-replicated"},
        "each": {"shards": "all-sharded", "user": "peer", "password": "<&>'\" ß"},
        "mirror": {
            "secret": "<&>'\" ß",
            "shards": [
                {"replicas": [{"host": "10.9.0.1"}, {"host": "2001:db8::9", "port": 19000}], "weight": 5},
                {"replicas": [{"host": "10.9.0.2", "secure": True}], "internal_replication": False},
                {"hosts": ["10.0.0.1"]},
            ],
        },
        "named": {
            "shards": [
                {
                    "replicas": [
                        {"host": "m1.invalid", "user": "reader", "password": "p"},
                        {"host": "m2.invalid", "user": "writer"},
                    ]
                }
            ]
        },
    },
    "clickhouse_interserver_user": "fetcher",
    "clickhouse_interserver_password": "<&>'\" ß",
    "clickhouse_listen_hosts": ["10.0.0.99"],
    "clickhouse_server_settings": {
        "max_server_memory_usage": 8000000000,
        "max_server_memory_usage_to_ram_ratio": 0.7,
        "max_concurrent_queries": 201,
        "max_concurrent_insert_queries": 51,
        "max_concurrent_select_queries": 151,
        "max_table_size_to_drop": 1000000001,
        "max_partition_size_to_drop": 1000000002,
        "mark_cache_size": 100000001,
        "uncompressed_cache_size": 100000002,
        "index_mark_cache_size": 100000003,
        "index_uncompressed_cache_size": 100000004,
        "max_connections": 501,
        "keep_alive_timeout": 11,
        "background_pool_size": 3,
        "background_merges_mutations_concurrency_ratio": 3,
        "background_fetches_pool_size": 4,
        "background_move_pool_size": 5,
        "background_common_pool_size": 6,
        "background_schedule_pool_size": 7,
        "background_distributed_schedule_pool_size": 9,
        "timezone": "Asia/Tokyo",
        "default_replica_path": "/own/{uuid}/{shard}",
        "default_replica_name": "r-{replica}",
        "dictionaries_config": "dictionaries.d/*.xml",
        "dictionaries_lazy_load": False,
        "settings_constraints_replace_previous": True,
    },
    "clickhouse_logger": {"size": "321M", "count": 4, "format": "json"},
    "clickhouse_zookeeper_client": {
        "operation_timeout_ms": 4000,
        "connection_timeout_ms": 300,
        "zookeeper_load_balancing": "round_robin",
        "fallback_session_lifetime": {"min": 100, "max": 200},
        "sessions_path": "/own/sessions",
    },
    "clickhouse_distributed_ddl": {
        "pool_size": 2,
        "task_max_lifetime": 86401,
        "cleanup_delay_period": 61,
        "max_tasks_in_queue": 99,
        "profile": "default",
    },
}
COMPRESSION = [
    {"method": "zstd", "level": 7},
    {"min_part_size": 1000, "min_part_size_ratio": 0.5, "method": "lz4hc", "level": 5},
]
# For tests of their own.
OTHERS = {
    "compression": replace(SMALL, common={**SMALL.common, "clickhouse_compression": COMPRESSION}),
    "access": replace(SMALL, common={**SMALL.common, **ACCESS}),
    "external": replace(
        SMALL,
        members={},
        common={
            "clickhouse_zookeeper_nodes": [
                {"host": "127.0.0.7", "port": CLOSED_PORT},
                {"host": "127.0.0.8", "port": CLOSED_PORT + 1, "secure": True},
            ]
        },
    ),
    "everything": replace(
        SMALL,
        replicas={"10.0.0.1": {**SMALL.replicas["10.0.0.1"], **SECURE_PORTS}},
        common={**SMALL.common, **EVERYTHING},
    ),
    "shared": replace(
        SMALL,
        common={
            **SMALL.common,
            "clickhouse_shared_config": {
                "max_concurrent_queries": 200,
                "merge_tree": {"parts_to_throw_insert": 600},
                "macros": {"colour": "red & blue"},
            },
        },
    ),
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


def metadata(port: int, root: str, version: str, **common: Any) -> Inventory:
    """Everything that the version can keep in ZooKeeper, in an ensemble on the loopback."""
    stores = {key: {} for key, store in STORES.items() if has(version, store.feature)}
    encrypted = has(version, "collections_encrypted")
    if not encrypted:
        stores["named_collections"] = {"storage": "plain"}
    return replace(
        SMALL,
        members={"127.0.0.1": {"zookeeper_id": 1, "zookeeper_client_port": port}},
        common={
            **SMALL.common,
            "clickhouse_zookeeper_root": root,
            "clickhouse_metadata": stores,
            "clickhouse_named_collections_key": COLLECTIONS_KEY if encrypted else "",
            "clickhouse_auxiliary_zookeepers": {
                "archive-1": {"nodes": [{"host": "127.0.0.1", "port": port}], "root": f"{root}-archive"},
                "closed": {"nodes": [{"host": "127.0.0.1", "port": CLOSED_PORT, "secure": True}]},
            },
            "clickhouse_extra_config": {"allow_experimental_transactions": 1},
            **common,
        },
    )
