# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A real ClickHouse takes over changed fragments, or gets the old ones back."""

import base64
import grp
import json
import os
import pwd

import pytest
from clickhouse_server import NEEDS_PACKAGE, ClickHouse
from helpers import http_server, run_module, systemctl

from ansible_collections.zoohouse.cluster.plugins.module_utils import config_record
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, Server
from ansible_collections.zoohouse.cluster.plugins.modules import clickhouse_reload, config_tree

OWNER = {"owner": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name}
RUNNING = "ActiveState=active\nInvocationID=run-1\n"
PROFILE = "<profiles><default><max_memory_usage>{}</max_memory_usage></default></profiles>"
USER = (
    "<users><reader><password>x</password><networks><ip>{}</ip></networks><profile>default</profile>"
    "<quota>default</quota></reader></users>"
)


def answers(server):
    try:
        return Server(port=server.port).execute("SELECT 1") == "1\n"
    except ClickHouseError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = ClickHouse(tmp_path_factory.mktemp("clickhouse"), 1, "/", answers)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class Replica:
    """Writes fragments as the role does, and runs the module. Fragments of one test are gone in the next one."""

    def __init__(self, monkeypatch, tmp_path, directory, port):
        self.monkeypatch, self.tmp, self.directory, self.port = monkeypatch, tmp_path, directory, port
        _log, self.state = systemctl(monkeypatch, tmp_path)
        self.state.write_text(RUNNING)
        self.records = tmp_path / "records"
        monkeypatch.setattr(config_record, "RECORDS", str(self.records))

    def write(self, restart=(), **fragments):
        """fragments: elements by section and name, as users_d__a. Those that are left out are removed."""
        paths = {}
        for name, elements in fragments.items():
            section, _separator, name = name.replace("_d__", ".d/").partition("/")
            (self.directory / section).mkdir(exist_ok=True)
            paths[str(self.directory / section / f"{name}.xml")] = f"<yandex>{elements}</yandex>"
        args = {
            "name": "clickhouse",
            "service": "unit.service",
            "files": [{"path": path, "mode": "0640", **OWNER} for path in paths],
            "contents": {path: base64.b64encode(text.encode()).decode() for path, text in paths.items()},
            "restart_paths": [str(self.directory / path) for path in restart],
            "reload_paths": [f"{self.directory}/config.d/*", f"{self.directory}/users.d/*"],
        }
        return run_module(self.monkeypatch, config_tree.main, args, tmp=self.tmp)

    def reload(self, check=False, **options):
        args = {"name": "ch1", "login_port": self.port, "config_dir": str(self.directory), "timeout": 5, **options}
        return run_module(self.monkeypatch, clickhouse_reload.main, {"service": "unit.service", **args}, check)

    def rows(self, query):
        return Server(port=self.port).rows(query)

    def memory(self):
        return self.rows("SELECT value FROM system.settings WHERE name = 'max_memory_usage'")[0]["value"]

    def macros(self):
        return {row["macro"]: row["substitution"] for row in self.rows("SELECT * FROM system.macros")}

    def held(self):
        return sorted(str(path.relative_to(self.directory)) for path in self.directory.glob("*.d/*.xml"))

    def record(self):
        return set(json.loads((self.records / "clickhouse.json").read_text()).values())


@pytest.fixture
def replica(monkeypatch, tmp_path, server):
    replica = Replica(monkeypatch, tmp_path, server.directory / "etc", server.port)
    yield replica
    replica.write()
    assert not replica.reload().get("failed")


@NEEDS_PACKAGE
def test_what_changed_is_read_back_once(replica):
    macros = "<macros><colour>red</colour></macros>"
    result = replica.write(config_d__zm=macros, users_d__p=PROFILE.format(12345678), users_d__u=USER.format("::/0"))
    assert (result["reload_needed"], result["restart_needed"]) == (True, False)
    result = replica.reload()
    assert result["changed"] is True
    assert result["fragments"] == ["config.d/zm.xml", "users.d/p.xml", "users.d/u.xml"]
    assert (replica.macros()["colour"], replica.memory()) == ("red", "12345678")
    # Nothing is left to do, and nothing is kept.
    result = replica.write(config_d__zm=macros, users_d__p=PROFILE.format(12345678), users_d__u=USER.format("::/0"))
    assert (result["changed"], result["reload_needed"]) == (False, False)
    assert (replica.record(), replica.reload()["changed"]) == ({""}, False)
    assert not (replica.records / "clickhouse.previous.json").exists()


