# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table: what each ClickHouse version knows. Nothing else compares versions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..findings import Finding, validation_error

# The releases that the table is checked for: the one of Debian 12, the long-term ones, and the newest.
RELEASES = ("18.16", "24.8", "25.8", "26.3", "26.9")
# Feature: first version that has it, first version that no longer has it (None: still there).
# The contract tests compare the table with 24.8, 25.8, 26.3 and 26.9; first versions between or before them are those
# of the change logs and pull requests, and unproved.
FEATURES: dict[str, tuple[tuple[int, int], tuple[int, int] | None]] = {
    # Configuration root <clickhouse>; before it, <yandex>, which 26.9 still reads.
    "config_root_clickhouse": ((21, 10), None),
    # Column system.replicas.zookeeper_exception. An older server throws instead.
    "replicas_zookeeper_exception": ((24, 8), None),
    # Column system.replicas.zookeeper_name, merged in late April 2023 (#48549).
    "replicas_zookeeper_name": ((23, 5), None),
    # SYSTEM DROP REPLICA ... FROM ZKPATH.
    "system_drop_replica": ((20, 6), None),
    # SQL functions in ZooKeeper, user_defined_zookeeper_path.
    "functions_in_zookeeper": ((23, 3), None),
    # Named collections in ZooKeeper. Seen in 24.8 and 26.9; between them the library crashes without an ensemble.
    "collections_in_zookeeper": ((24, 7), None),
    # named_collections of config.xml. The first version is unproved.
    "collections_in_files": ((21, 12), None),
    # SQL functions, and the column system.functions.create_query. The first version is unproved.
    "sql_functions": ((21, 10), None),
    # Column system.named_collections.source: not in 24.8.
    "collections_source": ((25, 8), None),
    # Users, roles, quotas and policies in ZooKeeper. Only system.user_directories is seen: the library stores none.
    "access_in_zookeeper": ((21, 9), None),
    # Element <discovery> of a cluster in remote_servers.
    "cluster_discovery": ((22, 1), None),
    # Ephemeral <replicas_path>/<host>/active of the queue of ON CLUSTER statements (#69658): not in 24.8, in 25.8.
    # A check relies on it, so the versions between do not count.
    "ddl_liveness": ((25, 8), None),
    # --- Keys of <zookeeper>. A server stops at a key that it does not know. 18.16 has the others of the role.
    # TLS to the ensemble. 18.16 ignores <secure> and stays in plain text.
    "zookeeper_secure": ((20, 10), None),
    "zookeeper_connection_timeout_ms": ((22, 12), None),
    # Not in 24.8, in 25.8; the versions between are unproved.
    "zookeeper_num_connection_retries": ((25, 8), None),
    "zookeeper_path_acls": ((25, 8), None),
    # Merged in October 2021.
    "zookeeper_load_balancing": ((21, 11), None),
    # Merged in June 2023.
    "zookeeper_fallback_session_lifetime": ((23, 7), None),
    # The first version is unproved.
    "zookeeper_sessions_path": ((24, 8), None),
    # Merged in June 2024.
    "zookeeper_prefer_local_availability_zone": ((24, 7), None),
    # --- Keys of the server.
    # distributed_ddl/replicas_path (#69658, opened in September 2024): not in 24.8; older servers ignore it.
    # Without it, a path of one's own hangs ON CLUSTER since 25.8.
    "ddl_replicas_path": ((24, 10), None),
    # Prometheus endpoint of the server.
    "prometheus_endpoint": ((20, 1), None),
    # Secret of a cluster in remote_servers, instead of a user and a password.
    "cluster_secret": ((20, 10), None),
    # A replica of remote_servers whose name has no address. 18.16 then answers no query about any cluster; the first
    # version is unproved.
    "cluster_names_without_address": ((24, 8), None),
    # Storage disks and policies.
    "storage_policies": ((19, 15), None),
    # Method lz4hc of compression. 18.16 rejects inserts with it; the first version is unproved.
    "compression_lz4hc": ((20, 1), None),
    # access_management of a user in its file, and users made with SQL.
    "access_management": ((20, 4), None),
    # Workloads and resources in ZooKeeper, workload_zookeeper_path.
    "workloads_in_zookeeper": ((24, 11), None),
    # KeeperMap tables, keeper_map_path_prefix.
    "keeper_map": ((22, 10), None),
    # Second ensembles, auxiliary_zookeepers.
    "auxiliary_zookeepers": ((20, 12), None),
    # --- Metadata in ZooKeeper, beside the features above.
    # named_collections_storage/type zookeeper_encrypted: 24.8 does not know it. The first version is unproved.
    "collections_encrypted": ((24, 9), None),
    # User and password in the section <discovery> of a cluster (#58123). The first version is unproved.
    "cluster_discovery_login": ((24, 1), None),
    # Database engine Replicated. The first version is unproved.
    "replicated_databases": ((21, 3), None),
    # transaction_log/zookeeper_path. The first version is unproved.
    "transaction_log": ((22, 4), None),
    # Configuration from ZooKeeper, the attribute from_zk: 18.16 has it.
    "from_zk": ((18, 16), None),
    # --- Named settings of the server. A server ignores one that it does not know.
    # max_server_memory_usage, max_server_memory_usage_to_ram_ratio.
    "server_memory_limit": ((20, 6), None),
    # max_concurrent_insert_queries, max_concurrent_select_queries.
    "limits_by_kind_of_query": ((22, 1), None),
    # index_mark_cache_size, index_uncompressed_cache_size.
    "index_caches": ((22, 3), None),
    # background_*_pool_size of the server; before, a profile had them.
    "server_pools": ((22, 5), None),
    # default_replica_path, default_replica_name.
    "default_replica_path": ((20, 3), None),
    # logger/formatting/type json.
    "logger_json": ((22, 9), None),
    # distributed_ddl/pool_size.
    "ddl_pool_size": ((20, 10), None),
    # asynchronous_metric_log, metric_log, text_log, trace_log: the last one counts.
    "more_system_logs": ((20, 4), None),
    # ttl of a system log.
    "system_log_ttl": ((20, 5), None),
    # --- What a server takes over without a restart. The engines tell it for limits and caches; for older servers, and
    # for the sessions of ZooKeeper, it is unproved.
    "reload_limits": ((24, 8), None),
    "reload_zookeeper": ((24, 8), None),
    # --- Elements of users.xml. A server ignores an element of a user that it does not know, and stops at one of a
    # profile. So the first versions are late rather than early. 18.16 has the others of the role.
    "users_double_sha1": ((20, 1), None),
    # Before it, an empty password.
    "users_no_password": ((20, 12), None),
    "users_ldap": ((20, 9), None),
    "users_kerberos": ((21, 1), None),
    "users_certificates": ((21, 12), None),
    "users_certificate_alt_names": ((24, 8), None),
    # auth_methods: not in 26.3, in 26.9; the versions between are unproved.
    "users_several_methods": ((26, 9), None),
    "users_default_database": ((21, 9), None),
    "users_grants": ((23, 5), None),
    "users_named_collection_control": ((23, 1), None),
    # Row policies, databases/DATABASE/TABLE/filter, came in 2019.
    "users_filters": ((20, 1), None),
    # constraints came in 2019.
    "profiles_constraints": ((20, 1), None),
    # Also settings_constraints_replace_previous, a setting of the server that it needs.
    "profiles_changeable_in_readonly": ((22, 10), None),
    "profiles_several_parents": ((20, 12), None),
    # Values of load_balancing.
    "profiles_first_or_random": ((20, 1), None),
    "profiles_round_robin": ((20, 12), None),
    "profiles_levenshtein_distance": ((24, 8), None),
    "quotas_forwarded_ip": ((21, 2), None),
    # query_selects, query_inserts.
    "quotas_kinds_of_queries": ((21, 5), None),
    "quotas_written_bytes": ((22, 5), None),
    # failed_sequential_authentications.
    "quotas_failed_authentications": ((24, 8), None),
    # --- Statements. 18.16 has none of them.
    "system_restore_replica": ((21, 7), None),
    # SYSTEM SYNC REPLICA ... LIGHTWEIGHT.
    "system_sync_replica_lightweight": ((23, 5), None),
    # SYSTEM FLUSH DISTRIBUTED.
    "system_flush_distributed": ((19, 14), None),
    "kill_mutation": ((19, 1), None),
    # BACKUP and RESTORE.
    "backup_statement": ((22, 8), None),
    # The function getMacro.
    "function_getmacro": ((20, 1), None),
    # --- System tables. 18.16 has none of them.
    "system_detached_parts": ((19, 7), None),
    # Columns name, path, free_space and total_space. It came with storage policies.
    "system_disks": ((19, 15), None),
    # With the columns error_count, last_exception and broken_data_files; first versions are unproved.
    "system_distribution_queue": ((21, 12), None),
    "system_zookeeper_connection": ((23, 3), None),
    "system_distributed_ddl_queue": ((21, 1), None),
    "system_server_settings": ((23, 4), None),
    "system_warnings": ((21, 9), None),
    # system.users, system.row_policies, system.settings_profile_elements and system.quota_limits came in 2020.
    "system_access_tables": ((20, 12), None),
}


