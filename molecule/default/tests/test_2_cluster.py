"""The cluster as its clients see it."""

import itertools

import pytest

from lab import QueryError

DDL = {"distributed_ddl_task_timeout": 60}


def peers(lab, host):
    shard = lab.variable(host, "clickhouse_shard")
    replicas = lab.hosts("clickhouse")
    return [peer for peer in replicas if peer != host and lab.variable(peer, "clickhouse_shard") == shard]


@pytest.fixture(scope="module")
def table(lab):
    """A replicated table on each shard and a Distributed one over it, made by one statement each."""
    first = lab.hosts("clickhouse")[0]
    lab.sql(first, "CREATE DATABASE demo ON CLUSTER main", **DDL)
    lab.sql(
        first,
        "CREATE TABLE demo.hits ON CLUSTER main (day Date, id UInt64, host String) ENGINE = "
        "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY id",
        **DDL,
    )
    lab.sql(
        first,
        "CREATE TABLE demo.hits_all ON CLUSTER main AS demo.hits ENGINE = Distributed(main, demo, hits, id)",
        **DDL,
    )
    return "demo.hits"


def test_each_replica_knows_its_own_shard(lab):
    # 18.16 calls every replica of the local shard local.
    for host in lab.hosts("clickhouse"):
        rows = lab.sql(host, "SELECT DISTINCT shard_num FROM system.clusters WHERE cluster = 'main' AND is_local")
        assert rows == str(int(lab.variable(host, "clickhouse_shard")))


def test_the_sample_clusters_of_the_package_are_gone(lab):
    for host in lab.hosts("clickhouse"):
        assert lab.sql(host, "SELECT DISTINCT cluster FROM system.clusters") == "main"


def test_on_cluster_reaches_all_replicas(lab, table):
    for host in lab.hosts("clickhouse"):
        names = lab.sql(host, "SELECT name FROM system.tables WHERE database = 'demo' ORDER BY name")
        assert names.split() == ["hits", "hits_all"]


def test_every_replica_is_active_in_zookeeper(lab, table):
    with lab.zookeeper(*lab.hosts("zookeeper")) as client:
        for host in lab.hosts("clickhouse"):
            shard = lab.variable(host, "clickhouse_shard")
            path = f"/clickhouse/main/tables/{shard}/demo/hits/replicas/{host}/is_active"
            assert client.exists(path).ephemeralOwner, path


def test_rows_inserted_on_each_replica_are_read_on_its_peer(lab, table):
    for number, host in enumerate(lab.hosts("clickhouse")):
        lab.sql(host, f"INSERT INTO {table} VALUES ('2026-01-01', {number}, '{host}')")
        for peer in peers(lab, host):
            lab.reads(peer, f"SELECT id FROM {table} WHERE host = '{host}'", str(number))


def test_a_distributed_table_returns_the_rows_of_both_shards(lab, table):
    for host in lab.hosts("clickhouse"):
        lab.reads(host, "SELECT host FROM demo.hits_all ORDER BY host", "\n".join(lab.hosts("clickhouse")))


def test_rows_written_through_the_distributed_table_reach_both_shards(lab, table):
    first, other = lab.hosts("clickhouse")[0], lab.hosts("clickhouse")[-1]
    rows = ", ".join(f"('2026-01-02', {number}, 'distributed')" for number in range(100))
    lab.sql(first, f"INSERT INTO demo.hits_all VALUES {rows}", insert_distributed_sync=1)
    where = "WHERE host = 'distributed'"
    for host in lab.hosts("clickhouse"):
        lab.reads(host, f"SELECT count(), sum(id) FROM demo.hits_all {where}", "100\t4950")
    for host in (first, other):
        lab.reads(host, f"SELECT count(), uniqExact(id % 2) FROM {table} {where}", "50\t1")


def test_only_the_admin_may_log_in_from_the_network(lab):
    for host in lab.hosts("clickhouse"):
        assert lab.sql(host, "SELECT 1") == "1"
        for user, password in (("default", ""), ("readonly", ""), ("cluster", "lab-cluster"), ("admin", "wrong")):
            with pytest.raises(QueryError):
                lab.sql(host, "SELECT 1", user=user, password=password)


def test_only_root_and_the_service_can_read_secrets(lab):
    for host, secret in itertools.product(lab.hosts("clickhouse"), ("lab-admin", "lab-cluster")):
        found = lab.on(host).run(f"runuser -u nobody -- grep -rIl {secret} /etc /var/lib /var/log 2>/dev/null")
        assert not found.stdout
        assert "lab-admin" not in lab.shell(host, "cat /etc/clickhouse-server/*.d/*")


def test_the_files_of_the_package_are_unchanged(lab):
    for host in lab.hosts("clickhouse"):
        assert not lab.on(host).run("dpkg --verify clickhouse-server").stdout


def test_the_service_may_open_as_many_files_as_the_host_allows(lab):
    for host in lab.hosts("clickhouse"):
        allowed = int(lab.shell(host, "ulimit -Hn"))
        limits = lab.shell(host, f"cat /proc/{lab.pid(host, 'clickhouse-server')}/limits")
        files = next(line for line in limits.splitlines() if line.startswith("Max open files"))
        assert int(files.split()[3]) == min(allowed, 500000)