@NEEDS_PACKAGE
def test_a_run_that_was_interrupted_is_completed_by_the_next_one(replica):
    replica.write(users_d__p=PROFILE.format(12345678))
    result = replica.write(users_d__p=PROFILE.format(12345678))
    assert (result["changed"], result["changed_paths"], result["reload_needed"]) == (True, [], True)
    assert replica.reload()["fragments"] == ["users.d/p.xml"]


@NEEDS_PACKAGE
def test_what_is_removed_is_gone(replica):
    replica.write(users_d__u=USER.format("::/0"), users_d__p=PROFILE.format(12345678))
    replica.reload()
    assert replica.write()["reload_needed"] is True
    assert replica.reload()["fragments"] == ["users.d/p.xml", "users.d/u.xml"]
    with pytest.raises(ClickHouseError, match="Unknown user reader"):
        Server(port=replica.port, user="reader", password="x").execute("SELECT 1")
    assert replica.memory() != "12345678"


@NEEDS_PACKAGE
def test_files_that_the_server_rejects_are_put_back(replica):
    replica.write(users_d__u=USER.format("10.0.0.0/8"))
    assert replica.reload()["fragments"] == ["users.d/u.xml"]
    before = replica.held()
    replica.write(users_d__u=USER.format("no/such"), users_d__new=PROFILE.format(12345678))
    result = replica.reload(timeout=0)
    assert result["failed"] is True
    assert "found Poco::Exception. Code: 1000" in result["msg"] and "Invalid address: no" in result["msg"]
    assert "expected a server that accepts users.d/new.xml, users.d/u.xml." in result["msg"]
    assert "were put back, and the server has read them" in result["msg"]
    assert [path.rpartition("/")[2] for path in result["put_back"]] == ["new.xml", "u.xml"]
    assert replica.held() == before
    assert "10.0.0.0/8" in (replica.directory / "users.d" / "u.xml").read_text()
    assert replica.memory() != "12345678"
    # Nothing is pending: the next run writes the files again.
    assert (replica.record(), replica.reload()["changed"]) == ({""}, False)


@NEEDS_PACKAGE
def test_files_with_which_nobody_can_log_in_are_put_back(replica):
    replica.write(users_d__p="<profiles><default><no_such_setting>1</no_such_setting></default></profiles>")
    result = replica.reload(timeout=1)
    assert result["failed"] is True
    assert "Unknown setting no_such_setting" in result["msg"] and "the server has read them" in result["msg"]
    assert answers(replica)


@NEEDS_PACKAGE
def test_a_value_that_is_not_in_force_is_an_error(replica):
    users = "<users><default><profile>web</profile></default></users>"
    web = "<profiles><web><max_memory_usage>{}</max_memory_usage>{}</web>{}</profiles>"
    replica.write(users_d__p=web.format(23456789, "", "") + users)
    assert replica.reload()["fragments"] == ["users.d/p.xml"]
    # A parent that comes later wins.
    limit = "<parent><max_memory_usage>45678901</max_memory_usage></parent>"
    replica.write(users_d__p=web.format(34567890, "<profile>parent</profile>", limit) + users)
    result = replica.reload(timeout=0)
    assert "ch1: reload: found users.d/p.xml: the profile setting web/max_memory_usage is 45678901" in result["msg"]
    assert "expected 34567890" in result["msg"]
    assert "23456789" in (replica.directory / "users.d" / "p.xml").read_text()
    assert replica.memory() == "23456789"


@NEEDS_PACKAGE
def test_a_restart_reads_everything(replica):
    result = replica.write(restart=["config.d/zm.xml"], config_d__zm="<macros/>", users_d__p=PROFILE.format(12345678))
    assert (result["reload_needed"], result["restart_needed"]) == (False, True)
    assert replica.reload()["changed"] is False
    replica.state.write_text("ActiveState=active\nInvocationID=run-2\n")
    assert replica.write(config_d__zm="<macros/>", users_d__p=PROFILE.format(12345678))["reload_needed"] is False


@NEEDS_PACKAGE
def test_check_mode_reloads_nothing(replica):
    replica.write(users_d__p="<profiles><default><no_such_setting>1</no_such_setting></default></profiles>")
    result = replica.reload(check=True)
    assert (result["changed"], result["fragments"]) == (True, [])
    assert replica.held() == ["config.d/test.xml", "users.d/p.xml"]
    replica.reload(timeout=0)