def parse_version(text: str) -> tuple[int, int]:
    """Year and month of a version such as 18.16.1 or 25.8.2.1-lts. Raises ValueError for anything else."""
    match = re.match(r"v?(\d{2})\.(\d{1,2})(?:[.+~-]|$)", str(text).strip())
    if not match:
        raise ValueError(f"{text!r} is not a ClickHouse version such as 18.16.1 or 25.8.2.1")
    return int(match.group(1)), int(match.group(2))


def is_version(text: str) -> bool:
    try:
        parse_version(text)
    except ValueError:
        return False
    return True


def has(version: str, feature: str) -> bool:
    """Whether a version has a feature. Raises KeyError for a feature that is not in the table."""
    since, until = FEATURES[feature]
    number = parse_version(version)
    return since <= number and (until is None or number < until)


def missing(version: str, feature: str) -> str:
    """Why a version does not have a feature, as the end of a sentence; empty when it has it."""
    if has(version, feature):
        return ""
    since, until = FEATURES[feature]
    if until is not None and parse_version(version) >= until:
        return f"exists before ClickHouse {until[0]}.{until[1]} only; this is {version}"
    return f"needs ClickHouse {since[0]}.{since[1]} or later; this is {version}"


def validate_features(host: str, version: str, used: Iterable[tuple[str, str, str]]) -> list[Finding]:
    """Validation errors for what a version does not have. used: (variable, its value, feature that it needs)."""
    return [
        validation_error(variable, host, f"{value}, which {reason}")
        for variable, value, feature in used
        if (reason := missing(version, feature))
    ]


def config_root(version: str) -> str:
    return "clickhouse" if has(version, "config_root_clickhouse") else "yandex"
