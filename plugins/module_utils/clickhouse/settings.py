# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of named settings of the server: where each stands in config.xml, and what it may be. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .xml import FORBIDDEN
from .zookeeper_client import ZONE_PATH, acls_problem, zones_problem

# Each fragment of config.d, with the feature since which the server takes over a change of it within seconds: with an
# empty one every version does, with None no version. Any element may be in zz-extra.
FRAGMENTS: dict[str, str | None] = {
    "access_control": None,
    "backups": None,
    "caches": "reload_limits",
    "compression": None,
    "connections": None,
    "defaults": None,
    "distributed_ddl": None,
    "interserver": None,
    "interserver_credentials": None,
    "limits": "reload_limits",
    "listen": None,
    "logger": None,
    "macros": "",
    "memory": None,
    "merge_tree": None,
    # A server does not start with a collection that SQL has created as well, and only a restart shows it.
    "named_collections": None,
    "openssl": None,
    "paths": None,
    "pools": None,
    "prometheus": None,
    "remote_servers": "",
    "storage": None,
    "system_logs": None,
    "zookeeper": "reload_zookeeper",
    "zookeeper_metadata": None,
    "zz-extra": None,
    # What servers include from ZooKeeper.
    "zz-shared": "",
    "zz-shared-restart": None,
}
# Kinds of values.
INT, NUMBER, BOOL, TEXT, RANGE = "int", "number", "bool", "text", "range"
# One that has a check of its own, and one that a template writes.
CHECKED, WRITTEN = "checked", "written"
POLICIES = (
    "first_or_random",
    "hostname_levenshtein_distance",
    "in_order",
    "nearest_hostname",
    "random",
    "round_robin",
)


@dataclass(frozen=True)
class Setting:
    """fragment: of config.d. feature: that a version needs; empty when all have it.

    minimum, maximum: bounds, or of both ends of a range. pattern: of a text. expected: what the pattern means.
    path: of the element below that of its section, if it is not the key. check: what was expected instead of a value.
    """

    fragment: str
    kind: str = INT
    feature: str = ""
    minimum: float = 0
    maximum: float = math.inf
    pattern: str = r".+"
    expected: str = "a text"
    path: str = ""
    check: Callable[[Any], str] | None = None

    def problem(self, value: Any) -> str:
        """What was expected instead of the value; empty when it is valid."""
        if self.check:
            return self.check(value)
        return "" if self._is_valid(value) else self._description()

    def _is_valid(self, value: Any) -> bool:
        if self.kind == BOOL:
            return isinstance(value, bool)
        if self.kind == TEXT:
            text = str(value)
            return (
                isinstance(value, (str, int)) and bool(re.fullmatch(self.pattern, text)) and not FORBIDDEN.search(text)
            )
        if self.kind == RANGE:
            if not (isinstance(value, Mapping) and set(value) == {"min", "max"}):
                return False
            low, high = value["min"], value["max"]
            return self._is_number(low, INT) and self._is_number(high, INT) and float(low) <= float(high)
        return self._is_number(value, self.kind)

    def _is_number(self, value: Any, kind: str) -> bool:
        # A template of an inventory may be a text.
        pattern = r"[0-9]{1,20}" if kind == INT else r"[0-9]{1,20}([.][0-9]+)?"
        if isinstance(value, bool) or not re.fullmatch(pattern, str(value)):
            return False
        return self.minimum <= float(value) <= self.maximum

    def _description(self) -> str:
        if self.kind == BOOL:
            return "true or false"
        if self.kind == TEXT:
            return self.expected
        bounds = f"of at least {self.minimum:.15g}" + (
            f" and at most {self.maximum:.15g}" if self.maximum < math.inf else ""
        )
        if self.kind == RANGE:
            return f"a dict with min and max, whole numbers {bounds}, min not above max"
        return f"a {'whole ' if self.kind == INT else ''}number {bounds}"


def choice(fragment: str, values: tuple[str, ...], feature: str = "", path: str = "") -> Setting:
    return Setting(fragment, TEXT, feature, pattern="|".join(values), expected=f"one of {', '.join(values)}", path=path)


