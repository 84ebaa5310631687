"""Named settings on real servers: read back, one rolling restart for what needs one, none for what is reloaded."""

import http.client
import re

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.users.setting_names import SETTINGS_OF_OLDEST
from lab import QueryError

SECRET = "for fetches <&> only"
SETTINGS = {
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
    "clickhouse_system_logs": {"query_log": {"partition_by": "toMonday(event_date)"}},
    "clickhouse_merge_tree": {"parts_to_throw_insert": 601},
    "clickhouse_macros": {"layer": "a"},
    "clickhouse_extra_clusters": {"everybody": {"shards": "all-replicated"}},
    "clickhouse_compression": [{"method": "zstd", "level": 1}],
    "clickhouse_extra_config": {"http_server_default_response": "by the extra configuration"},
}
# The byte that names the method, after the checksum of a block.
METHODS = {"82": "lz4", "90": "zstd"}


@pytest.fixture(scope="module", autouse=True)
def hits(lab):
    """A table with rows, as it was before the settings."""
    lab.sql("ch1", "CREATE DATABASE demo ON CLUSTER main", distributed_ddl_task_timeout=60)
    table = "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}', day, n, 8192)"
    columns = "day Date, n UInt64"
    lab.sql(
        "ch1", f"CREATE TABLE demo.hits ON CLUSTER main ({columns}) ENGINE = {table}", distributed_ddl_task_timeout=60
    )
    lab.sql("ch1", "INSERT INTO demo.hits SELECT today(), number FROM numbers(10)")


