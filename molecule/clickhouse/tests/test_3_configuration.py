"""Named settings on real servers: read back, one rolling restart for what needs one, none for what is reloaded."""

import http.client
import re

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.setting_names import SETTINGS_OF_OLDEST
from lab import QueryError

NEW = "18.16.102"
SECRET = "for fetches <&> only"
SETTINGS = {
    "clickhouse_version": NEW,
    "clickhouse_server_settings": {
        "keep_alive_timeout": 7,
        "max_connections": 300,
        "max_concurrent_queries": 50,
        "mark_cache_size": 1073741824,
        # Bytes: no table with rows can be dropped.
        "max_table_size_to_drop": 1,
    },
    "clickhouse_logger": {"size": "10M", "count": 3},
    "clickhouse_zookeeper_client": {"operation_timeout_ms": 11000},
    "clickhouse_distributed_ddl": {"task_max_lifetime": 100000, "profile": "default"},
    "clickhouse_listen_hosts": ["127.0.0.2"],
    "clickhouse_paths": {"tmp": "/srv/clickhouse-tmp/"},
    "clickhouse_interserver_user": "fetch",
    "clickhouse_interserver_password": SECRET,
    "clickhouse_shard_weights": {"01": 3},
}


def processes(lab):
    return {host: lab.pid(host, "clickhouse-server") for host in lab.hosts("clickhouse")}


def keep_alive(lab, host):
    """The header in which a server says how long it keeps an idle connection."""
    connection = http.client.HTTPConnection(lab.address(host), 8123, timeout=10)
    connection.request("GET", "/ping")
    header = connection.getresponse().getheader("Keep-Alive")
    connection.close()
    return header


def weights(lab, host):
    return lab.sql(host, "SELECT DISTINCT shard_weight FROM system.clusters WHERE cluster = 'main'")


def test_settings_need_one_rolling_restart_and_are_read_back(lab, playbook):
    before = processes(lab)
    done = playbook("site", "--diff", **SETTINGS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(re.findall(r"Restart the replica\] \*+\nchanged: \[(\w+)\]", done.stdout)) == sorted(before)
    assert all(pid != before[host] for host, pid in processes(lab).items())
    assert SECRET not in done.stdout + done.stderr and "fetches &lt;" not in done.stdout
    for host in before:
        assert keep_alive(lab, host) == "timeout=7"
        assert weights(lab, host) == "3"
        assert lab.on(host).socket("tcp://127.0.0.2:8123").is_listening
        assert lab.on(host).file("/srv/clickhouse-tmp").user == "clickhouse"
        with pytest.raises(QueryError, match=r"greater than max_\[table/partition\]_size_to_drop \(1\.00 B\)"):
            lab.sql(host, "DROP TABLE demo.hits")


def test_the_next_run_with_settings_changes_nothing(playbook):
    again = playbook("site", **SETTINGS)
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_replicas_fetch_parts_with_their_login(lab):
    rows = int(lab.sql("deb1", "SELECT count() FROM demo.hits"))
    lab.sql("file1", "INSERT INTO demo.hits SELECT today(), number FROM numbers(100000, 50)")
    for host in lab.hosts("clickhouse"):
        lab.reads(host, "SELECT count() FROM demo.hits", str(rows + 50))


def test_weights_are_reloaded(lab, playbook):
    before = processes(lab)
    done = playbook("site", **{**SETTINGS, "clickhouse_shard_weights": {"01": 5}})
    assert done.returncode == 0, done.stdout + done.stderr
    assert {weights(lab, host) for host in before} == {"5"}
    assert processes(lab) == before


def test_the_role_knows_the_settings_of_profiles(lab):
    assert set(lab.sql("deb1", "SELECT name FROM system.settings").split()) == SETTINGS_OF_OLDEST


WRONG = {
    "an unknown setting of a profile": (
        {"clickhouse_profiles": {"short": {"settings": {"max_memory_usag": 1}}}},
        "clickhouse_profiles: found short: unknown setting max_memory_usag, expected max_memory_usage, which",
    ),
    "an unknown key": (
        {"clickhouse_server_settings": {"max_conections": 300}},
        "clickhouse_server_settings: found unknown key max_conections, expected max_connections, which is similar",
    ),
    "a value of another type": (
        {"clickhouse_logger": {"count": "many"}},
        "clickhouse_logger: found count: many, expected",
    ),
    "what the version lacks": (
        {"clickhouse_logger": {"format": "json"}},
        "clickhouse_logger: format, which needs ClickHouse 22.9 or later; this is 18.16.102",
    ),
    "a weight of zero": ({"clickhouse_shard_weights": {"01": 0}}, "clickhouse_shard_weights: found 01: 0, expected"),
    "another data directory": (
        {"clickhouse_paths": {"data": "/srv/other/"}},
        "clickhouse_paths: found data: /srv/other/, but the tables demo.hits are in /var/lib/clickhouse/",
    ),
    "an unknown key of a user": (
        {"clickhouse_users": {"reader": {"password": "x", "profil": "readonly"}}},
        "clickhouse_users: found reader: unknown key profil, expected profile, which is similar",
    ),
    "a profile that is not defined": (
        {"clickhouse_users": {"reader": {"password": "x", "profile": "short"}}},
        "clickhouse_users: found reader: profile: short, which is not defined, expected one of default, readonly",
    ),
    "a filter of rows that the version would ignore": (
        {"clickhouse_users": {"reader": {"password": "x", "filters": {"demo": {"hits": "n = 1"}}}}},
        "clickhouse_users: reader: filters, which needs ClickHouse 20.1 or later; this is 18.16.102",
    ),
    "metadata that the version lacks": (
        {"clickhouse_metadata": {"functions": {}}},
        "clickhouse_metadata.functions: in use, which needs ClickHouse 23.3 or later; this is 18.16.102",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings_change_no_host(lab, playbook, name):
    variables, text = WRONG[name]
    before = processes(lab)
    done = playbook("site", **{**SETTINGS, **variables})
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0 and f"deb1: {text}" in output and "no host was changed" in output, output
    assert "changed: [" not in done.stdout
    assert processes(lab) == before


def test_without_the_settings_everything_is_as_before(lab, playbook):
    done = playbook("site", clickhouse_version=NEW)
    assert done.returncode == 0, done.stdout + done.stderr
    for host in lab.hosts("clickhouse"):
        assert keep_alive(lab, host) != "timeout=7"
        assert weights(lab, host) == "1"
    lab.sql("deb1", "DROP TABLE demo.hits ON CLUSTER main", distributed_ddl_task_timeout=60)