# Elements of config.xml.
SERVER = {
    # Bytes; 0 is no limit of its own.
    "max_server_memory_usage": Setting("limits", feature="server_memory_limit"),
    # Share of the host's memory.
    "max_server_memory_usage_to_ram_ratio": Setting("memory", NUMBER, "server_memory_limit", 0.01, 1),
    "max_concurrent_queries": Setting("limits"),
    "max_concurrent_insert_queries": Setting("limits", feature="limits_by_kind_of_query"),
    "max_concurrent_select_queries": Setting("limits", feature="limits_by_kind_of_query"),
    # Bytes; 0 allows every DROP.
    "max_table_size_to_drop": Setting("limits"),
    "max_partition_size_to_drop": Setting("limits"),
    # Bytes.
    "mark_cache_size": Setting("caches", minimum=1),
    "uncompressed_cache_size": Setting("caches"),
    "index_mark_cache_size": Setting("caches", feature="index_caches"),
    "index_uncompressed_cache_size": Setting("caches", feature="index_caches"),
    "max_connections": Setting("connections", minimum=1, maximum=2**31 - 1),
    # Seconds.
    "keep_alive_timeout": Setting("connections"),
    # Threads. In 18.16 the first one belongs to a profile.
    "background_pool_size": Setting("pools", feature="server_pools", minimum=1),
    "background_merges_mutations_concurrency_ratio": Setting("pools", NUMBER, "server_pools", 0.01),
    "background_fetches_pool_size": Setting("pools", feature="server_pools", minimum=1),
    "background_move_pool_size": Setting("pools", feature="server_pools", minimum=1),
    "background_common_pool_size": Setting("pools", feature="server_pools", minimum=1),
    "background_schedule_pool_size": Setting("pools", feature="server_pools", minimum=1),
    "background_distributed_schedule_pool_size": Setting("pools", feature="server_pools", minimum=1),
    # A name of the time zone database.
    "timezone": Setting("defaults", TEXT, pattern=r"[A-Za-z0-9_+/-]+", expected="a name such as Europe/Berlin"),
    "default_replica_path": Setting(
        "defaults", TEXT, "default_replica_path", pattern=r"/.*\{.+\}.*", expected="a path with macros such as {uuid}"
    ),
    "default_replica_name": Setting(
        "defaults", TEXT, "default_replica_path", pattern=r".*\{.+\}.*", expected="a text with macros such as {replica}"
    ),
    # A shell pattern, relative to config.xml.
    "dictionaries_config": Setting("defaults", TEXT, expected="a path or a shell pattern such as *_dictionary.xml"),
    "dictionaries_lazy_load": Setting("defaults", BOOL),
    # Constraints of a profile replace those of its parents. changeable_in_readonly needs it.
    "settings_constraints_replace_previous": Setting(
        "access_control",
        BOOL,
        "profiles_changeable_in_readonly",
        path="access_control_improvements/settings_constraints_replace_previous",
    ),
}


def directory(path: str) -> Setting:
    return Setting("paths", TEXT, pattern=r"/([^/]+/)+", expected="an absolute path that ends with a slash", path=path)


PATHS = {
    # Tables and everything else that must not be lost.
    "data": directory("path"),
    # Large sorts and joins.
    "tmp": directory("tmp_path"),
    # Files that the table function file() may read.
    "user_files": directory("user_files_path"),
    "format_schemas": directory("format_schema_path"),
}
LOGGER = {
    # Of one file, before the next one begins.
    "size": Setting("logger", TEXT, pattern=r"[1-9][0-9]*[KMG]?", expected="a size such as 500M"),
    # Files that are kept.
    "count": Setting("logger", minimum=1),
    "format": choice("logger", ("json",), "logger_json", "formatting/type"),
}
ZOOKEEPER = {
    "operation_timeout_ms": Setting("zookeeper", minimum=1),
    "connection_timeout_ms": Setting("zookeeper", feature="zookeeper_connection_timeout_ms", minimum=1),
    "num_connection_retries": Setting("zookeeper", feature="zookeeper_num_connection_retries"),
    "zookeeper_load_balancing": choice("zookeeper", POLICIES, "zookeeper_load_balancing"),
    # Seconds.
    "fallback_session_lifetime": Setting("zookeeper", RANGE, "zookeeper_fallback_session_lifetime", 1),
    # Members of the server's own zone come first.
    "prefer_local_availability_zone": Setting("zookeeper", BOOL, "zookeeper_prefer_local_availability_zone"),
    "availability_zones": Setting(
        "zookeeper", WRITTEN, "zookeeper_prefer_local_availability_zone", path=ZONE_PATH, check=zones_problem
    ),
    # Where servers register, below the chroot.
    "sessions_path": Setting(
        "zookeeper", TEXT, "zookeeper_sessions_path", pattern=r"(/[^/\s]+)+", expected="a path such as /sessions"
    ),
    # What new znodes allow beside everything to everybody.
    "path_acls": Setting("zookeeper", CHECKED, "zookeeper_path_acls", path="path_acls/acl", check=acls_problem),
}
DISTRIBUTED_DDL = {
    # Where its hosts register; by default beside the queue.
    "replicas_path": Setting(
        "distributed_ddl", TEXT, "ddl_replicas_path", pattern=r"/.*[^/]", expected="a path such as /task_queue/replicas"
    ),
    # Statements at the same time.
    "pool_size": Setting("distributed_ddl", feature="ddl_pool_size", minimum=1),
    # Seconds.
    "task_max_lifetime": Setting("distributed_ddl", minimum=1),
    "cleanup_delay_period": Setting("distributed_ddl", minimum=1),
    "max_tasks_in_queue": Setting("distributed_ddl", minimum=1),
    "profile": Setting("distributed_ddl", TEXT, pattern=r"[\w.-]+", expected="the name of a profile"),
}
PROMETHEUS = {
    "port": Setting("prometheus", feature="prometheus_endpoint", minimum=1, maximum=65535),
    "endpoint": Setting(
        "prometheus", TEXT, "prometheus_endpoint", pattern=r"/\S*", expected="the path of a URL such as /metrics"
    ),
    "metrics": Setting("prometheus", BOOL, "prometheus_endpoint"),
    "events": Setting("prometheus", BOOL, "prometheus_endpoint"),
    "asynchronous_metrics": Setting("prometheus", BOOL, "prometheus_endpoint"),
}
# Variables that are dicts of settings, with the element in config.xml that contains these; empty for the root.
SECTIONS: dict[str, tuple[str, Mapping[str, Setting]]] = {
    "clickhouse_server_settings": ("", SERVER),
    "clickhouse_paths": ("", PATHS),
    "clickhouse_logger": ("logger", LOGGER),
    "clickhouse_zookeeper_client": ("zookeeper", ZOOKEEPER),
    "clickhouse_distributed_ddl": ("distributed_ddl", DISTRIBUTED_DDL),
    "clickhouse_prometheus": ("prometheus", PROMETHEUS),
}