def answer(lab, host, path):
    """The header in which a server says how long it keeps an idle connection, and what it answers."""
    connection = http.client.HTTPConnection(lab.address(host), 8123, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    header, text = response.getheader("Keep-Alive"), response.read().decode()
    connection.close()
    return header, text


def methods(lab, host):
    """The methods of compression of the parts of a table."""
    parts = "/var/lib/clickhouse/data/demo/hits"
    command = f"for file in {parts}/2*/n.bin; do od -An -tx1 -j16 -N1 $file; done"
    return {METHODS[byte] for byte in lab.shell(host, command).split()}


def merge_tree(lab, host):
    return lab.sql(host, "SELECT value FROM system.merge_tree_settings WHERE name = 'parts_to_throw_insert'")


def weights(lab, host):
    return lab.sql(host, "SELECT DISTINCT shard_weight FROM system.clusters WHERE cluster = 'main'")


def test_settings_need_one_rolling_restart_and_are_read_back(lab, playbook, processes):
    before = processes()
    done = playbook("site", "--diff", **SETTINGS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(re.findall(r"Restart the replica\] \*+\nchanged: \[(\w+)\]", done.stdout)) == sorted(before)
    assert all(pid != before[host] for host, pid in processes().items())
    assert SECRET not in done.stdout + done.stderr and "fetches &lt;" not in done.stdout
    for host in before:
        assert answer(lab, host, "/ping")[0] == "timeout=7"
        assert answer(lab, host, "/")[1].strip() == "by the extra configuration"
        assert weights(lab, host) == "3"
        assert merge_tree(lab, host) == "601"
        assert lab.on(host).socket("tcp://127.0.0.2:8123").is_listening
        assert lab.on(host).file("/srv/clickhouse-tmp").user == "clickhouse"
        with pytest.raises(QueryError, match=r"greater than max_\[table/partition\]_size_to_drop \(1\.00 B\)"):
            lab.sql(host, "DROP TABLE demo.hits")


def test_the_next_run_with_settings_changes_nothing(playbook):
    again = playbook("site", **SETTINGS)
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_replicas_fetch_parts_with_their_login(lab):
    rows = int(lab.sql("ch1", "SELECT count() FROM demo.hits"))
    lab.sql("ch2", "INSERT INTO demo.hits SELECT today(), number FROM numbers(100000, 50)")
    for host in lab.hosts("clickhouse"):
        lab.reads(host, "SELECT count() FROM demo.hits", str(rows + 50))
        # The part from before the settings, and this one.
        assert methods(lab, host) == {"lz4", "zstd"}


def test_logged_queries_are_in_the_partitions_that_were_asked_for(lab):
    engine = "SELECT engine_full FROM system.tables WHERE database = 'system' AND name = 'query_log'"
    for host in lab.hosts("clickhouse"):
        lab.sql(host, "SELECT 1", log_queries=1)
        found = lab.until(lambda host=host: lab.sql(host, engine), 30, f"{host} has a query_log")
        assert "PARTITION BY toMonday(event_date)" in found


def test_weights_are_reloaded(lab, playbook, processes):
    before = processes()
    done = playbook("site", **{**SETTINGS, "clickhouse_shard_weights": {"01": 5}})
    assert done.returncode == 0, done.stdout + done.stderr
    assert {weights(lab, host) for host in before} == {"5"}
    assert processes() == before


def test_the_role_knows_the_settings_of_profiles(lab):
    assert set(lab.sql("ch1", "SELECT name FROM system.settings").split()) == SETTINGS_OF_OLDEST


# Mistakes that one message reports together.
WRONG = {
    "names and values": (
        {
            "clickhouse_profiles": {"short": {"settings": {"max_memory_usag": 1}}},
            "clickhouse_server_settings": {"max_conections": 300},
            "clickhouse_logger": {"count": "many"},
            "clickhouse_shard_weights": {"01": 0},
            "clickhouse_users": {"reader": {"password": "x", "profil": "readonly"}},
        },
        [
            "clickhouse_profiles: found short: unknown setting max_memory_usag, expected max_memory_usage, which",
            "clickhouse_server_settings: found unknown key max_conections, expected max_connections, which is similar",
            "clickhouse_logger: found count: many, expected",
            "clickhouse_shard_weights: found 01: 0, expected",
            "clickhouse_users: found reader: unknown key profil, expected profile, which is similar",
        ],
    ),
    "what the version lacks, and a profile that is not defined": (
        {
            "clickhouse_logger": {"format": "json"},
            "clickhouse_users": {
                "reader": {"password": "x", "profile": "short"},
                # The version would ignore it.
                "filtered": {"password": "x", "filters": {"demo": {"hits": "n = 1"}}},
            },
            "clickhouse_metadata": {"functions": {}},
        },
        [
            "clickhouse_logger: format, which needs ClickHouse 22.9 or later; this is 18.16.1",
            "clickhouse_users: found reader: profile: short, which is not defined, expected one of default, readonly",
            "clickhouse_users: filtered: filters, which needs ClickHouse 20.1 or later; this is 18.16.1",
            "clickhouse_metadata.functions: in use, which needs ClickHouse 23.3 or later; this is 18.16.1",
        ],
    ),
    "what tables use": (
        {"clickhouse_paths": {"data": "/srv/other/"}, "clickhouse_macros": {}, "clickhouse_extra_clusters": {}},
        [
            "clickhouse_paths: found data: /srv/other/, but the tables demo.hits",
            "clickhouse_macros: found no macro layer, but replicated tables have it in their path, expected layer: a",
            "clickhouse_extra_clusters: found no cluster everybody, but the Distributed tables demo.everywhere read it",
        ],
    ),
}


def test_tables_use_the_macros_and_the_other_clusters(lab):
    engine = "ReplicatedMergeTree('/tables/{layer}-{shard}/demo/layered', '{replica}', day, n, 8192)"
    distributed = "Distributed(everybody, demo, layered, rand())"
    for name, kind in {"layered": engine, "everywhere": distributed}.items():
        statement = f"CREATE TABLE demo.{name} ON CLUSTER main (day Date, n UInt64) ENGINE = {kind}"
        lab.sql("ch1", statement, distributed_ddl_task_timeout=60)
    # Without rows, because tables with rows cannot be dropped with these settings.
    lab.reads("ch2", "SELECT count() FROM demo.everywhere", "0")
    with lab.zookeeper("zk1") as client:
        assert client.exists("/clickhouse/main/tables/a-01/demo/layered")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings_change_no_host(lab, playbook, processes, name):
    variables, texts = WRONG[name]
    before = processes()
    done = playbook("site", **{**SETTINGS, **variables})
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0 and "no host was changed" in output, output
    for text in texts:
        assert f"ch1: {text}" in output, output
    assert "changed: [" not in done.stdout
    assert processes() == before


def test_without_the_settings_everything_is_as_before(lab, playbook):
    for name in ("everywhere", "layered"):
        lab.sql("ch1", f"DROP TABLE demo.{name} ON CLUSTER main", distributed_ddl_task_timeout=60)
    done = playbook("site")
    assert done.returncode == 0, done.stdout + done.stderr
    for host in lab.hosts("clickhouse"):
        assert answer(lab, host, "/ping")[0] != "timeout=7"
        assert answer(lab, host, "/")[1].strip() == "Ok."
        assert weights(lab, host) == "1"
        assert merge_tree(lab, host) != "601"
    lab.sql("ch1", "DROP TABLE demo.hits ON CLUSTER main", distributed_ddl_task_timeout=60)
