# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A real ClickHouse includes the shared configuration from a real ZooKeeper."""

import contextlib

import pytest
from clickhouse_server import NEEDS_PACKAGE, ClickHouse
from helpers import run_module
from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError, NotEmptyError
from zookeeper_server import until

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.merge_tree import (
    SETTINGS_OF_OLDEST as MERGE_TREE_SETTINGS,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared import elements as shared
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.included import (
    check_included,
    read_preprocessed,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.plan import SharedConfigError, plan
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.store import Store
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.setting_names import SETTINGS_OF_OLDEST
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import elements_to_xml
from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_shared_config

# What runs on hosts, with their Python.
pytestmark = pytest.mark.services

pytestmark = NEEDS_PACKAGE

ROOT = "/clickhouse/main"
PLACE = f"{ROOT}{shared.PLACE}"
# The package sets the last one to 100.
CONFIG = {
    "macros": {"colour": "red & blue"},
    "merge_tree": {"parts_to_throw_insert": 444},
    "max_concurrent_queries": 77,
}
# Seconds in which a running server takes over a change.
SOON = 10.0


def answers(server):
    try:
        return Server(port=server.port).execute("SELECT 1") == "1\n"
    except ClickHouseError:
        return False


@pytest.fixture(scope="module")
def zookeeper(ensemble):
    client = KazooClient(hosts=ensemble.endpoint)
    client.start()
    yield client
    client.stop()
    client.close()


@pytest.fixture(scope="module")
def server(ensemble, zookeeper, tmp_path_factory):
    """A server that has nothing to include yet; the chroot exists before it starts."""
    zookeeper.ensure_path(ROOT)
    server = ClickHouse(tmp_path_factory.mktemp("clickhouse"), ensemble.port, ROOT, answers)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def share(ensemble, zookeeper, server, monkeypatch):
    """Runs the module, and gives the server the fragments; each test begins with the same configuration."""

    def run(config=None, check=False, **options):
        args = {"hosts": [ensemble.endpoint], "path": PLACE, "login_port": server.port, **options}
        if config is not None:
            args["elements"] = shared.elements(config)
        return run_module(monkeypatch, clickhouse_shared_config.main, args, check)

    # A new version each time: what servers include is never deleted.
    run({**CONFIG, "macros": {"colour": "none"}})
    result = run(CONFIG)
    run.first = result["version"]
    for name, fragment in shared.fragments(result["elements"], "18.16").items():
        server.write(name, elements_to_xml(fragment["elements"], 1))
    has_read(server, CONFIG)
    return run


def has_read(server, config):
    elements = shared.elements(config)
    until(lambda: not list(check_included(server.preprocessed_dir, "ch1", elements)), SOON, "it has read the znodes")


def rows(server, query):
    return Server(port=server.port).rows(query)


def macros(server):
    return {row["macro"]: row["substitution"] for row in rows(server, "SELECT * FROM system.macros")}


def test_a_server_includes_the_elements_beside_those_of_its_files(share, server):
    until(lambda: macros(server) == {"shard": "01", "colour": "red & blue"}, SOON, "the macro is there")
    # The element of the package is replaced, not added to.
    assert [found.text for found in read_preprocessed(server.preprocessed_dir).iter("max_concurrent_queries")] == ["77"]


def test_what_is_read_at_the_start_counts_after_one(share, server):
    server.stop()
    server.start()
    query = "SELECT value FROM system.merge_tree_settings WHERE name = 'parts_to_throw_insert'"
    assert rows(server, query) == [{"value": "444"}]


def test_the_tables_of_names_are_those_of_the_server(server):
    for table, names in (("merge_tree_settings", MERGE_TREE_SETTINGS), ("settings", SETTINGS_OF_OLDEST)):
        assert {row["name"] for row in rows(server, f"SELECT name FROM system.{table}")} == names


def test_one_write_changes_a_running_server_and_the_second_changes_nothing(share, server):
    changed = {**CONFIG, "macros": {"colour": "green"}}
    result = share(changed, check=True)
    assert (result["changed"], result["written"], result["version"]) == (True, ["macros/colour"], share.first + 1)
    assert "-macros/colour: red" not in result["diff"]["after"] and "macros/colour: green" in result["diff"]["after"]
    assert share(CONFIG)["changed"] is False
    assert share(changed)["written"] == ["macros/colour"]
    until(lambda: macros(server)["colour"] == "green", SOON, "the macro has changed")
    assert share(changed)["changed"] is False


def test_going_back_is_a_write_too(share, server):
    share({**CONFIG, "macros": {"colour": "green"}})
    report = share(state="read", version=share.first)["report"]
    assert [line for line in report if line.startswith(("+", "-"))] == [
        f"--- version {share.first}",
        f"+++ version {share.first + 1}",
        "-macros/colour: red &amp; blue",
        "+macros/colour: green",
    ]
    result = share(state="rolled_back", version=share.first)
    assert (result["version"], result["versions"][-1]["note"]) == (share.first + 2, f"version {share.first} again")
    assert result["report"][0].startswith(f"Version {share.first + 2} has the values of version {share.first} again.")
    assert result["restarts"] == [] and len(result["report"]) == 2
    until(lambda: macros(server)["colour"] == "red & blue", SOON, "the macro is the first one again")
    assert share(state="rolled_back", version=share.first)["changed"] is False
    assert "version: found 999, expected one that is kept" in share(state="rolled_back", version=999)["msg"]


def test_what_was_there_before_can_be_written_again(share):
    """As the role does when a server does not start with new values."""
    added = {**CONFIG, "macros": {"colour": "green", "size": "large"}}
    previous = share(added)["previous"]
    assert previous == shared.elements(CONFIG)
    assert share(elements=previous)["written"] == ["macros/colour"]
    # The znode that was new stays, and no file includes it.
    assert share(CONFIG)["changed"] is False


def test_only_the_last_versions_are_kept(share):
    for colour in ("green", "blue", "black"):
        result = share({**CONFIG, "macros": {"colour": colour}}, history=2)
    assert [version["version"] for version in result["versions"]] == [share.first + 2, share.first + 3]
    assert share(state="read")["versions"] == result["versions"]


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ({"parts_to_throw_inserts": 600}, "which the server does not know, expected parts_to_throw_insert"),
        ({"parts_to_throw_insert": "many"}, "parts_to_throw_insert: many, expected a number"),
    ],
)
def test_what_the_server_does_not_accept_is_not_written(share, setting, found):
    result = share({**CONFIG, "merge_tree": setting, "macros": {"colour": "green"}})
    assert result["failed"] and found in result["msg"] and "was not changed" in result["msg"]
    assert (share(state="read")["version"], share(CONFIG)["changed"]) == (share.first, False)


