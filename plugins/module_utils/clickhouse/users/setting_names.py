# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Which settings a profile may have: those of 18.16 from a table, those of later versions as their servers say. Pure.

Later packages contain a program that loads users.xml as a server does. What it cannot know is no error here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..features import parse_version
from .common import Problem, mapping, unknown

OLDEST = (18, 16)
# Names in system.settings of 18.16.1. Without a program to ask, they are known before the first installation.
NAMES = """
add_http_cors_header aggregation_memory_efficient_merge_threads allow_ddl allow_distributed_ddl
allow_experimental_low_cardinality_type asterisk_left_columns_only background_pool_size
background_schedule_pool_size calculate_text_stack_trace compile compile_expressions connect_timeout
connect_timeout_with_failover_ms connections_with_failover_max_tries count_distinct_implementation
date_time_input_format decimal_check_overflow distinct_overflow_mode distributed_aggregation_memory_efficient
distributed_connections_pool_size distributed_ddl_task_timeout distributed_directory_monitor_batch_inserts
distributed_directory_monitor_sleep_time_ms distributed_group_by_no_merge distributed_product_mode
empty_result_for_aggregation_by_empty_set enable_debug_queries enable_http_compression
enable_optimize_predicate_expression extremes fallback_to_stale_replicas_for_distributed_queries force_index_by_date
force_primary_key format_csv_allow_double_quotes format_csv_allow_single_quotes format_csv_delimiter format_schema
fsync_metadata group_by_overflow_mode group_by_two_level_threshold group_by_two_level_threshold_bytes
http_connection_timeout http_headers_progress_interval_ms http_max_multipart_form_data_size
http_native_compression_disable_checksumming_on_decompress http_receive_timeout http_send_timeout
http_zlib_compression_level input_format_allow_errors_num input_format_allow_errors_ratio
input_format_import_nested_json input_format_skip_unknown_fields input_format_values_interpret_expressions
insert_allow_materialized_columns insert_deduplicate insert_distributed_sync insert_distributed_timeout
insert_quorum insert_quorum_timeout insert_sample_with_metadata interactive_delay join_default_strictness
join_overflow_mode join_use_nulls load_balancing log_profile_events log_queries log_queries_cut_to_length
log_query_settings log_query_threads low_cardinality_allow_in_native_format low_cardinality_max_dictionary_size
low_cardinality_use_single_dictionary_for_part mark_cache_min_lifetime max_ast_depth max_ast_elements max_block_size
max_bytes_before_external_group_by max_bytes_before_external_sort max_bytes_before_remerge_sort
max_bytes_in_distinct max_bytes_in_join max_bytes_in_set max_bytes_to_read max_bytes_to_sort max_bytes_to_transfer
max_columns_to_read max_compress_block_size max_concurrent_queries_for_user max_distributed_connections
max_execution_time max_expanded_ast_elements max_fetch_partition_retries_count max_insert_block_size
max_memory_usage max_memory_usage_for_all_queries max_memory_usage_for_user max_network_bandwidth
max_network_bandwidth_for_all_users max_network_bandwidth_for_user max_network_bytes max_parallel_replicas
max_pipeline_depth max_query_size max_read_buffer_size max_replica_delay_for_distributed_queries max_result_bytes
max_result_rows max_rows_in_distinct max_rows_in_join max_rows_in_set max_rows_to_group_by max_rows_to_read
max_rows_to_sort max_rows_to_transfer max_streams_to_max_threads_ratio max_subquery_depth max_temporary_columns
max_temporary_non_const_columns max_threads memory_tracker_fault_probability merge_tree_coarse_index_granularity
merge_tree_max_rows_to_use_cache merge_tree_min_rows_for_concurrent_read merge_tree_min_rows_for_seek
merge_tree_uniform_read_distribution min_bytes_to_use_direct_io min_compress_block_size min_count_to_compile
min_execution_speed min_insert_block_size_bytes min_insert_block_size_rows mysql_max_rows_to_insert
network_compression_method network_zstd_compression_level odbc_max_field_size
optimize_min_equality_disjunction_chain_length optimize_move_to_prewhere optimize_throw_if_noop
output_format_json_escape_forward_slashes output_format_json_quote_64bit_integers output_format_json_quote_denormals
output_format_pretty_color output_format_pretty_max_column_pad_width output_format_pretty_max_rows
output_format_write_statistics parallel_replica_offset parallel_replicas_count parallel_view_processing
poll_interval prefer_localhost_replica preferred_block_size_bytes preferred_max_column_in_block_size_bytes priority
queue_max_wait_ms read_backoff_max_throughput read_backoff_min_events read_backoff_min_interval_between_events_ms
read_backoff_min_latency_ms read_overflow_mode readonly receive_timeout replace_running_query
replication_alter_columns_timeout replication_alter_partitions_sync result_overflow_mode
select_sequential_consistency send_logs_level send_progress_in_http_headers send_timeout set_overflow_mode
skip_unavailable_shards sort_overflow_mode stream_flush_interval_ms table_function_remote_max_addresses
tcp_keep_alive_timeout timeout_before_checking_execution_speed timeout_overflow_mode totals_auto_threshold
totals_mode transfer_overflow_mode use_client_time_zone use_index_for_in_with_subqueries use_uncompressed_cache
"""
SETTINGS_OF_OLDEST = frozenset(NAMES.split())
# What a server says about a mistake in users.xml.
LOADING = "in users configuration file"
# The packages of today allow settings of one's own with this prefix.
PACKAGED_PREFIX = "SQL_"


def unknown_settings(version: str, name: str, profile: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of a profile of 18.16. version: one that is valid."""
    if parse_version(version) != OLDEST:
        return
    for setting in mapping(profile.get("settings")):
        if setting not in SETTINGS_OF_OLDEST:
            found, expected = unknown(name, setting, sorted(SETTINGS_OF_OLDEST), "setting")
            yield found, expected if "similar" in expected else f"a name in system.settings of ClickHouse {version}"


def load_errors(config: Mapping[str, Any]) -> str:
    """A pattern of the messages that a server of these elements of config.xml would also have.

    The program does not read that file: neither the prefixes of settings of one's own, nor what
    changeable_in_readonly needs, which is validated elsewhere.
    """
    prefixes = [PACKAGED_PREFIX, *_prefixes(config.get("custom_settings_prefixes"))]
    own = "|".join(re.escape(prefix) for prefix in prefixes)
    return rf"^(?!.*settings_constraints_replace_previous)(?!.*Unknown setting '(?:{own})).*{LOADING}"


def _prefixes(value: Any) -> Iterable[str]:
    values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return [prefix.strip() for text in values for prefix in str(text).split(",")]
