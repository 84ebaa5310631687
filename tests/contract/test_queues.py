# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What Distributed tables have queued, as an engine keeps it in files."""

import pytest
from engines import Engine

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.deployed import read_all_queues

# Nobody listens on these ports.
CLUSTERS = """\
<clickhouse><remote_servers>
    <main>
        <shard><internal_replication>true</internal_replication>
            <replica><host>127.0.0.1</host><port>1</port></replica>
            <replica><host>127.0.0.1</host><port>2</port></replica>
        </shard>
        <shard><internal_replication>{internal}</internal_replication>
            <replica><host>127.0.0.1</host><port>3</port><user>cluster</user><password>open, sesame</password></replica>
        </shard>
    </main>
</remote_servers></clickhouse>
"""


@pytest.fixture
def queues(version, tmp_path):
    """What is queued after a row for the second shard."""
    engines = []

    def read(internal, **settings):
        (tmp_path / "config.d").mkdir()
        (tmp_path / "config.d" / "clusters.xml").write_text(CLUSTERS.format(internal=internal))
        engines.append(Engine(version, tmp_path))
        for statement in (
            *(f"SET {name} = {value}" for name, value in settings.items()),
            "CREATE DATABASE demo",
            "CREATE TABLE demo.`all-hits` (id UInt64) ENGINE = Distributed('main', 'demo', 'hits', id)",
            "INSERT INTO demo.`all-hits` SELECT 1",
        ):
            engines[-1].query(statement)
        return read_all_queues(str(tmp_path))

    yield read
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("internal", ["true", "false"])
@pytest.mark.parametrize(("compact", "shard"), [(1, 2), (0, 0)])
def test_queued_blocks(queues, internal, compact, shard):
    (queue,) = queues(internal, use_compact_format_in_distributed_parts_names=compact)
    assert (queue["table"], queue["endpoints"], queue["files"]) == ("demo.all-hits", ["127.0.0.1:3"], 1)
    assert queue["shard"] == shard and queue["bytes"] > 0 and queue["age"] < 60
