"""A ClickHouse that something else installed is adopted as it is, or left alone. Its ensemble is that of test_3."""

import contextlib
import re
import socket

import pytest

ENSEMBLE = {
    "zookeeper_adopt_existing": True,
    "zookeeper_data_dir": "/var/lib/zookeeper",
    "zookeeper_data_log_dir": "/var/lib/zookeeper",
}
ADOPT = {"clickhouse_adopt_existing": True}
# They have neither a chroot nor a macro for the cluster.
IDENTITY = {"clickhouse_zookeeper_root": "/", "clickhouse_ddl_path": "/clickhouse/task_queue/ddl"}
CONFIG = """\
<yandex>
    <path>/srv/clickhouse/</path>
    <listen_host>0.0.0.0</listen_host>
    <interserver_http_host>{address}</interserver_http_host>
    <remote_servers>
        <main>
            <shard>
                <internal_replication>true</internal_replication>
                <replica><host>{box1}</host><port>9000</port></replica>
                <replica><host>{box2}</host><port>9000</port></replica>
            </shard>
        </main>
    </remote_servers>
</yandex>
"""
# Substitutions, as most servers of that age have them.
METRIKA = """\
<yandex>
    <zookeeper-servers><node><host>{box1}</host><port>2181</port></node></zookeeper-servers>
    <macros><shard>01</shard><replica>{host}</replica></macros>
</yandex>
"""
USERS = """\
<yandex>
    <users>
        <web>
            <password>theirs</password>
            <networks><ip>::/0</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
        </web>
    </users>
</yandex>
"""
SERVERS = ("box1", "box2")


def everywhere(**variables):
    return {"all": {"vars": ENSEMBLE | variables}}


def processes(lab):
    return {host: lab.shell(host, "pgrep clickhouse-serv").strip() for host in SERVERS}


def web(lab, host, query):
    return lab.sql(host, query, user="web", password="theirs")


@pytest.fixture(scope="module", autouse=True)
def servers(lab):
    """Two replicas of theirs with a replicated and a Distributed table, and 1000 rows."""
    boxes = {host: lab.address(host) for host in SERVERS}
    for host in SERVERS:
        files = {
            "/etc/clickhouse-server/config.d/00-theirs.xml": CONFIG.format(address=boxes[host], **boxes),
            "/etc/clickhouse-server/users.d/theirs.xml": USERS,
            "/etc/metrika.xml": METRIKA.format(host=host, **boxes),
        }
        lab.shell(
            host,
            "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends clickhouse-server "
            "&& systemctl stop clickhouse-server "
            "&& mkdir -p /etc/clickhouse-server/config.d /etc/clickhouse-server/users.d "
            "&& install -d -o clickhouse -g clickhouse /srv/clickhouse",
        )
        for path, text in files.items():
            lab.shell(host, f"printf '%s' '{text}' > {path}")
        lab.shell(host, "systemctl start clickhouse-server")
    for host in SERVERS:
        lab.until(lambda host=host: web_serves(lab, host), 60, f"the server of {host} answers")
        web(lab, host, "CREATE DATABASE shop")
        web(
            lab,
            host,
            "CREATE TABLE shop.orders (day Date, id UInt64) "
            "ENGINE = ReplicatedMergeTree('/theirs/{shard}/orders', '{replica}') PARTITION BY day ORDER BY id",
        )
        web(lab, host, "CREATE TABLE shop.all AS shop.orders ENGINE = Distributed(main, shop, orders, id)")
    web(lab, "box1", "INSERT INTO shop.orders SELECT today(), number FROM numbers(1000)")
    lab.until(lambda: web(lab, "box2", "SELECT count() FROM shop.orders") == "1000", 30, "box2 has fetched the rows")


def web_serves(lab, host):
    try:
        return web(lab, host, "SELECT 1") == "1"
    except OSError:
        return False


def answers(address, port):
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_it_is_not_replaced(lab, playbook, options):
    before = processes(lab)
    done = playbook("clickhouse", everywhere(**IDENTITY), *options)
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    for host in SERVERS:
        assert (
            f"{host}: clickhouse_adopt_existing: found a ClickHouse that this role did not deploy "
            "(/etc/clickhouse-server/config.xml), with replicated tables shop.orders; Distributed tables shop.all; "
            f"users web; macros shard=01, replica={host}; a ZooKeeper with the root /; its data in /srv/clickhouse/"
        ) in output
    assert "changed: [" not in done.stdout
    assert processes(lab) == before


def test_it_does_not_get_another_identity(lab, playbook):
    before = processes(lab)
    done = playbook("clickhouse", everywhere(**ADOPT))
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    assert "box1: clickhouse_zookeeper_root: found /clickhouse/main, but the tables of the server need /" in output
    assert "box2: clickhouse_ddl_path: found /task_queue/ddl, but" in output
    assert "changed: [" not in done.stdout
    assert processes(lab) == before


def test_a_port_that_something_else_uses(lab, playbook):
    lab.shell("box4", "systemd-run --unit=theirs python3 -m http.server 8123")
    lab.until(lambda: answers(lab.address("box4"), 8123), 10, "something listens")
    done = playbook("clickhouse", everywhere(**ADOPT, **IDENTITY))
    lab.shell("box4", "systemctl stop theirs")
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    assert "box4: clickhouse ports: found another process (python3) listening on port 8123" in output


def test_it_is_adopted_with_one_rolling_restart_and_nothing_is_lost(lab, playbook):
    before = processes(lab)
    done = playbook("site", everywhere(**ADOPT, **IDENTITY))
    assert done.returncode == 0, done.stdout + done.stderr
    restarted = re.findall(r"Restart the replica\] \*+\nchanged: \[(\w+)\]", done.stdout)
    assert sorted(restarted) == list(SERVERS)
    after = processes(lab)
    assert all(after[host] != before[host] for host in SERVERS)
    for host in SERVERS:
        assert web(lab, host, "SELECT count() FROM shop.orders") == "1000"
        assert "/srv/clickhouse/" in lab.sql(host, "SELECT data_path FROM system.tables WHERE name = 'orders'")
    lab.sql("box1", "INSERT INTO shop.orders SELECT today(), number FROM numbers(1000, 10)")
    lab.reads("box2", "SELECT count() FROM shop.orders", "1010")


def test_the_next_run_changes_nothing_and_all_hosts_are_healthy(playbook):
    """In these groups a host with a member and a replica comes first, and the last one has only a replica."""
    again = playbook("site", everywhere(**ADOPT, **IDENTITY))
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout
    health = playbook("health", everywhere(**ADOPT, **IDENTITY))
    assert health.returncode == 0, health.stdout
    assert "critical" not in health.stdout and re.search(r"ok +box4 ", health.stdout), health.stdout