def test_of_two_writes_at_the_same_time_the_second_is_refused(share, zookeeper):
    wanted = shared.elements({**CONFIG, "macros": {"colour": "green"}})
    store = Store(zookeeper, PLACE)
    late = plan(store.read(wanted), wanted, 10)
    first = {**CONFIG, "max_concurrent_queries": 88}
    share(first)
    with pytest.raises(SharedConfigError, match="Another run has changed"):
        store.write(late.operations)
    assert share(first)["changed"] is False


def test_an_element_cannot_be_deleted_by_mistake(share, zookeeper):
    with pytest.raises(NotEmptyError):
        zookeeper.delete(f"{PLACE}/current/macros/colour")


def test_without_its_znode_an_element_is_empty_but_its_section_stays(share, server, zookeeper):
    zookeeper.delete(f"{PLACE}/current/macros/colour", recursive=True)
    until(lambda: macros(server) == {"shard": "01", "colour": ""}, SOON, "the server misses the znode")
    (finding,) = check_included(server.preprocessed_dir, "ch1", shared.elements(CONFIG))
    assert (finding.found, finding.expected) == ("macros/colour is empty", "red &amp; blue")
    assert share(CONFIG)["written"] == ["macros/colour"]
    has_read(server, CONFIG)


def test_with_a_password_others_can_only_read(share, server, ensemble, zookeeper):
    assert share(CONFIG, password="kept")["changed"] is True
    assert share(CONFIG, password="kept")["changed"] is False
    place = f"{PLACE}/current/macros/colour"
    with pytest.raises(NoAuthError):
        zookeeper.set(place, b"green")
    assert "may be changed with another password only" in share({**CONFIG, "macros": {"colour": "green"}})["msg"]
    assert share({**CONFIG, "macros": {"colour": "green"}}, password="kept")["written"] == ["macros/colour"]
    until(lambda: macros(server)["colour"] == "green", SOON, "the server reads without the password")
    assert share({**CONFIG, "macros": {"colour": "green"}}, password="other")["failed"]
    owner = KazooClient(hosts=ensemble.endpoint, auth_data=[("digest", "zoohouse:kept")])
    owner.start()
    Store(owner, PLACE).protect()
    owner.stop()
    owner.close()


def test_without_zookeeper_a_running_server_keeps_what_it_has_read_and_one_that_starts_waits(share, server, ensemble):
    """18.16 has a preprocessed copy, but does not find it when it starts. Its unit starts it until it succeeds."""
    ensemble.stop()
    try:
        # Until it notices, it reads what it keeps of the znodes; then the statement fails.
        with contextlib.suppress(ClickHouseError):
            Server(port=server.port).execute("SYSTEM RELOAD CONFIG")
        assert macros(server)["colour"] == "red & blue"
        server.stop()
        server.launch_server()
        assert server.process.wait(30) != 0
    finally:
        ensemble.start()
    server.start()
    assert macros(server)["colour"] == "red & blue"
