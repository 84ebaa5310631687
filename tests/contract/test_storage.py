# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine compresses parts, writes backups and knows named collections as the role says."""

import http.server
import threading
import uuid
from dataclasses import replace

import pytest
from engines import VERSIONS, EngineFailure
from rendering import evaluate
from stored import numbers

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.compression import METHODS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from inventories import SMALL

EVERY = pytest.mark.parametrize("inventory", ["everything"], indirect=True)
# Earlier libraries take the section for an option of the client that is part of them, which is a boolean.
COMPRESSING = [version for version in VERSIONS if numbers(version) >= [26, 3]]
CODEC = "SELECT default_compression_codec FROM system.parts WHERE active AND database = '{0}' AND table = 'hits'"
TABLE = "CREATE TABLE {0}.hits (n UInt64) ENGINE = MergeTree ORDER BY n"


def compressed(engine, database):
    """The codecs of a part of a table after an insert, and after a merge."""
    engine.query(f"CREATE DATABASE {database} ENGINE = Atomic")
    engine.query(TABLE.format(database))
    engine.query(f"INSERT INTO {database}.hits SELECT number FROM numbers(100000)")
    inserted = engine.query(CODEC.format(database)).strip()
    engine.query(f"OPTIMIZE TABLE {database}.hits FINAL")
    return inserted, engine.query(CODEC.format(database)).strip()


@pytest.mark.parametrize("version", COMPRESSING, indirect=True)
@pytest.mark.parametrize("inventory", ["compression"], indirect=True)
def test_the_last_case_that_applies_wins(loaded):
    """The size of a part that is inserted is not known yet, so cases with a size are for merges."""
    assert compressed(loaded, "cases") == ("ZSTD(7)", "LZ4HC(5)")


@pytest.mark.parametrize("version", COMPRESSING, indirect=True)
@pytest.mark.parametrize("method", METHODS)
def test_an_engine_has_each_method_with_its_highest_level(start, version, method):
    level = METHODS[method][1]
    case = f"<method>{method}</method>" + (f"<level>{level}</level>" if level else "")
    engine = start(version, {"config.d/a.xml": f"<compression><case>{case}</case></compression>"})
    codec = method.upper() + (f"({level})" if level else "")
    assert compressed(engine, "methods") == (codec, codec)


@pytest.mark.parametrize("version", COMPRESSING, indirect=True)
@pytest.mark.parametrize(
    "case",
    [
        "<method>zst</method>",
        "<method>zstd</method><level>23</level>",
        "<method>lz4</method><level>1</level>",
        "<method>none</method><level>1</level>",
    ],
)
def test_an_engine_rejects_inserts_with_what_the_role_rejects(start, version, case):
    engine = start(version, {"config.d/a.xml": f"<compression><case>{case}</case></compression>"})
    with pytest.raises(ClickHouseError, match=r"codec|CODEC"):
        compressed(engine, "wrong")


@pytest.mark.parametrize("version", [version for version in VERSIONS if version not in COMPRESSING], indirect=True)
def test_an_earlier_library_takes_the_section_for_an_option_of_its_client(start, version):
    with pytest.raises(EngineFailure, match="Cannot convert to boolean: zstd"):
        start(version, {"config.d/a.xml": "<compression><case><method>zstd</method></case></compression>"})


@EVERY
def test_a_backup_is_written_to_the_disk_and_to_the_path(loaded):
    loaded.query("CREATE DATABASE backups ENGINE = Atomic")
    loaded.query(TABLE.format("backups"))
    loaded.query("INSERT INTO backups.hits SELECT 7")
    places = ("Disk('saved', '{}')", "Disk('cold', '{}')", "File('/tmp/zoohouse-contract/backups/{}')")
    for number, place in enumerate(places):
        # The directories outlive the test, and a backup replaces no other one.
        destination = place.format(uuid.uuid4())
        assert "BACKUP_CREATED" in loaded.query(f"BACKUP TABLE backups.hits TO {destination}")
        assert "RESTORED" in loaded.query(f"RESTORE TABLE backups.hits AS backups.copy_{number} FROM {destination}")
        assert loaded.query(f"SELECT n FROM backups.copy_{number}") == "7\n"


@EVERY
@pytest.mark.parametrize(
    ("destination", "problem"),
    [("Disk('default', 'b')", "is not allowed for backups"), ("File('/tmp/b')", "is not allowed for backups")],
)
def test_a_backup_is_written_nowhere_else(loaded, destination, problem):
    with pytest.raises(ClickHouseError, match=problem):
        loaded.query(f"BACKUP DATABASE system TO {destination}")


def test_a_server_without_the_variable_writes_no_backup(plain):
    for destination in ("Disk('default', 'b')", "File('/tmp/b')"):
        with pytest.raises(ClickHouseError, match="configuration parameter is not set"):
            plain.query(f"BACKUP DATABASE system TO {destination}")


# Other libraries load no collections of files.
WITH_FILES = pytest.mark.parametrize("version", ["24.8", "26.9"], indirect=True)


@EVERY
@WITH_FILES
def test_a_named_collection_has_its_keys_and_hides_its_values(loaded):
    rows = loaded.rows(
        "SELECT name, mapKeys(collection) AS keys, mapValues(collection) AS items FROM system.named_collections"
    )
    (mirror,) = [row for row in rows if row["name"] == "mirror"]
    assert sorted(mirror["keys"]) == ["format", "header", "password", "url"]
    assert set(mirror["items"]) == {"[HIDDEN]"}


@WITH_FILES
def test_a_table_function_uses_a_named_collection(start, version, served):
    values = f"<url>http://127.0.0.1:{served}/</url><format>CSV</format><structure>n Int8</structure>"
    engine = start(version, {"config.d/a.xml": f"<named_collections><mirror>{values}</mirror></named_collections>"})
    assert engine.query("SELECT n FROM url(mirror)") == "7\n"


@pytest.fixture
def served():
    """Port of a server of HTTP that answers with one row."""

    class Row(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"7\n")

        def log_message(self, *_arguments):
            """It prints nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Row)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@WITH_FILES
def test_sql_cannot_create_change_or_drop_a_collection_of_a_file(start, version):
    fragment = "<named_collections><mirror><url>u</url></mirror></named_collections>"
    engine = start(version, {"config.d/a.xml": fragment})
    for statement in ("CREATE {} AS url = 'v'", "ALTER {} SET url = 'v'", "DROP {}"):
        with pytest.raises(ClickHouseError, match="mirror"):
            engine.query(statement.format("NAMED COLLECTION mirror"))


def test_the_role_validates_compression_and_backups():
    wrong = {
        "clickhouse_compression": [{"method": "zst"}],
        "clickhouse_backups": {"allowed_disk": "lost"},
        "clickhouse_extra_config": {"storage_configuration": {"disks": {"found": {"type": "local"}}}},
    }
    inventory = replace(SMALL, common={**SMALL.common, **wrong})
    errors = evaluate(inventory, "25.8", "__clickhouse_input_errors")
    assert [(error["check"], error["found"], error["expected"]) for error in errors] == [
        ("clickhouse_compression", "case 1: method: zst", "one of lz4, lz4hc, zstd, none"),
        ("clickhouse_backups", "allowed_disk: lost", "one of default, found"),
    ]
