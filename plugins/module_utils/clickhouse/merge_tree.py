# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which settings MergeTree has: those of 18.16 from a table. Only a server knows those of later versions. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from .features import is_version, parse_version

OLDEST = (18, 16)
# Names in system.merge_tree_settings of 18.16.1. A test compares them with that server.
NAMES = """
check_delay_period cleanup_delay_period cleanup_delay_period_random_add
compatibility_allow_sampling_expression_not_in_primary_key enable_vertical_merge_algorithm finished_mutations_to_keep
index_granularity max_bytes_to_merge_at_max_space_in_pool max_bytes_to_merge_at_min_space_in_pool max_delay_to_insert
max_files_to_modify_in_alter_columns max_files_to_remove_in_alter_columns max_replicated_logs_to_keep
max_replicated_merges_in_queue max_suspicious_broken_parts min_absolute_delay_to_close min_merge_bytes_to_use_direct_io
min_relative_delay_to_close min_relative_delay_to_yield_leadership min_replicated_logs_to_keep
number_of_free_entries_in_pool_to_lower_max_size_of_merge old_parts_lifetime parts_to_delay_insert
parts_to_throw_insert prefer_fetch_merged_part_size_threshold prefer_fetch_merged_part_time_threshold
replicated_can_become_leader replicated_deduplication_window replicated_deduplication_window_seconds
replicated_max_parallel_fetches replicated_max_parallel_fetches_for_host replicated_max_parallel_fetches_for_table
replicated_max_parallel_sends replicated_max_parallel_sends_for_table replicated_max_ratio_of_wrong_parts
temporary_directories_lifetime use_minimalistic_checksums_in_zookeeper
vertical_merge_algorithm_min_columns_to_activate vertical_merge_algorithm_min_rows_to_activate
zookeeper_session_expiration_check_period
"""
SETTINGS_OF_OLDEST = frozenset(NAMES.split())


def unknown_names(version: str, settings: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """(found, expected) of settings that 18.16 does not know; attributes are no settings."""
    if not is_version(version) or parse_version(version) != OLDEST:
        return
    for name in map(str, settings):
        if name not in SETTINGS_OF_OLDEST and not name.startswith("@") and name != "include":
            similar = difflib.get_close_matches(name, sorted(SETTINGS_OF_OLDEST), 1)
            names = f"a name in system.merge_tree_settings of ClickHouse {version}"
            yield f"unknown setting {name}", f"{similar[0]}, which is similar" if similar else names
