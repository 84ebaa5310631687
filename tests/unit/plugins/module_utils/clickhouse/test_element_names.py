# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Names of elements of config.xml that are probably mistakes, and names of settings of MergeTree."""

import xml.etree.ElementTree as ET

import pytest
from clickhouse_server import NEEDS_PACKAGE, PACKAGE

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.element_names import (
    KNOWN,
    LOOKALIKES,
    misspelt,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.merge_tree import unknown_names
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.settings import SECTIONS

OLD, NEW, NEXT = "18.16.1", "26.9.1.1", "27.1.1.1"
# Elements that servers read and no variable sets.
OTHERS = """
async_insert_threads asynchronous_metrics_update_period_s auxiliary_zookeepers
background_buffer_flush_schedule_pool_size background_merges_mutations_scheduling_policy
background_message_broker_schedule_pool_size backup_threads blob_storage_log builtin_dictionaries_reload_interval
cache_size_to_ram_max_ratio concurrent_threads_soft_limit_num crash_log custom_settings_prefixes default_database
default_profile default_session_timeout disable_internal_dns_cache display_secrets_in_show_and_select
dns_cache_update_period encryption_codecs error_log errorlog format_alter_operations_with_parentheses
google_protos_path graphite graphite_rollup graphite_rollup_example grpc_port hsts_max_age http_handlers
http_options_response http_server_default_response https_port include_from index_mark_cache_policy
index_mark_cache_size_ratio index_uncompressed_cache_policy index_uncompressed_cache_size_ratio interserver_https_host
interserver_https_port interserver_listen_host io_thread_pool_queue_size kafka keeper_map_path_prefix keeper_server
kerberos ldap_servers listen_backlog listen_reuse_port listen_try load_marks_threadpool_pool_size mark_cache_policy
mark_cache_size_ratio max_database_num_to_throw max_open_files max_pending_mutations_to_warn max_session_timeout
max_table_num_to_throw max_temporary_data_on_disk_size max_thread_pool_size mlock_executable mmap_cache_size
mysql_port named_collections_storage openSSL opentelemetry_span_log page_cache_size password_complexity
path_to_regions_hierarchy_file path_to_regions_names_files postgresql_port primary_index_cache_size
processors_profile_log query_cache query_masking_rules query_metric_log query_views_log rabbitmq
remote_url_allow_hosts resource restore_threads s3 send_crash_reports session_log shutdown_wait_unfinished
skip_check_for_incorrect_settings ssh_server storage_policy tables_loader_background_pool_size tcp_port_secure
tcp_ssh_port tcp_with_proxy_port temporary_data_in_cache thread_pool_queue_size tmp_policy top_level_domains_lists
total_memory_profiler_step transaction_log transactions_info_log umask uncompressed_cache_policy
uncompressed_cache_size_ratio url_scheme_mappers user_defined_path user_defined_zookeeper_path user_directories
user_scripts_path vector_similarity_index_cache_size wait_dictionaries_load_at_startup workload_zookeeper_path
zookeeper_log
"""


def found(config, version=NEW):
    return list(misspelt(version, config))


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        ("max_conections", "max_connections"),
        ("loger", "logger"),
        ("remote_server", "remote_servers"),
        ("macro", "macros"),
        ("storage_configurations", "storage_configuration"),
        ("time_zone", "timezone"),
        ("query_thread_logs", "query_thread_log"),
        ("intererver_http_port", "interserver_http_port"),
    ],
)
@pytest.mark.parametrize("version", [OLD, NEW])
def test_a_name_that_resembles_another_one_is_a_mistake(name, similar, version):
    assert found({name: 1, "my_own_rollup": {}}, version) == [(name, similar)]


@pytest.mark.parametrize("name", OTHERS.split())
def test_other_elements_are_none(name):
    assert found({name: 1}) == []


def test_neither_are_attributes_known_elements_and_names_that_are_no_text():
    assert found({**dict.fromkeys(KNOWN, 1), **dict.fromkeys(LOOKALIKES, 1), "@replace": "replace", 5: 1}) == []


@pytest.mark.parametrize("version", [NEXT, "newest", ""])
def test_a_later_version_may_have_elements_that_nobody_knows_here(version):
    assert found({"max_conections": 1}, version) == []


@NEEDS_PACKAGE
def test_no_element_of_the_package_is_a_mistake():
    elements = [element.tag for element in ET.parse(PACKAGE / "etc" / "clickhouse-server" / "config.xml").getroot()]
    assert len(elements) > 20 and found(dict.fromkeys(elements, 1), OLD) == []


def test_every_named_setting_is_known():
    elements = {
        (section or table[key].path or key).partition("/")[0] for section, table in SECTIONS.values() for key in table
    }
    assert elements <= set(KNOWN)


# --- MergeTree


def test_settings_of_merge_tree_that_the_oldest_version_does_not_know():
    settings = {"parts_to_throw_insert": 1, "parts_to_throw_inserts": 1, "nosuch": 1, "@replace": "replace"}
    assert list(unknown_names(OLD, settings)) == [
        ("unknown setting parts_to_throw_inserts", "parts_to_throw_insert, which is similar"),
        ("unknown setting nosuch", "a name in system.merge_tree_settings of ClickHouse 18.16.1"),
    ]


@pytest.mark.parametrize("version", ["24.8", NEW, "newest", ""])
def test_only_a_server_knows_those_of_later_versions(version):
    assert list(unknown_names(version, {"nosuch": 1})) == []
