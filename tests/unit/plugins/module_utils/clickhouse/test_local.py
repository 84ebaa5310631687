# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What only the host of a replica knows."""

import os
import time

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.local import (
    check_local,
    explain_down,
    read_local,
    without_repeated,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, Finding, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen


def bad(figures, **limits):
    found = problems(check_local("ch1", figures, chosen(DEFAULTS, limits)))
    return [(finding.check, finding.severity, finding.subject) for finding in found]


@pytest.fixture
def config_dir(tmp_path):
    data = tmp_path / "data" / "data" / "demo"
    metadata = tmp_path / "data" / "metadata" / "demo"
    for folder in (
        tmp_path / "etc",
        metadata,
        data / "hits" / "detached" / "201901_1_1_0",
        data / "all" / "u@ch3:9000",
    ):
        folder.mkdir(parents=True)
    (tmp_path / "etc" / "config.xml").write_text(
        f"<yandex><path>{tmp_path}/data/</path><logger><errorlog>{tmp_path}/err.log</errorlog></logger></yandex>"
    )
    (metadata / "all.sql").write_text("ATTACH TABLE x\nENGINE = Distributed(main, 'demo', 'hits')\n")
    block = data / "all" / "u@ch3:9000" / "1.bin"
    block.write_text("123")
    os.utime(block, (time.time() - 1000, time.time() - 1000))
    return str(tmp_path / "etc")


def test_the_figures_of_a_host(config_dir):
    figures = read_local(config_dir)
    assert figures["detached_parts"] == 1
    (queue,) = figures["queues"]
    assert (queue["table"], queue["files"], queue["bytes"]) == ("demo.all", 1, 3)
    assert 1000 <= queue["age"] < 1100
    assert 0 < figures["used_percent"] <= 100
    assert 0 < figures["disk_free_bytes"] < figures["disk_total_bytes"]
    # A queue that does not drain is not healthy, however short it is.
    assert bad(figures, disk_used=None, disk_full=None) == [
        ("distributed_age", CRITICAL, "ch1 demo.all for ch3:9000"),
        ("detached_parts", WARNING, "ch1"),
    ]


def test_blocks_that_a_distributed_table_has_given_up(config_dir, tmp_path):
    broken = tmp_path / "data" / "data" / "demo" / "all" / "u@ch3:9000" / "broken"
    broken.mkdir()
    assert not [item for item in bad(read_local(config_dir)) if item[0] == "distributed_broken"]
    for folder in (broken, broken.parent.with_name("u@ch4:9000") / "broken"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "1.bin").touch()
    figures = read_local(config_dir)
    assert figures["broken"] == {"demo.all": 2}
    assert ("distributed_broken", CRITICAL, "ch1 demo.all") in bad(figures)
    assert not [item for item in bad(figures, distributed_broken=2) if item[0] == "distributed_broken"]


def test_what_the_server_and_its_host_both_know_is_one_finding():
    server, host = (Finding("detached_parts", WARNING, "ch1", found, "0", "Look.") for found in ("2", "1"))
    other = Finding("detached_parts", WARNING, "ch2", "1", "0", "Look.")
    queues = [Finding("distributed_age", OK, "ch1 d.t for ch2:9000", age, "300") for age in ("1", "2")]
    assert without_repeated([server, other, *queues, host]) == [server, other, *queues]


def test_a_directory_that_does_not_exist(tmp_path):
    (tmp_path / "config.xml").write_text("<yandex><path>/does/not/exist/</path></yandex>")
    assert read_local(str(tmp_path)) == {"queues": [], "detached_parts": 0, "broken": {}}


@pytest.mark.parametrize(
    ("used", "expected"),
    [(80, []), (81, ["disk_used"]), (96, ["disk_full", "disk_used"]), (None, [])],
)
def test_the_disk(used, expected):
    assert [item[0] for item in bad({"used_percent": used})] == expected


@pytest.mark.parametrize(("files", "age", "checks"), [(50, 300, []), (51, 5, ["distributed_queue"])])
def test_the_queue_of_a_distributed_table(files, age, checks):
    queue = {"table": "demo.all", "endpoints": ["ch3:9000", "ch4:9000"], "files": files, "bytes": 10, "age": age}
    assert [item[0] for item in bad({"queues": [queue]})] == checks


def test_a_server_that_answers_is_not_explained(config_dir):
    findings = [Finding("ping", OK, "ch1", "18.16.1", "Ok.")]
    assert explain_down(lambda _command: "", findings, config_dir, 8123) == findings


def test_a_server_that_is_down_is_explained(tmp_path, config_dir):
    def run(command):
        shown = "ActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainStatus=70\n"
        return shown if command[0] == "systemctl" else ""

    (tmp_path / "err.log").write_text(
        "2026.11.26 06:26:43.6 <Error> Coordination::Exception: No node, path: /t/01/replicas/ch1/parts, stack\n"
    )
    down = Finding("ping", CRITICAL, "ch1", "refused", "Ok.", "Look.")
    other = Finding("ping", OK, "ch2", "18.16.1", "Ok.")
    first, second = explain_down(run, [down, other], config_dir, 8123)
    assert second == other
    assert first.found == (
        "refused; clickhouse-server.service is failed (failed), result exit-code, exit status 70; "
        "znodes of this replica are gone: /t/01/replicas/ch1/parts"
    )
