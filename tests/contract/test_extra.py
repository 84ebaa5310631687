# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine understands the extra configuration as it is meant, and it cannot set what the role sets."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from rendering import CONFIG, config_tree_arguments, evaluate, render, resolve, variables_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.extra import validate_extra
from ansible_collections.zoohouse.cluster.plugins.module_utils.config_tree import matches
from inventories import INVENTORIES, OTHERS

EXTRA = pytest.mark.parametrize("inventory", ["extra"], indirect=True)
CONTENT = OTHERS["extra"].common["clickhouse_extra_config"]


def lines(engine, query):
    return engine.query(query).splitlines()


@EXTRA
def test_settings_of_the_server(loaded):
    names = "'max_connections', 'keep_alive_timeout', 'default_replica_path'"
    found = loaded.rows(f"SELECT name, value, changed FROM system.server_settings WHERE name IN ({names})")
    assert {row["name"]: row["value"] for row in found if row["changed"]} == {
        name: str(value) for name, value in CONTENT.items() if name in names
    }


@EXTRA
def test_what_is_beside_the_settings_of_the_role(loaded):
    macros = lines(loaded, "SELECT macro, substitution FROM system.macros ORDER BY macro")
    assert macros == ["cluster\tmain", "layer\t<l1>", "replica\t10.0.0.1", "shard\t01"]
    clusters = lines(loaded, "SELECT cluster, shard_num, replica_num, port FROM system.clusters ORDER BY ALL")
    assert clusters == ["main\t1\t1\t9000", "other\t1\t1\t9440", "other\t2\t1\t9440", "other\t2\t2\t9440"]


@EXTRA
def test_merge_tree_and_storage_policies(loaded):
    setting = "SELECT value FROM system.merge_tree_settings WHERE name = 'parts_to_throw_insert'"
    assert lines(loaded, setting) == ["601"]
    policies = "SELECT policy_name, volume_name, disks FROM system.storage_policies WHERE policy_name = 'cold'"
    assert lines(loaded, policies) == ["cold\tonly\t['default']"]


@EXTRA
def test_profiles_quotas_users_and_grants(loaded):
    profile = (
        "SELECT setting_name, value FROM system.settings_profile_elements WHERE profile_name = 'limited' ORDER BY 1"
    )
    assert lines(loaded, profile) == ["max_memory_usage\t1000000000", "readonly\t2"]
    limits = "SELECT duration, max_queries FROM system.quota_limits WHERE quota_name = 'hourly' ORDER BY duration"
    assert lines(loaded, limits) == ["3600\t100", "86400\t\\N"]
    (user,) = loaded.rows("SELECT host_ip, toString(auth_type) AS auth FROM system.users WHERE name = 'reader'")
    assert (set(user["host_ip"]), "sha256_password" in user["auth"]) == ({"10.0.0.0/8", "fd00::/8"}, True)
    (quota,) = loaded.rows("SELECT apply_to_list FROM system.quotas WHERE name = 'hourly'")
    assert quota["apply_to_list"] == ["reader"]
    granted = "SELECT DISTINCT access_type, database FROM system.grants WHERE user_name = 'reader' ORDER BY 1, 2"
    assert lines(loaded, granted) == ["SHOW\t\\N", "SELECT\tdemo"]
    inherited = "SELECT inherit_profile FROM system.settings_profile_elements WHERE user_name = 'default'"
    assert lines(loaded, inherited) == ["limited"]


def test_a_user_without_networks_may_log_in_from_all_of_them(version, start):
    """So such a user without a password is a validation error."""
    users = "<users><open><no_password/></open><closed><password/><networks/></closed></users>"
    engine = start(version, {"users.d/a.xml": users})
    networks = "SELECT name, host_ip FROM system.users WHERE name IN ('open', 'closed') ORDER BY name"
    assert lines(engine, networks) == ["closed\t[]", "open\t['::/0']"]


def test_the_role_finds_nothing_wrong_in_the_inventories():
    for inventory in (*INVENTORIES.values(), *OTHERS.values()):
        assert evaluate(inventory, "25.8", "__clickhouse_extra_errors") == []


def test_the_role_validates_the_extra_configuration():
    extra = {
        "clickhouse_extra_config": {"http_port": 80},
        "clickhouse_extra_users": {"users": {"open": {"password": ""}}},
    }
    inventory = replace(INVENTORIES["small"], common={**INVENTORIES["small"].common, **extra})
    checks = [error["check"] for error in evaluate(inventory, "25.8", "__clickhouse_extra_errors")]
    assert checks == ["clickhouse_extra_config", "clickhouse_extra_users"]
    allowed = replace(inventory, common={**inventory.common, "clickhouse_allow_open_users": "yes"})
    checks = [error["check"] for error in evaluate(allowed, "25.8", "__clickhouse_extra_errors")]
    assert checks == ["clickhouse_extra_config"]


def test_differences_of_the_extra_configuration_are_not_shown():
    patterns = resolve(OTHERS["extra"], "25.8", config_tree_arguments()["secret_paths"])
    files = [path for path in render(OTHERS["extra"], "25.8") if path.endswith("/zz-extra.xml")]
    assert [(path.split("/")[-2], matches(path, patterns)) for path in files] == [("config.d", True), ("users.d", True)]


def paths(element, above=()):
    """The path of each element that the role writes and that contains no others."""
    below = [path for child in element for path in paths(child, (*above, child.tag))]
    return below or [above]


@pytest.mark.parametrize("name", [*INVENTORIES, "compression", "everything"])
def test_the_extra_configuration_cannot_set_what_the_role_writes(name):
    inventory = {**INVENTORIES, **OTHERS}[name]
    variables = variables_of(inventory, "25.8")
    elements = evaluate(inventory, "25.8", "__clickhouse_settings.elements")
    names = {variable: variables[variable] for variable in ("clickhouse_admin_user", "clickhouse_cluster_user")}
    cluster = variables["topology_model"]["cluster"]["name"]
    written = 0
    for path, text in render(inventory, "25.8").items():
        place = path.removeprefix(f"{CONFIG}/").partition("/")[0]
        if place not in ("config.d", "users.d"):
            continue
        for steps in paths(ET.fromstring(text)):
            content = "x"
            for step in reversed(steps):
                content = {step: content}
            config, users = (content, {}) if place == "config.d" else ({}, content)
            found = [error.found for error in validate_extra("ch1", config, users, names, cluster, elements=elements)]
            assert [problem for problem in found if problem.startswith("the role sets ")], "/".join(steps)
            written += 1
    assert written > 20
