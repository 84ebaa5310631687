# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Garbage for every parser of what a server of ClickHouse or a host says: findings, never a traceback.

The parsers of what a member of ZooKeeper says have such a test beside their other ones.
"""

import json

import pytest
from helpers import http_server, rows
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse import apt, server_config
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catalog import read_catalog
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.checks import check_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.drift import check_drift
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.figures import check_figures, read_figures
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.loaded import check_loaded
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.sql import split_statements
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import ReplicaStatus, read_replica
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.summary import summaries
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import OK, from_dicts
from ansible_collections.zoohouse.cluster.plugins.module_utils.listeners import parse_listening

SHARDS = [{"shard": "01", "replicas": [{"host": "ch1", "port": 9000}]}]
CONFIG = b"""<?xml version="1.0" encoding="utf-8"?>
<yandex><!-- one --><path>/data/</path><macros><shard>01</shard></macros><users incl="users" replace="1"/>
<remote_servers><main><!-- shard 01 --><shard><replica><host>ch1</host><port>9000</port></replica></shard></main>
</remote_servers></yandex>"""
LISTENING = b"""\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0885 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100
"""
# The start of a public key is enough.
KEY = apt.read_key(b"\x99\x01\x0d\x04" + bytes(80)).encode()
SQL = b"CREATE TABLE `a;b` (s String DEFAULT 'x;y') -- one;\nENGINE = Log; /* two */ SELECT $tag$;$tag$"
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["9" * 400, 10**400, ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


def damaged(valid):
    """Bytes like these, but cut off, mixed up, encoded in another way, huge, or nothing like them."""
    text = valid.decode()
    places = st.integers(0, len(valid))
    return st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda other: other.encode("utf-8", "replace")),
        places.map(lambda place: valid[:place]),
        st.tuples(places, st.binary(max_size=9)).map(lambda put: valid[: put[0]] + put[1] + valid[put[0] :]),
        st.sampled_from([text.encode("utf-16"), text.encode("utf-32"), text.encode("utf-8-sig"), valid * 500]),
        st.sampled_from([b"[" * 100_000, b"<a>" * 2000 + b"</a>" * 2000, b"\0" * 10_000, b"9" * 100_000, b"(" * 9999]),
        st.sampled_from([b"utf-7", b"none", b"utf-16", b"cp037"]).map(lambda name: valid.replace(b"utf-8", name)),
    )


def rows_like(valid):
    """Rows that lack columns, or have something else in them."""
    columns = sorted({column for row in valid for column in row})
    row = st.dictionaries(st.sampled_from(columns), JUNK | st.sampled_from([v for r in valid for v in r.values()]))
    return st.lists(row | st.tuples(st.sampled_from(valid), row).map(lambda both: {**both[0], **both[1]}), max_size=3)


# --- Answers of a server

REPLICAS = rows("healthy")
ANSWER = json.dumps({"data": REPLICAS}).encode()
OTHER_ROWS = [
    {"macro": "shard", "substitution": "01"},
    {"cluster": "main", "shard_num": 1, "host_name": "ch1", "port": 9000, "is_local": 1},
    {"database": "demo", "name": "hits", "engine": "ReplicatedMergeTree", "create_table_query": "CREATE", "parts": 1},
    {"name": "Uptime", "number": 1, "tries": 1, "postponed": 1, "exception": "", "children": 1, "queues": 1},
]
ANSWERS = (
    damaged(ANSWER)
    | st.lists(JUNK, max_size=3).map(lambda data: json.dumps({"data": data}).encode())
    | JUNK.map(lambda data: json.dumps(data).encode())
    | rows_like(REPLICAS + OTHER_ROWS).map(lambda data: json.dumps({"data": data}).encode())
)


@pytest.fixture(scope="module")
def speaking():
    """A server on the loopback, and a function that says what it answers: to its version, and to everything else."""
    said = {}

    def say(version, everything):
        said.update(version=version, everything=everything)

    with http_server(lambda query: said["version" if "version()" in query else "everything"]) as (port, _requests):
        yield Server(port=port, timeout=5), say


VERSION = st.sampled_from(["18.16.1", "25.8.2.1"]).map(lambda version: json.dumps({"data": [{"version": version}]}))


@given(VERSION | ANSWERS, ANSWERS)
def test_whatever_a_server_answers_it_is_findings(speaking, tmp_path_factory, version, everything):
    server, say = speaking
    say(version, everything)
    status = read_replica(server, "/task_queue/ddl", "ch1")
    figures = read_figures(server, "ch1", version=status.version)
    findings = check_replica(status, DEFAULTS, shard_replicas=2)
    findings += check_loaded(server, "ch1", {"shard": "01"}, {"main": SHARDS})
    findings += check_figures(figures, DEFAULTS, "main")
    assert findings and from_dicts([finding.as_dict() for finding in findings]) == findings
    (summary,) = summaries([status], [figures], {})
    catalogs = {host: read_catalog(server, str(tmp_path_factory.getbasetemp())) for host in ("ch1", "ch2")}
    drift = check_drift(catalogs, {"ch1": status.version}, {"ch1": "01"})
    json.dumps([summary, catalogs, [finding.as_dict() for finding in drift]])


@given(ANSWERS)
def test_an_answer_is_rows_or_an_error(speaking, everything):
    server, say = speaking
    say("", everything)
    try:
        assert all(isinstance(row, dict) for row in server.rows("SELECT 1"))
    except ClickHouseError as error:
        assert str(error)


@given(rows_like(REPLICAS) | st.lists(JUNK, max_size=3))
def test_rows_of_replicated_tables(replicas):
    findings = check_replica(ReplicaStatus("ch1", "18.16.1", replicas=replicas), DEFAULTS, shard_replicas=2)
    assert len([finding for finding in findings if finding.check == "replicated_tables"]) <= 1 + len(replicas)
    assert all(finding.hint for finding in findings if finding.severity != OK)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (None, "a row that is 'None'"),
        ({}, "a row with database 'missing', table 'missing', is_readonly 'missing'"),
        ({**REPLICAS[0], "absolute_delay": "late"}, "a row with absolute_delay 'late'"),
        ({**REPLICAS[0], "active_replicas": None}, "a row with active_replicas 'None'"),
    ],
)
def test_a_row_that_cannot_be_checked_is_critical_and_the_others_are_checked(row, found):
    findings = check_replica(ReplicaStatus("ch1", "18.16.1", replicas=[row, *REPLICAS]), DEFAULTS)
    (bad,) = [finding for finding in findings if finding.severity != OK]
    assert (bad.check, bad.severity, bad.subject) == ("replicated_tables", "critical", "ch1")
    assert bad.found.startswith(f"system.replicas: {found}")
    assert sum(finding.check == "writable" for finding in findings) == len(REPLICAS)


FINGERPRINTS = {"demo.hits": {"engine": "ReplicatedMergeTree", "definition": "1f0e3dad9990"}}


@given(
    st.dictionaries(
        st.sampled_from(["ch1", "ch2", "ch3"]),
        JUNK
        | st.dictionaries(
            st.sampled_from(["tables", "users", "settings"]),
            JUNK | st.just(FINGERPRINTS) | st.dictionaries(st.text(), JUNK),
        ),
    ),
    st.dictionaries(st.sampled_from(["ch1", "ch2"]), st.text()),
)
def test_catalogs(catalogs, versions):
    for finding in check_drift(catalogs, versions, {"ch1": "01", "ch2": "01"}):
        assert finding.found


# --- Files


@given(st.binary(max_size=3).map(lambda raw: raw.hex()), damaged(CONFIG), damaged(CONFIG), damaged(CONFIG))
def test_a_configuration(tmp_path_factory, name, main, fragment, substitutions):
    folder = tmp_path_factory.mktemp("config")
    (folder / "config.d").mkdir()
    (folder / "config.d" / f"{name}.xml").write_bytes(fragment)
    (folder / "config.d" / "directory.xml").mkdir()
    (folder / "metrika.xml").write_bytes(substitutions)
    include = b"<include_from>" + bytes(folder / "metrika.xml") + b"</include_from>"
    for text in (main, CONFIG.replace(b"<path>", include + b"<path>")):
        (folder / "config.xml").write_bytes(text)
        path = str(folder / "config.xml")
        config = server_config.read_config(path)
        assert server_config.data_path(config)
        server_config.late_fragments(path)
        if config is not None:
            server_config.read_users(path, config)
            server_config.read_shards(config, "main")
            server_config.is_joining(config)
        read_catalog(Server(port=1), str(folder), answers=False)
    # What the file itself says is read, whatever is beside it.
    assert config.tag == "yandex"


@pytest.mark.parametrize("name", ["/", "..", "[", "a[", "//a", "users[1]", "", ".", "a/../b"])
def test_a_substitution_whose_name_is_none(tmp_path, name):
    (tmp_path / "metrika.xml").write_text("<yandex><users><a/></users></yandex>")
    (tmp_path / "config.xml").write_text(
        f'<yandex><include_from>{tmp_path}/metrika.xml</include_from><users incl="{name}"/></yandex>'
    )
    config = server_config.read_config(str(tmp_path / "config.xml"))
    assert server_config.children(config, "users") == []


@given(damaged(SQL))
def test_a_schema(content):
    text = content.decode("utf-8", "replace")
    try:
        statements = split_statements(text)
    except ValueError as error:
        assert "does not end" in str(error)
    else:
        assert all(statement.text in text for statement in statements)


@given(damaged(KEY))
def test_a_key_of_a_repository(content):
    for data in (content, apt.BEGIN.encode() + b"\n\n" + content + apt.END.encode()):
        try:
            assert apt.BEGIN in apt.read_key(data)
        except ValueError as error:
            assert str(error) in ("a private key", "a web page", "other text or data", "empty")


@given(damaged(LISTENING))
def test_a_table_of_sockets(content):
    sockets = parse_listening(content.decode("ascii", "replace"))
    assert all(inode.isdigit() and 0 <= port < 65536 for inode, port in sockets.items())