# --- Newer servers, which show more


LIMIT = "<max_concurrent_queries>{}</max_concurrent_queries>"
LOG = "{} [ 1 ] {{}} <Error> Application: Error updating configuration from '/etc/config.xml' config.: {}"


@pytest.fixture
def modern(monkeypatch, tmp_path):
    """run(tables, **fragments): the result for a server that shows these rows; what was asked is in run.asked."""
    directory = tmp_path / "etc"
    directory.mkdir()
    (directory / "users.xml").write_text("<clickhouse/>")
    (directory / "config.xml").write_text(
        f"<clickhouse><logger><errorlog>{tmp_path}/log</errorlog></logger></clickhouse>"
    )
    run = Replica(monkeypatch, tmp_path, directory, 0)

    def answer(query):
        if "RELOAD" in query:
            return ""
        if "version()" in query:
            return json.dumps({"data": [{"version": "25.8.2.1"}]})
        for table, rows in run.tables.items():
            if f"system.{table}" in query:
                return rows if isinstance(rows, tuple) else json.dumps({"data": rows})
        return json.dumps({"data": [{"children": 1, "queues": 1}] if "system.zookeeper" in query else []})

    run.tables = {}
    with http_server(answer) as (run.port, run.requests):
        yield run


def test_a_limit_that_the_server_has_taken_over(modern):
    modern.tables["server_settings"] = [{"name": "max_concurrent_queries", "value": "200", "default": "0"}]
    modern.write(config_d__limits=LIMIT.format(200))
    assert modern.reload(timeout=0)["fragments"] == ["config.d/limits.xml"]
    assert any("system.server_settings" in body for _path, _headers, body in modern.requests)


def test_a_limit_that_the_server_has_not_taken_over_names_all_there_is_to_know(modern, tmp_path):
    modern.tables["server_settings"] = [{"name": "max_concurrent_queries", "value": "100", "default": "0"}]
    (tmp_path / "log").write_text(
        "\n".join(
            [LOG.format("2020.01.01 00:00:00.1", "old"), LOG.format("2099.01.01 00:00:00.1", "Code: 36"), "other"]
        )
    )
    modern.write(config_d__limits=LIMIT.format(200))
    result = modern.reload(timeout=0)
    path = modern.directory / "config.d" / "limits.xml"
    assert result["msg"].splitlines() == [
        "ch1 has not taken over its new configuration:",
        "- ch1: reload: found config.d/limits.xml: the server setting max_concurrent_queries is 100, expected 200. "
        "The server has not taken it over. Correct the variable that sets it.",
        "Its log says: Error updating configuration from '/etc/config.xml' config.: Code: 36",
        f"The files before the change were put back, and the server has read them: {path}.",
    ]
    assert (result["put_back"], path.exists()) == ([str(path)], False)


def test_a_user_that_is_still_there_is_an_error(modern):
    modern.write(users_d__u=USER.format("::/0"))
    modern.tables["users"] = [{"name": "reader", "value": "present"}]
    assert modern.reload(timeout=0)["fragments"] == ["users.d/u.xml"]
    modern.write()
    assert "the user reader is present, expected no such." in modern.reload(timeout=0)["msg"]


def test_a_table_that_the_user_may_not_read_says_nothing(modern):
    modern.tables["users"] = (403, "Code: 497. DB::Exception: admin: Not enough privileges. (ACCESS_DENIED)")
    modern.write(users_d__u=USER.format("::/0"))
    assert modern.reload(timeout=0)["fragments"] == ["users.d/u.xml"]


def test_another_error_is_one(modern):
    modern.tables["users"] = (500, "Code: 241. DB::Exception: Memory limit (total) exceeded")
    modern.write(users_d__u=USER.format("::/0"))
    assert "found Code: 241. DB::Exception: Memory limit (total) exceeded" in modern.reload(timeout=0)["msg"]


def test_only_the_client_of_zookeeper_decides_whether_there_is_a_session(modern):
    modern.tables["zookeeper"] = (500, "Code: 999. Coordination::Exception: Session expired")
    modern.write(config_d__limits=LIMIT.format(200))
    assert modern.reload(timeout=0)["fragments"] == ["config.d/limits.xml"]
    modern.write(config_d__limits=LIMIT.format(200), config_d__zookeeper="<zookeeper/>")
    assert "Session expired, expected a session with ZooKeeper" in modern.reload(timeout=0)["msg"]
