# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Named settings as fragments, and what is wrong with them."""

import xml.etree.ElementTree as ET

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_settings import (
    build_fragments,
    elements_of,
    reload_elements,
    restart_fragments,
    validate_settings,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml

OLD, NEW = "18.16.1", "25.8.2.1"
UNSET = {"clickhouse_ddl_path": "/q/ddl", "clickhouse_log_level": "information"}


def errors(variables, version=NEW):
    return [(error.check, error.found, error.expected) for error in validate_settings("ch1", version, variables)]


def test_what_is_not_set_is_not_written():
    assert build_fragments(UNSET, OLD) == {
        "logger": {"logger": {"level": "information"}},
        "distributed_ddl": {"distributed_ddl": {"path": "/q/ddl"}},
    }
    assert elements_of(UNSET) == {}
    assert errors(UNSET, OLD) == []
    # A template of an inventory may come to nothing.
    nothing = {**UNSET, "clickhouse_server_settings": {"max_connections": None}, "clickhouse_logger": {}}
    assert build_fragments(nothing, OLD) == build_fragments(UNSET, OLD)


def test_settings_stand_in_the_fragment_of_their_concern():
    variables = {
        **UNSET,
        "clickhouse_server_settings": {"max_connections": 7, "mark_cache_size": 8, "keep_alive_timeout": 9},
        "clickhouse_logger": {"format": "json", "count": 3},
        "clickhouse_zookeeper_client": {"fallback_session_lifetime": {"min": 1, "max": 2}},
    }
    fragments = build_fragments(variables, NEW)
    assert fragments["connections"] == {"max_connections": 7, "keep_alive_timeout": 9}
    assert fragments["caches"] == {"mark_cache_size": 8}
    logger = ET.fromstring(to_xml("clickhouse", fragments["logger"]))
    assert [logger.findtext(f"logger/{path}") for path in ("level", "formatting/type", "count")] == [
        "information",
        "json",
        "3",
    ]
    assert fragments["zookeeper"] == {"zookeeper": {"fallback_session_lifetime": {"min": 1, "max": 2}}}
    assert elements_of(variables)["logger/formatting/type"] == "clickhouse_logger"
    assert elements_of(variables)["max_connections"] == "clickhouse_server_settings"


@pytest.mark.parametrize(
    ("version", "path", "expected"),
    [
        ("18.16.1", "/q/ddl", None),
        ("24.8.1", "/q/ddl", None),
        ("25.8.1", "/q/ddl", "/q/replicas"),
        ("25.8.1", "/a/b/ddl/", "/a/b/replicas"),
        ("25.8.1", "/ddl", "/replicas"),
    ],
)
def test_the_hosts_of_the_queue_register_beside_it(version, path, expected):
    """Where the version knows it: with the packaged path, ON CLUSTER statements hang."""
    queue = build_fragments({"clickhouse_ddl_path": path}, version)["distributed_ddl"]["distributed_ddl"]
    assert queue == {"path": path, **({"replicas_path": expected} if expected else {})}


def test_another_place_where_the_hosts_register():
    variables = {**UNSET, "clickhouse_distributed_ddl": {"replicas_path": "/elsewhere"}}
    assert build_fragments(variables, NEW)["distributed_ddl"]["distributed_ddl"]["replicas_path"] == "/elsewhere"
    assert [check for check, _found, _expected in errors(variables, OLD)] == ["clickhouse_distributed_ddl"]


def test_unknown_keys():
    assert errors({"clickhouse_server_settings": {"max_conections": 1}}) == [
        ("clickhouse_server_settings", "unknown key max_conections", "max_connections, which is similar")
    ]
    (error,) = validate_settings("ch1", NEW, {"clickhouse_logger": {"colour": "red"}})
    assert error.expected == "one of size, count, format"
    assert "clickhouse_extra_config" in error.hint


def test_values_of_another_type_or_out_of_bounds():
    assert errors({"clickhouse_server_settings": {"max_connections": "many", "mark_cache_size": 0}}) == [
        (
            "clickhouse_server_settings",
            "max_connections: many",
            "a whole number of at least 1 and at most 2147483647",
        ),
        ("clickhouse_server_settings", "mark_cache_size: 0", "a whole number of at least 1"),
    ]


def test_what_the_version_lacks():
    variables = {
        "clickhouse_server_settings": {"background_pool_size": 8, "max_connections": 8},
        "clickhouse_zookeeper_client": {"num_connection_retries": 2},
    }
    assert [(check, found) for check, found, _expected in errors(variables, OLD)] == [
        (
            "clickhouse_server_settings",
            "background_pool_size, which needs ClickHouse 22.5 or later; this is 18.16.1",
        ),
        (
            "clickhouse_zookeeper_client",
            "num_connection_retries, which needs ClickHouse 25.8 or later; this is 18.16.1",
        ),
    ]
    assert errors(variables) == []


def test_a_version_that_is_none_is_validated_elsewhere():
    assert errors({"clickhouse_server_settings": {"background_pool_size": 8, "x": 1}}, "newest") == [
        ("clickhouse_server_settings", "unknown key x", errors({"clickhouse_server_settings": {"x": 1}})[0][2])
    ]


def test_what_18_16_reads_only_when_it_starts():
    assert set(restart_fragments(OLD)) >= {
        "caches",
        "distributed_ddl",
        "interserver",
        "limits",
        "listen",
        "logger",
        "zookeeper",
        "zz-extra",
    }
    assert not {"macros", "remote_servers"} & set(restart_fragments(OLD))


def test_later_versions_reload_more():
    assert set(restart_fragments(OLD)) - set(restart_fragments(NEW)) == {"caches", "limits", "zookeeper"}


def test_elements_that_every_version_reloads_and_those_that_later_versions_reload():
    assert reload_elements(OLD) == ["macros/*", "remote_servers/*"]
    new = reload_elements(NEW)
    assert {
        "max_concurrent_queries",
        "mark_cache_size",
        "zookeeper/operation_timeout_ms",
        *reload_elements(OLD),
    } <= set(new)
    assert not {"max_connections", "logger/size", "path", "zookeeper/*"} & set(new)


# --- Prometheus and MergeTree


def test_the_endpoint_for_prometheus_has_a_port_of_its_own():
    ports = {"clickhouse_http_port": 8123, "clickhouse_tcp_port": 9000, "clickhouse_interserver_port": 9009}
    assert errors({**ports, "clickhouse_prometheus": {"port": 9363}}) == []
    assert errors({**ports, "clickhouse_prometheus": {"port": "9000"}}) == [
        ("clickhouse_prometheus", "port: 9000, which is clickhouse_tcp_port", "a port of its own")
    ]
    assert [found for _check, found, _expected in errors({"clickhouse_prometheus": {"endpoint": "/m"}})] == ["no port"]


def test_settings_of_merge_tree():
    variables = {"clickhouse_merge_tree": {"parts_to_throw_insert": 600}}
    assert build_fragments(variables, OLD)["merge_tree"] == {"merge_tree": {"parts_to_throw_insert": 600}}
    assert elements_of(variables) == {"merge_tree/parts_to_throw_insert": "clickhouse_merge_tree"}
    assert errors(variables, OLD) == []


@pytest.mark.parametrize(
    ("settings", "found"),
    [({"a": {"b": 1}}, "a: {'b': 1}"), ({"a": None}, "a: None"), ({"a b": 1}, "a b: not a name of letters")],
)
def test_settings_of_merge_tree_that_are_none(settings, found):
    ((check, problem, _expected),) = errors({"clickhouse_merge_tree": settings})
    assert (check, problem.startswith(found)) == ("clickhouse_merge_tree", True)


def test_settings_of_merge_tree_that_the_version_does_not_know():
    settings = {"clickhouse_merge_tree": {"parts_to_throw_inser": 600}}
    ((check, found, expected),) = errors(settings, OLD)
    assert (check, found) == ("clickhouse_merge_tree", "unknown setting parts_to_throw_inser")
    assert expected == "parts_to_throw_insert, which is similar"
    assert errors(settings) == []
