# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The deployed replica, from files that the test makes as an 18.16 server has them."""

import re
from pathlib import Path

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse import deployed, server_config

CONFIG = """\
<?xml version="1.0"?>
<yandex>
    <http_port>8123</http_port>
    <path>{data}/</path>
    <remote_servers>
        <test_shard_localhost><shard><replica><host>localhost</host><port>9000</port></replica></shard></test_shard_localhost>
    </remote_servers>
</yandex>
"""
TEMPLATES = Path(__file__).parents[5] / "roles" / "clickhouse" / "templates" / "config.d"
MACROS = """\
<yandex>
    <macros replace="replace"><cluster>main</cluster><shard>01</shard><replica>ch1</replica></macros>
    <zookeeper><root>/clickhouse/main</root></zookeeper>
</yandex>
"""
SERVERS = """\
<yandex>
    <remote_servers replace="replace">
        <main>
            <!-- shard 01 -->
            <shard>
                <replica><host>ch1</host><port>9000</port><user>cluster</user><password>open sesame</password></replica>
            </shard>
            <!-- shard 02 -->
            <shard>
                <replica><host>ch3</host><port>9000</port><user>cluster</user><password>open sesame</password></replica>
            </shard>
        </main>
    </remote_servers>
</yandex>
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def read(tmp_path):
    """Reads the deployed replica; the configuration and the data are below etc and data."""
    write(tmp_path / "etc" / "config.xml", CONFIG.format(data=tmp_path / "data"))

    def run(user="cluster", password="open sesame"):
        login = deployed.login_hash(user, password)
        return deployed.read_deployed(str(tmp_path / "etc"), str(tmp_path / "record"), login)

    return run


@pytest.fixture
def configured(tmp_path):
    write(tmp_path / "etc" / "config.d" / "macros.xml", MACROS)
    write(tmp_path / "etc" / "config.d" / "remote_servers.xml", SERVERS)


def test_the_fragments_of_the_role():
    for element, name in server_config.ROLE_FRAGMENTS.items():
        text = (TEMPLATES / f"{name}.j2").read_text()
        assert f"    <{element}" in text or f"__clickhouse_fragments.{element} " in text


def test_nothing_is_deployed(tmp_path):
    assert deployed.read_deployed(str(tmp_path / "etc"), str(tmp_path / "record"), "") is None


def test_a_server_of_someone_else(read):
    server = read()
    assert (server["own"], server["macros"], server["zookeeper_root"], server["shards"]) == (False, {}, "", [])
    assert (server["replicated_tables"], server["queues"], server["login_changed"]) == ([], [], False)


def test_the_configuration_of_the_role(read, configured, tmp_path):
    (tmp_path / "record").touch()
    server = read()
    assert server["own"] is True
    assert server["macros"] == {"cluster": "main", "shard": "01", "replica": "ch1"}
    assert server["zookeeper_root"] == "/clickhouse/main"
    assert server["ports"]["clickhouse_http_port"] == "8123"
    assert server["shards"] == [
        {"name": "01", "endpoints": ["ch1:9000"]},
        {"name": "02", "endpoints": ["ch3:9000"]},
    ]
    assert server["joining"] is False
    assert server["login_changed"] is False


def test_a_replica_that_has_not_joined_yet(read, configured, tmp_path):
    # The comment of the template.
    template = (TEMPLATES / "remote_servers.xml.j2").read_text()
    (comment,) = re.findall("<!-- joining.*?-->", template)
    marked = SERVERS.replace("        <main>", f"        {comment}\n        <main>")
    write(tmp_path / "etc" / "config.d" / "remote_servers.xml", marked)
    server = read()
    assert server["joining"] is True
    assert [shard["name"] for shard in server["shards"]] == ["01", "02"]


@pytest.mark.parametrize("login", [("other", "open sesame"), ("cluster", "other")])
def test_another_login(read, configured, login):
    assert read(*login)["login_changed"] is True


def test_tables_and_their_queues(read, configured, tmp_path):
    metadata = tmp_path / "data" / "metadata" / "demo"
    write(metadata / "hits.sql", "ATTACH TABLE hits\n(\n    id UInt64\n)\nENGINE = ReplicatedMergeTree('/t', '{r}')\n")
    write(metadata / "hits%2Dall.sql", "ATTACH TABLE x\nENGINE = Distributed(main, 'demo', 'hits', id)\n")
    write(metadata / "notes.sql", "ATTACH TABLE notes\nENGINE = Log\n")
    queue = (
        tmp_path
        / "data"
        / "data"
        / "demo"
        / "hits%2Dall"
        / "cluster:open%2C%40sesame@ch3:9000#demo,cluster:x@ch4%2Eexample:9000#demo"
    )
    write(queue / "1.bin", "12345")
    write(queue / "2.bin", "123")
    write(queue / "tmp" / "3.bin", "1")
    (queue.parent / "cluster:open%20sesame@ch1:9000").mkdir()
    server = read()
    assert (server["replicated_tables"], server["distributed_tables"]) == (["demo.hits"], ["demo.hits-all"])
    assert server["queues"][0].pop("age") < 60
    assert server["queues"] == [
        {"table": "demo.hits-all", "endpoints": ["ch3:9000", "ch4.example:9000"], "files": 2, "bytes": 8, "shard": 0}
    ]
    assert "sesame" not in str(server)


@pytest.mark.parametrize(
    ("directory", "expected"),
    [
        ("shard1_all_replicas", (["ch1:9000"], 1)),
        ("shard2_replica1", (["ch3:9000"], 2)),
        # Neither is in the cluster that is configured now.
        ("shard2_replica2", (["shard 2"], 2)),
        ("shard3_all_replicas", (["shard 3"], 3)),
    ],
)
def test_queues_of_modern_servers_belong_to_a_shard(read, configured, tmp_path, directory, expected):
    data = tmp_path / "data"
    write(data / "metadata" / "demo" / "all.sql", "ATTACH TABLE x\nENGINE = Distributed('main', 'demo', 'hits')\n")
    write(data / "data" / "demo" / "all" / directory / "1.bin", "12345")
    write(data / "data" / "demo" / "all" / directory / "broken" / "2.bin", "1")
    (queue,) = read()["queues"]
    assert (queue["endpoints"], queue["shard"], queue["files"]) == (*expected, 1)


def test_a_broken_fragment_is_ignored(read, configured, tmp_path):
    write(tmp_path / "etc" / "config.d" / "zz.xml", "<yandex><macros>")
    assert read()["macros"]["shard"] == "01"


def test_fragments_remove_and_override(read, configured, tmp_path):
    write(tmp_path / "etc" / "config.d" / "zz.xml", '<yandex><macros remove="1"/><path>/srv/</path></yandex>')
    server = read()
    assert (server["macros"], server["data_path"], server["role_data_path"]) == ({}, "/srv/", "")


def test_the_data_directory_of_the_role(read, configured, tmp_path):
    write(tmp_path / "etc" / "config.d" / "paths.xml", "<yandex><path>/data/</path></yandex>")
    server = read()
    assert (server["data_path"], server["role_data_path"]) == ("/data/", "/data/")


def test_the_macros_and_clusters_of_the_role(read, configured, tmp_path):
    """Not those of other fragments."""
    fragments = tmp_path / "etc" / "config.d"
    write(fragments / "macros.xml", "<yandex><macros><!-- x --><shard>01</shard><layer>a</layer></macros></yandex>")
    write(fragments / "remote_servers.xml", "<yandex><remote_servers><main/><mirror/></remote_servers></yandex>")
    write(fragments / "zz-extra.xml", "<yandex><macros><rack>1</rack></macros></yandex>")
    assert read()["role_elements"] == {"macros": ["layer", "shard"], "remote_servers": ["main", "mirror"]}
    write(fragments / "macros.xml", "<yandex>")
    (fragments / "remote_servers.xml").unlink()
    assert read()["role_elements"] == {"macros": [], "remote_servers": []}


def test_substitutions(read, tmp_path):
    """18.16 is usually configured through a file with substitutions."""
    write(
        tmp_path / "etc" / "config.d" / "includes.xml",
        f"<yandex><include_from>{tmp_path}/metrika.xml</include_from>"
        '<macros incl="macros" optional="true"/><zookeeper incl="servers"/></yandex>',
    )
    write(
        tmp_path / "metrika.xml",
        "<yandex><macros><shard>7</shard></macros>"
        "<servers><node><host>zk</host></node><root>/theirs</root></servers></yandex>",
    )
    server = read()
    assert (server["macros"], server["zookeeper_root"]) == ({"shard": "7"}, "/theirs")
    assert server["zookeeper_endpoints"] == ["zk:2181"]


def test_fragments_that_count_after_those_of_the_role(read, configured, tmp_path):
    for name in ("00-site.xml", "site.xml"):
        write(tmp_path / "etc" / "config.d" / name, "<yandex><macros/><zookeeper/><logger/></yandex>")
    assert read()["late_fragments"] == {"site.xml": ["macros"]}


def test_users_and_other_tables_of_someone_else(read, tmp_path):
    write(tmp_path / "etc" / "users.xml", "<yandex><users><default/><readonly/><web/></users></yandex>")
    write(tmp_path / "etc" / "users.d" / "more.xml", "<yandex><users><etl/></users></yandex>")
    write(tmp_path / "data" / "metadata" / "shop" / "notes.sql", "ATTACH TABLE notes\nENGINE = Log\n")
    write(tmp_path / "data" / "metadata" / "system" / "query_log.sql", "ATTACH TABLE x\nENGINE = MergeTree\n")
    server = read()
    assert (server["users"], server["other_tables"]) == (["web", "etl"], ["shop.notes"])


def test_the_clusters_and_macros_that_tables_use(read, configured, tmp_path):
    metadata = tmp_path / "data" / "metadata" / "demo"
    engine = "ReplicatedMergeTree('/t/{layer}-{shard}/x', '{replica}') ORDER BY id"
    write(metadata / "hits.sql", f"ATTACH TABLE hits\n(\n    id UInt64\n)\nENGINE = {engine}\n")
    write(metadata / "all.sql", "ATTACH TABLE x\nENGINE = Distributed('main', 'demo', 'hits')\n")
    server = read()
    assert server["used_macros"] == ["layer", "replica", "shard"]
    assert server["clusters"] == {"main": {"tables": ["demo.all"], "shards": [["ch1:9000"], ["ch3:9000"]]}}


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (["clickhouse-server", "--config=/etc/a.xml"], "/etc/a.xml"),
        (["clickhouse", "server", "--config-file", "/etc/a.xml"], "/etc/a.xml"),
        (["clickhouse-server", "-C/etc/a.xml"], "/etc/a.xml"),
        (["clickhouse-server", "-C", "/etc/a.xml"], "/etc/a.xml"),
        (["clickhouse-server"], "config.xml"),
        (["clickhouse-server", "--config"], ""),
    ],
)
def test_the_configuration_in_the_arguments(arguments, path):
    assert deployed.config_argument(arguments) == path


def process(folder, name, arguments, root="/", cwd="/srv"):
    write(folder / "comm", f"{name}\n")
    (folder / "cmdline").write_bytes("\0".join([*arguments, ""]).encode())
    (folder / "root").symlink_to(root)
    (folder / "cwd").symlink_to(cwd)


def test_the_process_of_a_server(tmp_path):
    process(tmp_path / "1", "systemd", ["/sbin/init"])
    assert deployed.find_server(str(tmp_path)) == ""
    process(tmp_path / "30", "clickhouse-serv", ["clickhouse-server", "--config=c.xml"])
    assert deployed.find_server(str(tmp_path)) == "/srv/c.xml"


def test_a_server_in_a_container_is_not_on_this_host(tmp_path):
    process(tmp_path / "30", "clickhouse-serv", ["clickhouse-server"], root=tmp_path)
    assert deployed.find_server(str(tmp_path)) == ""


def test_the_root_of_a_process_may_be_hidden(tmp_path, monkeypatch):
    def hidden(*_paths):
        raise PermissionError

    process(tmp_path / "30", "clickhouse-serv", ["clickhouse-server", "-C/etc/c.xml"])
    monkeypatch.setattr(deployed.os.path, "samefile", hidden)
    monkeypatch.setattr(deployed.os, "readlink", hidden)
    assert deployed.find_server(str(tmp_path)) == "/etc/c.xml"


@pytest.mark.parametrize("text", ["", "<", "<a/>", "<yandex><macros>", "\0\xff", "<yandex>" + "<a>" * 500])
def test_a_configuration_that_is_none(tmp_path, text):
    write(tmp_path / "etc" / "config.xml", text)
    server = deployed.read_deployed(str(tmp_path / "etc"), str(tmp_path / "record"), "")
    assert server is None or server["macros"] == {}
