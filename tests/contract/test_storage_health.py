# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Real queues of Distributed tables, disks and detached parts of an engine, as the health check sees them."""

import pytest
from engines import EngineServer

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.figures import check_figures, read_figures
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.local import read_broken
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen

# Nothing listens on the port.
REPLICA = "<replica><host>127.0.0.1</host><port>1</port></replica>"
CLUSTER = f"<remote_servers><away><shard>{REPLICA}</shard></away></remote_servers>"
DISKS = (
    "<storage_configuration><disks><cold><path>{}/</path></cold></disks><policies><both><volumes><all>"
    "<disk>default</disk><disk>cold</disk></all></volumes></both></policies></storage_configuration>"
)
# The library lacks this table.
LACKING = ("system.asynchronous_metrics", "(SELECT '' AS metric, 0.5 AS value)")


class StorageServer(EngineServer):
    def _request(self, method, path, body):
        return super()._request(method, path, body.replace(*LACKING))


def bad(server, **limits):
    """Problems of the engine with its own storage; how full the disks of this machine are does not count."""
    figures = read_figures(server, "ch1", version=server.engine.full_version)
    assert figures.errors == {}
    limits = {"disk_used": 100, "disk_full": 100, **limits}
    return {
        (finding.check, finding.subject): finding
        for finding in problems(check_figures(figures, chosen(DEFAULTS, limits)))
    }


@pytest.fixture
def engine(version, start, tmp_path):
    (tmp_path / "cold").mkdir()
    return start(version, {"config.d/a.xml": CLUSTER + DISKS.format(tmp_path / "cold")})


def test_a_distributed_table_that_cannot_send_and_a_broken_block(engine, tmp_path):
    server = StorageServer(engine)
    engine.query("CREATE DATABASE d ENGINE = Atomic")
    engine.query("CREATE TABLE d.all (n Int8) ENGINE = Distributed(away, d, hits, n)")
    engine.query("SYSTEM STOP DISTRIBUTED SENDS d.all")
    engine.query("INSERT INTO d.all SELECT 1")
    assert bad(server) == {}
    (block,) = tmp_path.rglob("shard1_*/*.bin")
    tries = 0
    while not bad(server, distributed_errors=0):
        with pytest.raises(ClickHouseError):
            engine.query("SYSTEM FLUSH DISTRIBUTED d.all")
        tries += 1
        assert tries < 5
    found = bad(server, distributed_errors=0)[("distributed_errors", "ch1 d.all")]
    assert found.severity == WARNING and "Connection refused" in found.hint
    block.write_bytes(block.read_bytes()[:20])
    with pytest.raises(ClickHouseError):
        engine.query("SYSTEM FLUSH DISTRIBUTED d.all")
    found = bad(server, distributed_errors=1000)
    assert [(*key, finding.severity) for key, finding in found.items()] == [
        ("distributed_broken", "ch1 d.all", CRITICAL)
    ]
    (data,) = tmp_path.glob("*/data")
    assert read_broken(str(data)) == {"d.all": 1}


def test_every_disk_and_its_detached_parts(engine, tmp_path):
    server = StorageServer(engine)
    assert {subject for _check, subject in bad(server, disk_used=0)} == {"ch1", "ch1 disk cold"}
    engine.query("CREATE DATABASE d ENGINE = Atomic")
    engine.query("CREATE TABLE d.t (n Int8) ENGINE = MergeTree ORDER BY n SETTINGS storage_policy = 'both'")
    engine.query("INSERT INTO d.t SELECT 1")
    engine.query("ALTER TABLE d.t MOVE PARTITION ID 'all' TO DISK 'cold'")
    engine.query("ALTER TABLE d.t DETACH PARTITION ID 'all'")
    assert list((tmp_path / "cold").rglob("detached/all_*"))
    assert bad(server)[("detached_parts", "ch1")].found == "1 parts"
